import { formatReadyLine } from '../base/console-lines.ts';
import type { EndKind } from '../devices/platform.ts';
import { startAppliance, type Appliance } from './appliance.ts';
import { chooseResolver } from './choose-resolver.ts';
import { loadConfiguration, type LoadedConfiguration } from './configuration/load.ts';
import type { RunOptions } from './run-options.ts';

/** One stage of the end may take this long; then the next one has its turn. A service promises 5 s. */
const STOP_STAGE_MS = 8_000;

/**
 * The whole life of an appliance, from configuration to the last sync; resolves never, since the platform ends it.
 * A process with a faulty configuration says so and exits 1; a machine shows it on the status page and waits.
 */
export async function runAppliance<Config>(given: RunOptions<Config>): Promise<void> {
  const { platform, definition } = given;
  const loaded = loadConfiguration(platform.configuration, definition, given.platformConfiguration);
  const options = { ...given, devices: chooseResolver(given.devices, loaded.appliance.resolver) };
  for (const fault of loaded.faults) platform.announce(fault, 'bad');
  const isProcess = platform.kind === 'process';
  if (loaded.faults.length > 0 && isProcess) return stop(options, [], 'fault');
  const appliance = await startAppliance(options, loaded);
  if (appliance.fault !== undefined) platform.announce(`lares: ${appliance.fault}`, 'bad');
  // Whoever started a process by hand wants to know now; a machine has nobody at hand and tries again.
  if (appliance.fault !== undefined && isProcess) return stop(options, appliance.stages, 'fault');
  await platform.lockDown();
  await announce(options, loaded, appliance);
  await aborted(platform.stopRequested);
  platform.announce('lares: stopping');
  return stop(options, appliance.stages, 'power-off');
}

async function announce<Config>(
  { platform, devices }: RunOptions<Config>,
  loaded: LoadedConfiguration<Config>,
  appliance: Appliance,
): Promise<void> {
  for (const line of appliance.entrance()) platform.announce(line);
  if (loaded.faults.length > 0) {
    platform.announce(
      'lares: the configuration is faulty, so the service is not started; nothing is lost',
      'bad',
    );
    return;
  }
  void appliance.whenStarted.then(async () => {
    const urls = await appliance.urls();
    for (const url of urls) platform.announce(`lares: ${url}`, 'good');
    const { uptimeSeconds, memory } = await platform.facts();
    const usedBytes =
      platform.kind === 'machine' ? memory.totalBytes - memory.availableBytes : process.memoryUsage.rss();
    platform.announce(formatReadyLine(uptimeSeconds, usedBytes / 1_048_576), 'good');
    devices.log.info({ urls }, 'ready');
  });
}

/** Stages end in order, each within its time, and none keeps the others from ending. */
async function stop<Config>(
  { platform, devices, definition }: RunOptions<Config>,
  stages: readonly AsyncDisposable[],
  kind: EndKind,
): Promise<void> {
  for (const stage of [...stages, devices]) {
    const late = devices.clock.sleep(STOP_STAGE_MS).then(() => 'late' as const);
    const ended = dispose(stage).catch((error: unknown) => {
      platform.announce(`lares: ${definition.name}: while stopping: ${(error as Error).message}`, 'bad');
    });
    if ((await Promise.race([ended, late])) === 'late')
      platform.announce(
        `lares: a part of ${definition.name} did not stop within ${STOP_STAGE_MS / 1_000} s`,
        'bad',
      );
  }
  await platform.end(kind);
}

async function dispose(stage: AsyncDisposable): Promise<void> {
  await stage[Symbol.asyncDispose]();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
}
