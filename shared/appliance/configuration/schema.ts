import * as z from 'zod';
import type { ZodType } from 'zod';
import { parseOperator } from '../../components/operator-keys/operator.ts';
import { listenAddress, listenPort } from './listening.ts';
import { resolver, type ResolverConfiguration } from './resolver.ts';

/** What a person writes of every appliance, beside the service's own table. Units stand in the key names. */
const appliance = z
  .strictObject({
    hostname: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      .optional()
      .meta({ description: 'a host name in lower case: letters, digits and dashes', examples: ['lares'] }),
    'log-keep-mib': z
      .int()
      .min(1)
      .max(4096)
      .default(64)
      .meta({ description: 'MiB of log kept on the data volume', examples: [64] }),
    'log-keep-days': z
      .int()
      .min(1)
      .max(365)
      .default(14)
      .meta({ description: 'days of log kept on the data volume', examples: [14] }),
    'full-addresses-hours': z
      .int()
      .min(0)
      .max(720)
      .default(24)
      .meta({
        description: 'hours after which client addresses in the log are shortened (IPv4 /24, IPv6 /48)',
        examples: [24],
      }),
  })
  .prefault({});

const admin = z
  .strictObject({
    address: listenAddress.meta({
      description: 'the numeric address to listen on; "::" is every one',
      examples: ['::'],
    }),
    port: listenPort
      .default(8443)
      .meta({ description: 'the port of the status page; 0 picks a free one', examples: [8443] }),
  })
  .prefault({});

const operator = z
  .strictObject({
    keys: z
      .array(
        z
          .string()
          .meta({ description: 'a line that `lares keys show` prints' })
          .superRefine((line, context) => {
            const parsed = parseOperator(line);
            if (!parsed.ok) context.addIssue({ code: 'custom', message: `it ${parsed.error}` });
          }),
      )
      .max(32)
      .default([])
      .meta({ description: 'who may enter: lines that `lares keys show` prints, at most 32' }),
  })
  .prefault({});

const syslog = z
  .strictObject({
    to: z.url({ protocol: /^(udp|tcp|tls)$/ }).meta({
      description: 'where to send the log (RFC 5424): udp://host:514, tcp://host:601 or tls://host:6514',
      examples: ['tls://logs.example.net:6514'],
    }),
    facility: z
      .enum(['daemon', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'])
      .default('daemon')
      .meta({ description: 'the facility that the messages carry (RFC 5424 §6.2.1)' }),
    'pinned-sha256': z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({
        description:
          "SHA-256 of the receiver's certificate, 64 lower-case hexadecimal digits, instead of the public authorities",
      }),
  })
  .optional();

export const ALERT_KINDS = ['degraded', 'recovered', 'disk', 'renewal'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

const alerts = z
  .array(
    z.strictObject({
      url: z.url({ protocol: /^https?$/ }).meta({
        description: 'the web hook: a URL that takes a POST with JSON',
        examples: ['https://hooks.example.net/lares'],
        writeOnly: true,
      }),
      on: z
        .array(z.enum(ALERT_KINDS))
        .default([...ALERT_KINDS])
        .meta({ description: 'which events to tell it' }),
    }),
  )
  .max(8)
  .default([])
  .meta({ description: 'who is told when something is wrong, at most 8' });

const tables = { appliance, admin, operator, syslog, alerts, resolver };

/** Further tables by name: what the platform below reads (network, time). */
export type TableSchemas = Readonly<Record<string, ZodType>>;

/** The appliance's own part of the configuration, checked and with its defaults. */
export interface ApplianceConfiguration {
  readonly appliance: z.output<typeof appliance>;
  readonly admin: z.output<typeof admin>;
  readonly operator: z.output<typeof operator>;
  readonly syslog: z.output<typeof syslog>;
  readonly alerts: z.output<typeof alerts>;
  readonly resolver: ResolverConfiguration;
}

/** The part of a {@link ServiceDefinition} that says what may stand in the file. */
export interface ConfiguredService {
  readonly name: string;
  readonly configuration: ZodType;
  readonly sharedTables?: TableSchemas;
}

/** One strict schema for the whole file: a table that nobody knows is a fault. */
export function configurationSchema(
  definition: ConfiguredService,
  platformTables: TableSchemas = {},
): z.ZodObject {
  // An empty file is a configuration: a service whose table has only defaults works without it.
  const service = definition.configuration.prefault({} as never);
  return z.strictObject({
    ...tables,
    ...platformTables,
    ...definition.sharedTables,
    [definition.name]: service,
  });
}

/** What `create` gets: the keys of the service's own table, and each shared table under its name. */
export function serviceConfiguration(
  definition: ConfiguredService,
  whole: Readonly<Record<string, unknown>>,
): object {
  const shared = Object.keys(definition.sharedTables ?? {}).map(table => [table, whole[table]]);
  return { ...(whole[definition.name] as object), ...Object.fromEntries(shared) };
}

/** What an appliance works with when its configuration is faulty: everything that a person did not get wrong. */
export function salvage(raw: Readonly<Record<string, unknown>>): ApplianceConfiguration {
  const part = <T>(schema: ZodType<T>, key: string): T => {
    const parsed = schema.safeParse(raw[key]);
    return parsed.success ? parsed.data : (schema.safeParse(undefined).data as T);
  };
  return {
    appliance: part(appliance, 'appliance'),
    admin: part(admin, 'admin'),
    operator: part(operator, 'operator'),
    syslog: part(syslog, 'syslog'),
    alerts: part(alerts, 'alerts'),
    resolver: part(resolver, 'resolver'),
  };
}
