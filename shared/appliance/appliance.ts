import { formatFingerprintLine } from '../base/console-lines.ts';
import type { Releases } from '../components/releases/releases.ts';
import type { SelfSigned } from '../components/x509/self-signed.ts';
import type { Platform, PlatformFacts } from '../devices/platform.ts';
import { startAdmin, type Admin, type AdminSources } from './admin/admin.ts';
import type { Administration } from './administration.ts';
import { loadAdminCertificate } from './admin/certificate.ts';
import type { LoadedConfiguration } from './configuration/load.ts';
import type { ApplianceHealth } from './health/health.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createApplianceMetrics } from './metrics/appliance-metrics.ts';
import { startObservation, type Observation } from './observation.ts';
import type { RunOptions } from './run-options.ts';
import { keepService, type ServiceKeeper } from './service-keeper.ts';
import type { Service, ServiceContext } from './service.ts';
import { startDiskWatch } from './status/disk-watch.ts';
import { startMachineWatch } from './status/machine-watch.ts';
import { nextStepsOf } from './status/next-steps.ts';
import { reachableUrls } from './status/reachable-urls.ts';
import type { StatusReport } from './status/report.ts';

/** A started appliance. */
export interface Appliance {
  /** To be ended in this order: service, admin endpoint, logs. */
  readonly stages: readonly AsyncDisposable[];
  /** Resolves when the service answers for the first time. */
  readonly whenStarted: Promise<void>;
  /** Why the service did not start at once, for people. */
  readonly fault: string | undefined;
  /** Where the service can be reached. */
  urls(): Promise<readonly string[]>;
  /** How to enter, for the console. */
  entrance(): readonly string[];
}

/** Records of the log on the status page. */
const LOG_SHOWN = 8;

/** Starts in order: logs, admin endpoint, service. Each shows its troubles on what started before it. */
export async function startAppliance<Config>(
  options: RunOptions<Config>,
  loaded: LoadedConfiguration<Config>,
): Promise<Appliance> {
  const { platform, devices, definition } = options;
  const hostname = loaded.appliance.appliance.hostname ?? (await platform.facts()).hostname;
  const observation = await startObservation(devices, loaded.appliance, {
    hostname,
    service: definition.name,
  });
  const { health } = observation;
  if (loaded.faults.length > 0) health.degrade('configuration', loaded.faults.join('\n'));
  const metrics = createApplianceMetrics(devices.metrics);
  const disk = startDiskWatch({ ...devices, health });
  const stopped = new AbortController();
  platform.stopRequested.addEventListener('abort', () => health.stopping(), { once: true });
  const background = [
    startHeartbeat(devices.clock, platform, health, seconds => metrics.observeDelay(seconds)),
    startMachineWatch(devices.clock, platform, health),
    disk,
  ];

  let certificate: SelfSigned | undefined;
  let keeper: ServiceKeeper | undefined;
  const urls = async (): Promise<string[]> => {
    const own = keeper?.urls() ?? [];
    return platform.kind === 'machine' ? reachableUrls(own, (await platform.facts()).addresses) : [...own];
  };
  const report = async (): Promise<StatusReport> => ({
    service: definition.name,
    state: health.state(),
    timeMs: devices.clock.now(),
    reasons: health.reasons(),
    configurationFaults: loaded.faults,
    configurationOrigin: loaded.origin,
    urls: await urls(),
    sections: keeper?.status() ?? [],
    machine: await platform.facts(),
    disk: await disk.status(),
    log: observation.ring.tail(LOG_SHOWN),
    nextSteps: nextStepsOf(loaded.appliance, loaded.faults),
    fingerprint: certificate?.sha256 ?? '',
    operators: loaded.operators.map(operator => operator.name),
  });
  certificate = await tryLoadCertificate(options, hostname, health);
  const offered = {
    releases: (): readonly Releases[] => keeper?.releases() ?? [],
    administration: (): Administration | undefined => keeper?.administration(),
  };
  const admin = await tryStartAdmin(options, { loaded, observation, certificate, report, metrics, offered });
  const started = Promise.withResolvers<void>();
  if (loaded.service !== undefined) {
    const config = loaded.service;
    const signal = AbortSignal.any([stopped.signal, platform.stopRequested]);
    const create = (): Service => definition.create(config, devices, contextOf(platform, health));
    const onStarted = (): void => {
      health.started();
      started.resolve();
    };
    keeper = await keepService({ ...devices, health }, { create, signal, onStarted });
  }
  return {
    stages: stagesOf({ stopped, keeper, background, admin, observation }),
    whenStarted: started.promise,
    fault: keeper?.fault,
    urls,
    entrance: () => entranceLines(admin, certificate, loaded.operators.length > 0),
  };
}

