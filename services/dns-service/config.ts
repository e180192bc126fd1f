import * as z from 'zod';
import { listenAddress, listenPort } from '../../shared/appliance/configuration/listening.ts';
import { zoneKeysConfiguration } from './config/keys.ts';
import { zoneGitKeys } from './config/git.ts';
import {
  findUnknownKeys,
  isSecondaryAlone,
  isSignedWhereServed,
  tsigKeys,
  zoneExchange,
} from './config/changes.ts';
import { followFaults, followKeys } from './config/follow.ts';
import { NSID_MAX_BYTES } from '../../shared/protocols/dns/compiled/layout.ts';
import { transportKeys } from './transports/config.ts';

/** As many as NSD is measured with; each costs a key and a signing at start. */
const ZONES_MAX = 1_000;

/** Relative to the folder that holds it; never upwards. */
const path = z.string().regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+$/);

const zone = z.strictObject({
  name: z
    .string()
    .max(253)
    .regex(/^(?:[a-z0-9_](?:[a-z0-9_/-]{0,62})\.)*[a-z0-9_](?:[a-z0-9_/-]{0,62})$/)
    .meta({
      description: 'the name that the zone stands at, in lower case without a final dot',
      examples: ['example.org'],
    }),
  file: path.optional().meta({
    description: 'the master file, below zone-folder; without it: the name with ".zone" behind it',
    examples: ['example.org.zone'],
  }),
  sign: z
    .boolean()
    .default(true)
    .meta({ description: 'whether answers are signed (DNSSEC)', examples: [true] }),
  algorithm: z
    .union([z.literal(13), z.literal(15)])
    .default(13)
    .meta({
      description: 'of the key: 13 (ECDSA P-256), which every validator knows, or 15 (Ed25519)',
      examples: [13],
    }),
  denial: z
    .enum(['nsec', 'nsec3', 'compact'])
    .default('nsec')
    .meta({
      description:
        'how it is proved that a name is not there: "nsec"; "nsec3", which does not list the names; or "compact", which tells nothing but what is asked for, signed while answering, so that no other server can have the zone',
      examples: ['nsec'],
    }),
  zonemd: z
    .boolean()
    .default(false)
    .meta({
      description:
        'whether each version has a digest of the whole zone (ZONEMD), by which who fetches it sees that nothing is missing; made anew with every change',
      examples: [false],
    }),
  ...zoneKeysConfiguration,
  ...zoneExchange,
});

/** RFC 5001 §2.4: the text is for people, and so are its characters: those that can be read wherever they are shown. */
const nsid = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .max(NSID_MAX_BYTES)
  .optional()
  .meta({
    description: 'what this server says of itself to who asks for it (NSID), such as its host name',
    examples: ['ns1.example.org'],
  });

/** The `[dns-service]` table. Every key has a default that works. */
export const dnsServiceConfiguration = z
  .strictObject({
    'zone-folder': path.default('dns-service/zones').meta({
      description: 'the folder with the master files, below the content folder, without ".."',
      examples: ['dns-service/zones'],
    }),
    ...zoneGitKeys,
    zones: z
      .array(zone)
      .max(ZONES_MAX)
      .default([])
      .meta({ description: 'the zones that this server has authority for' }),
    keys: tsigKeys,
    nsid,
    address: listenAddress.meta({
      description: 'the numeric address to listen on; "::" is every one, IPv4 too',
      examples: ['::'],
    }),
    port: listenPort
      .default(53)
      .meta({ description: 'the port for UDP and TCP; 0 picks a free one', examples: [53] }),
    ...transportKeys,
    ...followKeys,
    'signature-days': z
      .int()
      .min(3)
      .max(90)
      .default(14)
      .meta({
        description: 'days that signatures hold; they are renewed when a third is left',
        examples: [14],
      }),
    'responses-per-second': z
      .int()
      .min(0)
      .max(1_000_000)
      .default(200)
      .meta({
        description:
          'responses of one kind to one network (IPv4 /24, IPv6 /56) by UDP, so that the server is no amplifier; 0: no limit',
        examples: [200],
      }),
    'connections-max': z
      .int()
      .min(10)
      .max(100_000)
      .default(400)
      .meta({
        description:
          'connections at one time by TCP, by TLS and by HTTPS each; when all are taken, the network with the most makes room',
        examples: [400],
      }),
    'connections-per-address-max': z
      .int()
      .min(1)
      .max(100_000)
      .default(100)
      .meta({ description: 'connections of one IPv4 address or one IPv6 /64', examples: [100] }),
  })
  .refine(({ zones }) => new Set(zones.map(({ name }) => name)).size === zones.length, {
    error: 'a zone stands in the list once',
  })
  .refine(({ zones }) => zones.every(isSecondaryAlone), {
    error: 'a zone with primaries is as they have it: with sign = false, and without update',
  })
  .refine(({ zones }) => zones.every(({ sign, zonemd }) => sign || !zonemd), {
    error: 'a digest (zonemd) is made with the signatures, and proves nothing without them: with sign = true',
  })
  .refine(({ zones }) => zones.every(isSignedWhereServed), {
    error:
      'a zone with denial = "compact" has neither transfer-to nor notify: secondaries cannot sign its denials',
  })
  .superRefine(({ zones, keys }, context) => {
    for (const key of findUnknownKeys(zones, keys))
      context.addIssue({
        code: 'custom',
        path: ['zones'],
        message: `the key "${key}" stands in [[dns-service.keys]]`,
      });
  })
  .superRefine((table, context) => {
    for (const message of followFaults(table))
      context.addIssue({ code: 'custom', path: ['follow'], message });
  })
  .prefault({});

export type DnsServiceConfiguration = z.output<typeof dnsServiceConfiguration>;
export type ZoneConfiguration = DnsServiceConfiguration['zones'][number];
