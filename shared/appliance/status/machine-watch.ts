import type { Clock, Timer } from '../../devices/clock.ts';
import type { Platform } from '../../devices/platform.ts';
import type { Health } from '../service.ts';

/** A lease that was lost shows within this time. */
const LOOK_EVERY_MS = 30_000;

/** Faults that the machine lives with (no disk, no lease) degrade health for as long as they last. */
export function startMachineWatch(
  clock: Clock,
  platform: Pick<Platform, 'facts'>,
  health: Health,
): Disposable {
  let known: readonly string[] = [];
  let timer: Timer | undefined;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const { faults } = await platform.facts();
    for (const fault of faults) health.degrade(`machine: ${fault}`, fault);
    for (const fault of known) if (!faults.includes(fault)) health.recover(`machine: ${fault}`);
    known = faults;
  };
  const again = (): void => {
    void look()
      .catch((error: unknown) => health.degrade('machine', `The machine cannot be asked: ${String(error)}`))
      .finally(() => {
        if (!isStopped) timer = clock.timer(LOOK_EVERY_MS, again);
      });
  };
  again();
  return {
    [Symbol.dispose]() {
      isStopped = true;
      timer?.cancel();
    },
  };
}
