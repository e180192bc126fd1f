import type { Clock, Timer } from '../devices/clock.ts';
import type { Platform } from '../devices/platform.ts';
import type { ApplianceHealth } from './health/health.ts';

/** The watchdog wants a sign of life every 10 s; a beat may be lost. */
const BEAT_MS = 3_000;

/** Tells the watchdog that the event loop turns and the platform whether the service answers, and how late each beat came. */
export function startHeartbeat(
  clock: Clock,
  platform: Pick<Platform, 'alive'>,
  health: Pick<ApplianceHealth, 'isServing'>,
  onDelay: (seconds: number) => void,
): Disposable {
  let timer: Timer;
  const beat = (): void => {
    platform.alive(health.isServing());
    const dueMs = clock.monotonic() + BEAT_MS;
    timer = clock.timer(BEAT_MS, () => {
      onDelay(Math.max(0, clock.monotonic() - dueMs) / 1_000);
      beat();
    });
  };
  beat();
  return { [Symbol.dispose]: () => timer.cancel() };
}
