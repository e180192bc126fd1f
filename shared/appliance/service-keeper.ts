import { OperationalError } from '../base/operational-error.ts';
import type { Clock } from '../devices/clock.ts';
import type { Releases } from '../components/releases/releases.ts';
import type { Log } from '../devices/log.ts';
import type { Random } from '../devices/random.ts';
import type { Administration } from './administration.ts';
import type { Health, Service, StatusSection } from './service.ts';

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 300_000;

export interface ServiceKeeper extends AsyncDisposable {
  /** Why the first attempt failed, a sentence for people. */
  readonly fault: string | undefined;
  urls(): readonly string[];
  status(): readonly StatusSection[];
  releases(): readonly Releases[];
  administration(): Administration | undefined;
}

interface KeeperOptions {
  readonly create: () => Service;
  /** Called once, when the service answers for the first time. */
  readonly onStarted: () => void;
  readonly signal: AbortSignal;
}

interface KeeperDevices {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly health: Health;
}

/**
 * Starts the service, and tries again with growing pauses for as long as it fails, so that a network or a port that comes
 * late needs nobody's hand. The reason stands in health all the while. Resolves after the first attempt.
 */
export async function keepService(devices: KeeperDevices, options: KeeperOptions): Promise<ServiceKeeper> {
  let running: Service | undefined;
  let fault: string | undefined;
  const attempt = async (): Promise<boolean> => {
    let service: Service | undefined;
    try {
      service = options.create();
      await service.start(options.signal);
      running = service;
      devices.health.recover('service');
      options.onStarted();
      return true;
    } catch (error) {
      await disposeQuietly(service);
      if (options.signal.aborted) return true;
      // What is wrong outside the program has its sentence; only a bug needs its stack.
      const detail = error instanceof OperationalError ? error.message : error;
      devices.log.error({ error: detail }, 'service did not start');
      fault = `The service did not start: ${(error as Error).message}`;
      devices.health.degrade('service', fault);
      return false;
    }
  };
  const started = await attempt();
  const firstFault = fault;
  const retrying = started ? Promise.resolve() : retry(attempt, devices, options.signal);
  return {
    fault: firstFault,
    urls: () => running?.urls() ?? [],
    status: () => running?.status() ?? [],
    releases: () => running?.releases?.() ?? [],
    administration: () => running?.administration?.(),
    async [Symbol.asyncDispose]() {
      await retrying;
      await running?.[Symbol.asyncDispose]();
    },
  };
}

async function disposeQuietly(service: Service | undefined): Promise<void> {
  try {
    await service?.[Symbol.asyncDispose]();
  } catch {
    // It did not start; why is told already.
  }
}

async function retry(
  attempt: () => Promise<boolean>,
  devices: KeeperDevices,
  signal: AbortSignal,
): Promise<void> {
  for (let pauseMs = RETRY_FIRST_MS; ; pauseMs = Math.min(RETRY_MAX_MS, pauseMs * 2)) {
    const spread = (devices.random.bytes(1)[0] ?? 0) / 256;
    await devices.clock.sleep(pauseMs / 2 + (spread * pauseMs) / 2, signal).catch(() => undefined);
    if (signal.aborted || (await attempt())) return;
  }
}