function contextOf(platform: Platform, health: ApplianceHealth): ServiceContext {
  return {
    health,
    contentFolder: platform.contentFolder,
    addresses: async () => addressesOf(await platform.facts()),
    secret: async name => platform.secrets?.[name],
  };
}

interface Parts {
  readonly stopped: AbortController;
  readonly keeper: ServiceKeeper | undefined;
  readonly background: readonly Disposable[];
  readonly admin: Admin | undefined;
  readonly observation: Observation;
}

function stagesOf({ stopped, keeper, background, admin, observation }: Parts): AsyncDisposable[] {
  const endService = async (): Promise<void> => {
    stopped.abort();
    await keeper?.[Symbol.asyncDispose]();
  };
  const endAdmin = async (): Promise<void> => {
    for (const each of background) each[Symbol.dispose]();
    await admin?.[Symbol.asyncDispose]();
  };
  return [{ [Symbol.asyncDispose]: endService }, { [Symbol.asyncDispose]: endAdmin }, observation];
}

async function tryLoadCertificate<Config>(
  { devices, platform }: RunOptions<Config>,
  hostname: string,
  health: ApplianceHealth,
): Promise<SelfSigned | undefined> {
  try {
    return await loadAdminCertificate(devices.keyValue, namesOf(hostname, await platform.facts()));
  } catch (error) {
    health.degrade('admin', `There is no status page: ${(error as Error).message}`);
    platform.announce(`lares: there is no status page: ${(error as Error).message}`, 'bad');
    return undefined;
  }
}

/** What browsers compare with the address that was typed; the fingerprint is what counts. */
function namesOf(hostname: string, facts: PlatformFacts): string[] {
  return [...new Set([hostname, 'localhost', '127.0.0.1', '::1', ...addressesOf(facts)])];
}

/** Without prefix length and scope. */
function addressesOf({ addresses }: PlatformFacts): string[] {
  return addresses.map(address => address.split(/[/%]/)[0] ?? '').filter(address => address !== '');
}

/** An appliance without its status page still serves: the trouble is told on the console and by alerts. */
async function tryStartAdmin<Config>(
  { devices, definition, platform }: RunOptions<Config>,
  parts: {
    readonly loaded: LoadedConfiguration<Config>;
    readonly observation: Observation;
    readonly certificate: SelfSigned | undefined;
    readonly report: () => Promise<StatusReport>;
    readonly metrics: ReturnType<typeof createApplianceMetrics>;
    readonly offered: Pick<AdminSources, 'releases' | 'administration'>;
  },
): Promise<Admin | undefined> {
  const { loaded, observation, certificate, report, metrics, offered } = parts;
  if (certificate === undefined) return undefined;
  const { address: host, port } = loaded.appliance.admin;
  try {
    return await startAdmin(
      devices,
      { listen: { host, port }, certificate, operators: loaded.operators },
      {
        serviceName: definition.name,
        health: () => ({ state: observation.health.state(), isServing: observation.health.isServing() }),
        report,
        metrics: async () => {
          metrics.update(await report());
          return devices.metrics.expose();
        },
        ring: observation.ring,
        keptLog: () => observation.journal.read(),
        ...offered,
      },
    );
  } catch (error) {
    observation.health.degrade('admin', `There is no status page: ${(error as Error).message}`);
    platform.announce(`lares: there is no status page: ${(error as Error).message}`, 'bad');
    return undefined;
  }
}

function entranceLines(
  admin: Admin | undefined,
  certificate: SelfSigned | undefined,
  hasOperators: boolean,
): string[] {
  if (admin === undefined || certificate === undefined) return [];
  const how = hasOperators
    ? `status page on port ${admin.address.port}; enter with: lares open <host>:${admin.address.port}`
    : `status page on port ${admin.address.port}; nobody may enter, since [operator] keys is empty`;
  return [`lares: ${how}`, formatFingerprintLine(certificate.sha256)];
}
