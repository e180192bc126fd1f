import * as z from 'zod';
import { listenPort } from '../../../shared/appliance/configuration/listening.ts';
import { secretName } from '../../../shared/components/secrets/secret-name.ts';
import { parseAddress } from '../../../shared/protocols/ip/address.ts';

/** A household's: each is looked at every ten seconds. */
const NAMES_MAX = 100;
/** One of each family, and another each for when that fails. */
const SERVERS_MAX = 4;

const HOST_NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const hostName = z.string().max(253).regex(HOST_NAME);

const followedName = z
  .strictObject({
    name: hostName.meta({
      description: 'a name in a zone of this server, whose A and AAAA records follow the line',
      examples: ['home.example.org'],
    }),
    sources: z
      .array(z.enum(['interface', 'question', 'update']))
      .min(1)
      .default(['interface'])
      .meta({
        description:
          'who sees the address, the first that does decides: "interface" (this machine has it itself), "update" (the router reports it by dyndns2), "question" (a server outside is asked, see address-question)',
        examples: [['interface', 'update']],
      }),
    families: z
      .array(z.enum(['ipv4', 'ipv6']))
      .min(1)
      .default(['ipv4', 'ipv6'])
      .meta({ description: 'which records follow: A, AAAA, or both', examples: [['ipv4', 'ipv6']] }),
    'ipv6-host': z
      .string()
      .refine(text => parseAddress(text)?.length === 16, {
        error: 'an IPv6 address, such as ::211:32ff:fe12:3456',
      })
      .optional()
      .meta({
        description:
          'the last 64 bits of another machine in the home, behind the prefix that is seen; without it the address itself',
        examples: ['::211:32ff:fe12:3456'],
      }),
    secret: secretName.optional().meta({
      description:
        'for "update": the name of a secret, the file secrets/NAME beside lares.toml, with the password that the router sends',
      examples: ['dyndns-home'],
    }),
    'ttl-seconds': z
      .int()
      .min(10)
      .max(86_400)
      .default(60)
      .meta({ description: 'how long others may keep the address', examples: [60] }),
  })
  .refine(({ sources, secret }) => !sources.includes('update') || secret !== undefined, {
    error: 'the source "update" needs a secret',
  });

const addressQuestion = z.strictObject({
  name: hostName.meta({
    description: 'the name to ask for, whose address there is that of who asks',
    examples: ['myip.opendns.com'],
  }),
  servers: z
    .array(z.string().refine(text => parseAddress(text) !== undefined, { error: 'a numeric address' }))
    .min(1)
    .max(SERVERS_MAX)
    .meta({
      description:
        'who is asked: one with an IPv4 address tells that of the line, one with an IPv6 address that',
      examples: [['208.67.222.222', '2620:119:35::35']],
    }),
  port: listenPort
    .min(1)
    .default(53)
    .meta({ description: 'the port of the servers', examples: [53] }),
  'every-seconds': z
    .int()
    .min(10)
    .max(3_600)
    .default(30)
    .meta({ description: 'how often', examples: [30] }),
});

/** The keys of the `[dns-service]` table about names that follow a home line. */
export const followKeys = {
  follow: z
    .array(followedName)
    .max(NAMES_MAX)
    .default([])
    .meta({ description: 'names that follow the changing address of this line' }),
  'address-question': addressQuestion.optional().meta({
    description: 'a server outside that tells the address it is asked from; nobody is asked without it',
  }),
  'update-http-port': listenPort.optional().meta({
    description:
      'a port on which routers report addresses by plain HTTP, where their password can be read on the way; without it they do by HTTPS alone',
    examples: [8080],
  }),
};

export type FollowedNameConfiguration = z.output<typeof followedName>;
export type AddressQuestion = z.output<typeof addressQuestion>;

interface Table {
  readonly follow: readonly FollowedNameConfiguration[];
  readonly 'address-question'?: AddressQuestion | undefined;
  readonly 'update-http-port'?: number | undefined;
  readonly zones: readonly { readonly name: string; readonly primaries: readonly unknown[] }[];
  readonly 'server-names': readonly string[];
}

/** What is wrong with them beside the rest of the table, in words. */
export function followFaults(table: Table): string[] {
  const { follow, zones } = table;
  const names = follow.map(({ name }) => name);
  const uses = (source: string): boolean =>
    follow.some(({ sources }) => sources.some(each => each === source));
  const faults = names
    .filter(name => !isChangedHere(name, zones))
    .map(name => `${name} is in none of the zones, or in one with primaries`);
  if (new Set(names).size < names.length) faults.push('a name follows once');
  if (uses('question') && table['address-question'] === undefined)
    faults.push('the source "question" needs [dns-service.address-question]');
  if (uses('update') && table['server-names'].length === 0 && table['update-http-port'] === undefined)
    faults.push('the source "update" needs server-names (then routers come by HTTPS), or update-http-port');
  return faults;
}

function isChangedHere(name: string, zones: Table['zones']): boolean {
  const [nearest] = zones
    .filter(zone => name === zone.name || name.endsWith(`.${zone.name}`))
    .sort((left, right) => right.name.length - left.name.length);
  return nearest?.primaries.length === 0;
}
