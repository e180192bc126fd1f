import type { Capability } from '../host/ffi/privileges.ts';
import { giveUpRoot, setCapabilities } from '../host/ffi/privileges.ts';

/** The machine's own user and group while it runs: no entry of any user data base, and owner of the data volume. */
export const APPLIANCE_ID = 1000;

/** What PID 1 still has to do once it is no longer root, and the capability that each needs. */
const KEPT = [
  // addresses and routes by rtnetlink, for leases that change; TUN devices
  'netAdmin',
  // unmounting the data volume at the end
  'sysAdmin',
  // power-off and restart
  'sysBoot',
  // setting the clock from NTP
  'sysTime',
] as const satisfies readonly Capability[];

export interface Privileges {
  /** Runs `action` with the capability in force on this thread; synchronous, so that nothing else runs with it. */
  use<T>(capability: Capability, action: () => T): T;
  /** From here on the process is an ordinary user on every thread. */
  giveUp(): void;
}

export function createPrivileges(): Privileges {
  let isRoot = true;
  return {
    use(capability, action) {
      if (isRoot) return action();
      setCapabilities([capability], KEPT);
      try {
        return action();
      } finally {
        setCapabilities([], KEPT);
      }
    },
    giveUp() {
      giveUpRoot(APPLIANCE_ID, KEPT);
      isRoot = false;
    },
  };
}
