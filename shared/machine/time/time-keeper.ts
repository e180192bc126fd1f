import { setTimeout as sleep } from 'node:timers/promises';
import { markClockSynchronised, setWallClock, slewWallClock } from '../../host/ffi/wall-clock.ts';
import type { Correction, Sample } from '../../protocols/sntp/selection.ts';
import { decideCorrection } from '../../protocols/sntp/selection.ts';
import type { Privileges } from '../privileges.ts';
import { EARLIEST_MS, LATEST_MS } from './limits.ts';
import { queryServer } from './query-server.ts';

export interface TimeKeeper extends Disposable {
  /** Resolves true once the clock has been set or found right, false after `timeoutMs`. */
  ready(timeoutMs: number): Promise<boolean>;
  faults(): readonly string[];
}

export interface TimeKeeperOptions {
  /** The servers to ask now: those of the network first, then the configured ones. */
  readonly servers: () => readonly string[];
  readonly nameServers: () => readonly string[];
  /** The newest time this machine has seen; no server takes it back behind that. */
  readonly newestMs: number | undefined;
  readonly privileges: Privileges;
  readonly note: (text: string) => void;
}

/** RFC 5905 figure 8: MINPOLL is 64 s, and public servers ask clients for no less. */
const POLL_MIN_MS = 64_000;
/** RFC 5905 figure 8: 1,024 s is the usual largest interval; a crystal drifts by some 50 ms in it. */
const POLL_MAX_MS = 1_024_000;
/** Until the first success: soon, then less and less often, so that a network that comes late is noticed. */
const RETRY_FIRST_MS = 2_000;
/** More servers than this add load and no certainty. */
const SERVERS_MAX = 4;
/** How long the clock may go without a server before that is a fault: a day's drift is a few seconds. */
const FAULT_AFTER_MS = 86_400_000;
/** A little behind the newest time seen is allowed: that note may itself have been a few seconds fast. */
const NEWEST_SLACK_MS = 60_000;

/** Keeps the clock right in the background: asks, decides, corrects, and waits. Never fatal. */
export function startTimeKeeper(options: TimeKeeperOptions): TimeKeeper {
  const stop = new AbortController();
  const first = Promise.withResolvers<boolean>();
  let lastGoodMs: number | undefined;
  let lastReason = 'no time server has answered yet';
  const startMs = performance.now();

  async function run(): Promise<void> {
    let waitMs = RETRY_FIRST_MS;
    while (!stop.signal.aborted) {
      const correction = await askOnce(options, lastGoodMs !== undefined, stop.signal);
      if (correction.kind === 'refuse') {
        lastReason = correction.reason;
        waitMs = Math.min(waitMs * 2, POLL_MAX_MS);
      } else {
        apply(correction, options);
        waitMs =
          lastGoodMs === undefined ? POLL_MIN_MS : Math.min(Math.max(waitMs, POLL_MIN_MS) * 2, POLL_MAX_MS);
        lastGoodMs = performance.now();
        first.resolve(true);
      }
      // Machines that started in one moment shall not ask in one moment for ever.
      await sleep(waitMs * (0.9 + Math.random() * 0.2), undefined, { signal: stop.signal, ref: false });
    }
  }
  run().catch((error: unknown) => {
    if (!stop.signal.aborted) options.note(`time keeping ended: ${String(error)}`);
  });

  return {
    ready: timeoutMs => Promise.race([first.promise, sleep(timeoutMs, false)]),
    faults() {
      if (options.servers().length === 0) return [];
      const sinceMs = performance.now() - (lastGoodMs ?? startMs);
      const isOverdue = sinceMs > (lastGoodMs === undefined ? RETRY_FIRST_MS * 30 : FAULT_AFTER_MS);
      return isOverdue ? [`the clock is not set from the network: ${lastReason}`] : [];
    },
    [Symbol.dispose]: () => stop.abort(),
  };
}

async function askOnce(options: TimeKeeperOptions, isSet: boolean, signal: AbortSignal): Promise<Correction> {
  const servers = [...new Set(options.servers())].slice(0, SERVERS_MAX);
  const answers = await Promise.allSettled(
    servers.map(server => queryServer(server, options.nameServers(), signal)),
  );
  const samples: Sample[] = answers.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []));
  const reasons = answers.flatMap(each =>
    each.status === 'rejected' ? [(each.reason as Error).message] : [],
  );
  const earliestMs = Math.max(EARLIEST_MS, (options.newestMs ?? 0) - NEWEST_SLACK_MS);
  const sanity = { earliestMs, latestMs: LATEST_MS };
  const correction = decideCorrection(samples, { nowMs: Date.now(), sanity, asked: servers.length, isSet });
  if (correction.kind !== 'refuse' || reasons.length === 0) return correction;
  return { kind: 'refuse', reason: `${correction.reason} (${reasons.join('; ')})` };
}

function apply(
  correction: Exclude<Correction, { kind: 'refuse' }>,
  { privileges, note }: TimeKeeperOptions,
): void {
  privileges.use('sysTime', () => {
    if (correction.kind === 'step') setWallClock(Date.now() + correction.offsetMs);
    if (correction.kind === 'slew') slewWallClock(correction.offsetMs);
    markClockSynchronised(correction.errorMs);
  });
  if (correction.kind === 'step') {
    const seconds = (correction.offsetMs / 1000).toFixed(2);
    note(`clock set from the network: ${new Date().toISOString()} (${seconds} s)`);
  }
}
