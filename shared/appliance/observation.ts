import type { LogSink } from '../devices/log.ts';
import { createWebhook, type Webhook } from './alerts/webhook.ts';
import type { Alert } from './alerts/alert-core.ts';
import type { AlertKind, ApplianceConfiguration } from './configuration/schema.ts';
import { createHealth, type ApplianceHealth } from './health/health.ts';
import type { HealthAction } from './health/health-core.ts';
import { openJournal, type Journal } from './logs/journal.ts';
import { createLogRing, type LogRing } from './logs/ring.ts';
import { createSyslogSink } from './logs/syslog-sink.ts';
import type { ApplianceDevices } from './run-options.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MIB = 1_048_576;

/** What watches the appliance: health, and the log in memory, on the data volume, and wherever it is sent. */
export interface Observation extends AsyncDisposable {
  readonly health: ApplianceHealth;
  readonly ring: LogRing;
  readonly journal: Journal;
}

export async function startObservation(
  devices: ApplianceDevices,
  configuration: ApplianceConfiguration,
  identity: { readonly hostname: string; readonly service: string },
): Promise<Observation> {
  const settings = configuration.appliance;
  const fullAddressesMs = settings['full-addresses-hours'] * HOUR_MS;
  const ring = createLogRing(devices.clock, { fullAddressesMs: () => fullAddressesMs });
  const sinks = [devices.addLogSink(ring.sink)];
  const webhooks: Webhook[] = [];
  const health = createHealth(devices, action => {
    for (const webhook of webhooks) webhook.raise(alertOf(action, devices.clock.now()));
  });
  const sender = { appliance: identity.hostname, service: identity.service };
  for (const target of configuration.alerts) webhooks.push(createWebhook(devices, target, sender));
  const journal = await openJournal({ ...devices, health }, () => ({
    maxBytes: settings['log-keep-mib'] * MIB,
    maxAgeMs: settings['log-keep-days'] * DAY_MS,
    fullAddressesMs,
  }));
  sinks.push(devices.addLogSink(journal.sink));
  const syslog = configuration.syslog && (await startSyslog(devices, health, configuration.syslog, identity));
  if (syslog) sinks.push(devices.addLogSink(syslog.sink));
  return {
    health,
    ring,
    journal,
    async [Symbol.asyncDispose]() {
      for (const webhook of webhooks) webhook[Symbol.dispose]();
      await syslog?.[Symbol.asyncDispose]();
      await journal[Symbol.asyncDispose]();
      for (const sink of sinks) sink[Symbol.dispose]();
    },
  };
}

async function startSyslog(
  devices: ApplianceDevices,
  health: ApplianceHealth,
  configuration: NonNullable<ApplianceConfiguration['syslog']>,
  identity: { readonly hostname: string; readonly service: string },
): Promise<(AsyncDisposable & { readonly sink: LogSink }) | undefined> {
  try {
    return await createSyslogSink({ ...devices, health }, configuration, identity);
  } catch (error) {
    health.degrade('syslog', `The log cannot be sent to ${configuration.to}: ${(error as Error).message}`);
    return undefined;
  }
}

/** Conditions named `renewal…` and `disk…` are alerts of their own kind, so that a web hook can choose them. */
function alertOf({ kind, reason: { key, reason } }: HealthAction, timeMs: number): Alert {
  return { kind: kind === 'recovered' ? 'recovered' : troubleKind(key), key, reason, timeMs };
}

function troubleKind(key: string): AlertKind {
  if (key.startsWith('renewal')) return 'renewal';
  return key.startsWith('disk') ? 'disk' : 'degraded';
}
