import * as z from 'zod';
import { secretName } from '../../../shared/components/secrets/secret-name.ts';
import { typeNumber } from '../../../shared/protocols/dns/record-types/mnemonics.ts';
import { TSIG_ALGORITHMS } from '../../../shared/protocols/dns/tsig-mac.ts';
import { parseNamePattern } from '../../../shared/protocols/dns/update/update-policy.ts';
import { parseAddress, parsePrefix } from '../../../shared/protocols/ip/address.ts';
import { primary } from './primaries.ts';
import { keyName, keyReference, server } from './servers.ts';

/** Enough for a household's appliances and a firm's name servers; each request goes through the list. */
const KEYS_MAX = 100;
const PEERS_MAX = 20;

const network = z
  .string()
  .refine(text => parseAddress(text) !== undefined || parsePrefix(text) !== undefined, {
    error: 'an address or a network, such as 192.0.2.1 or 2001:db8::/32',
  });

/** A key that this server shares with another. */
const tsigKey = z.strictObject({
  name: keyName.meta({ description: 'the name of the key, as both sides know it', examples: ['lares-web'] }),
  algorithm: z
    .enum(TSIG_ALGORITHMS)
    .default('hmac-sha256')
    .meta({ description: 'the algorithm (RFC 8945 §6)', examples: ['hmac-sha256'] }),
  secret: secretName.meta({
    description:
      'the name of a secret, not the secret itself: the file secrets/NAME beside lares.toml, in base64',
    examples: ['tsig-lares-web'],
  }),
});

const requester = z
  .strictObject({
    address: network
      .optional()
      .meta({ description: 'the address or network that may ask', examples: ['192.0.2.0/24'] }),
    key: keyReference,
    'over-tls': z
      .boolean()
      .default(false)
      .meta({ description: 'whether it must come over TLS (XoT)', examples: [true] }),
  })
  .refine(rule => rule.address !== undefined || rule.key !== undefined, {
    error: 'an address, a key, or both, which then must both fit',
  });

const grant = z.strictObject({
  key: keyName.meta({ description: 'the key that updates are signed with', examples: ['lares-web'] }),
  names: z
    .array(
      z.string().refine(text => parseNamePattern(text).ok, { error: 'a name below the zone, "@" or "*"' }),
    )
    .min(1)
    .default(['*'])
    .meta({
      description:
        'the names that it may change, without the zone\'s: "@" is the zone itself, a label "*" any number of labels',
      examples: [['_acme-challenge.*']],
    }),
  types: z
    .array(
      z.string().refine(text => typeNumber(text) !== undefined, { error: 'a record type, such as "TXT"' }),
    )
    .min(1)
    .optional()
    .meta({
      description: 'the types that it may change; without it: all but those that the server makes itself',
      examples: [['TXT']],
    }),
});

/** What a zone has to do with other servers; each is off by default. */
export const zoneExchange = {
  'transfer-to': z
    .array(requester)
    .max(PEERS_MAX)
    .default([])
    .meta({ description: 'who may fetch the zone (AXFR, IXFR): by address, by key, or by both' }),
  notify: z
    .array(server)
    .max(PEERS_MAX)
    .default([])
    .meta({ description: 'the secondaries that are told at once of a new version (NOTIFY)' }),
  primaries: z.array(primary).max(PEERS_MAX).default([]).meta({
    description:
      'the servers that the zone is fetched from, instead of a file: this server is a secondary of it, and sign must be false',
  }),
  update: z
    .array(grant)
    .max(PEERS_MAX)
    .default([])
    .meta({ description: 'which keys may change which records while the server runs (UPDATE)' }),
};

export const tsigKeys = z
  .array(tsigKey)
  .max(KEYS_MAX)
  .refine(keys => new Set(keys.map(({ name }) => nameOfKey(name))).size === keys.length, {
    error: 'a key stands in the list once',
  })
  .default([])
  .meta({ description: 'the keys that are shared with other servers and clients (TSIG)' });

/** Names of keys are compared as domain names are. */
function nameOfKey(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** RFC 9824 §1: what a zone with compact denial denies is signed by who answers. */
export function isSignedWhereServed(zone: Exchange & { readonly denial: string }): boolean {
  return zone.denial !== 'compact' || (zone['transfer-to'].length === 0 && zone.notify.length === 0);
}

export type TsigKeyConfiguration = z.output<typeof tsigKey>;
export type GrantConfiguration = z.output<typeof grant>;

type Exchange = { readonly [Key in keyof typeof zoneExchange]: z.output<(typeof zoneExchange)[Key]> };

/** The names of keys that zones refer to and that are not there. */
export function findUnknownKeys(zones: readonly Exchange[], keys: readonly TsigKeyConfiguration[]): string[] {
  const known = new Set(keys.map(({ name }) => nameOfKey(name)));
  return zones
    .flatMap(zone => [...zone['transfer-to'], ...zone.notify, ...zone.primaries, ...zone.update])
    .flatMap(({ key }) => (key === undefined || known.has(nameOfKey(key)) ? [] : [key]));
}

/** RFC 2136 §6: changes are made at the primary, and so are signatures. */
export function isSecondaryAlone(zone: Exchange & { readonly sign: boolean }): boolean {
  return zone.primaries.length === 0 || (!zone.sign && zone.update.length === 0);
}
