import type { Devices } from '../../devices/devices.ts';
import type { Log, LogLevel, LogRecord, LogSink } from '../../devices/log.ts';
import {
  encodeSyslogMessage,
  type SyslogFacility,
  type SyslogSeverity,
} from '../../protocols/syslog/message.ts';
import type { ApplianceConfiguration } from '../configuration/schema.ts';
import type { Health } from '../service.ts';
import {
  createDatagramLink,
  createStreamLink,
  type LinkEvents,
  type SyslogLink,
  type SyslogTarget,
} from './syslog-link.ts';

export interface SyslogSink extends AsyncDisposable {
  readonly sink: LogSink;
}

export interface SyslogIdentity {
  readonly hostname: string;
  readonly service: string;
}

const SEVERITIES: Readonly<Record<LogLevel, SyslogSeverity>> = {
  debug: 'debug',
  info: 'informational',
  warn: 'warning',
  error: 'error',
};

/** The ports that RFC 5426 §3.3 (UDP) and RFC 5425 §4.1 (TLS) name; plain TCP has none of its own, 601 is customary. */
const PORTS = { udp: 514, tcp: 601, tls: 6514 } as const;

/** Sends every record to a syslog receiver. A receiver that is away degrades health and never slows the service. */
export async function createSyslogSink(
  devices: Devices & { readonly health: Health },
  configuration: NonNullable<ApplianceConfiguration['syslog']>,
  identity: SyslogIdentity,
): Promise<SyslogSink> {
  const target = parseTarget(configuration.to, configuration['pinned-sha256']);
  const link = await createLink(devices, target, linkEvents(devices, target));
  return {
    sink: record => link.send(encodeRecord(record, configuration.facility, identity)),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

/** `tls://logs.example.net:6514`, checked by the configuration's schema. */
export function parseTarget(text: string, pinnedSha256?: string): SyslogTarget {
  const url = new URL(text);
  const transport = url.protocol.slice(0, -1) as SyslogTarget['transport'];
  const port = url.port === '' ? PORTS[transport] : Number(url.port);
  return { transport, host: url.hostname.replace(/^\[|\]$/g, ''), port, pinnedSha256 };
}

function createLink(
  devices: Devices,
  target: SyslogTarget,
  events: LinkEvents,
): SyslogLink | Promise<SyslogLink> {
  return target.transport === 'udp'
    ? createDatagramLink(devices, target, events)
    : createStreamLink(devices, target, events);
}

function linkEvents(
  devices: { readonly health: Health; readonly log: Log },
  target: SyslogTarget,
): LinkEvents {
  const where = `${target.host}, port ${target.port}`;
  return {
    up: () => devices.health.recover('syslog'),
    down: why => devices.health.degrade('syslog', `The syslog receiver ${where}, is not reached: ${why}`),
    dropped: count => devices.log.warn({ count }, 'log records not sent to syslog'),
  };
}

function encodeRecord(record: LogRecord, facility: SyslogFacility, identity: SyslogIdentity): Uint8Array {
  return encodeSyslogMessage({
    facility,
    severity: SEVERITIES[record.level],
    timestamp: new Date(record.timeMs).toISOString(),
    hostname: identity.hostname,
    appName: identity.service,
    processId: String(process.pid),
    messageId: record.message.replace(/\s+/g, '-'),
    parameters: Object.entries(record.fields).map(([name, value]) => [name, asText(value)] as const),
    text: record.message,
  });
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
