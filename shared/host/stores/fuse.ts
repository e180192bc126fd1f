import type { DeviceError } from '../../devices/device-error.ts';
import { storeError } from './durable-files.ts';

/**
 * Blows when a flush fails and stays blown. fsync tells of a failed write once and then calls the lost pages clean: asked
 * again it says yes without having written them (https://wiki.postgresql.org/wiki/Fsync_Errors). So after a failure
 * nothing more can be promised until what is in memory has been given up and the store is opened again.
 */
export interface Fuse {
  readonly blown: boolean;
  /** @throws DeviceError the one with which it blew. */
  assertWhole(): void;
  /** Does `work`; what it throws blows the fuse and is thrown as a DeviceError that begins with `what`. */
  guard<T>(what: string, work: () => Promise<T>): Promise<T>;
}

export function createFuse(): Fuse {
  let fault: DeviceError | undefined;
  const assertWhole = (): void => {
    if (fault !== undefined) throw fault;
  };
  return {
    get blown() {
      return fault !== undefined;
    },
    assertWhole,
    async guard(what, work) {
      assertWhole();
      try {
        return await work();
      } catch (cause) {
        fault ??= storeError(`${what} (nothing more is taken until it is opened again)`, cause);
        throw fault;
      }
    },
  };
}
