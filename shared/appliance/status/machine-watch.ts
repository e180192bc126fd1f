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
  const known = new Map<string, string>();
  let count = 0;
  let timer: Timer | undefined;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const { faults } = await platform.facts();
    for (const fault of faults) {
      const key = known.get(fault) ?? `machine-${++count}`;
      known.set(fault, key);
      health.degrade(key, fault);
    }
    for (const [fault, key] of known) {
      if (faults.includes(fault)) continue;
      known.delete(fault);
      health.recover(key);
    }
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
