import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ALGORITHM } from '../../../shared/protocols/dns/dnssec/dnskey.ts';
import { signZone } from '../../../shared/protocols/dns/dnssec/sign-zone.ts';
import type { SigningKey } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import { flattenSignatures } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import { formatZone } from '../../../shared/protocols/dns/zone-file/format-zone.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { Prng } from '../../../shared/simulation/prng.ts';
import { seededSigningKey } from '../../../shared/simulation/signing-key.ts';
import { nameOf, ZoneBuilder } from '../../dns/zone-builder.ts';

/** What all servers serve: the same files, signed. */
export interface ZoneSet {
  readonly folder: string;
  /** Without final dots; the file is `<name>.zone` in the folder. */
  readonly names: readonly string[];
  readonly shape: ZoneShape;
}

export interface ZoneShape {
  readonly zones: number;
  /** Names with an A and an AAAA record, in each zone. */
  readonly hosts: number;
  /** Cuts with two servers below them and their glue; every second one is signed. */
  readonly delegations: number;
  /** Makes bytes in the place of signatures, which no server looks at: for zones whose signing takes longer than their measuring. */
  readonly standInSignatures?: boolean;
}

export const shapes = {
  one: { zones: 1, hosts: 10_000, delegations: 2_000 },
  thousand: { zones: 1_000, hosts: 10, delegations: 0 },
  /** A host has six records: A, AAAA, NSEC, and a signature of each. */
  million: { zones: 1, hosts: 166_666, delegations: 0, standInSignatures: true },
} as const satisfies Readonly<Record<string, ZoneShape>>;

export type ShapeName = keyof typeof shapes;

/** Writes the zones' files. */
export async function writeZones(folder: string, shape: ZoneShape): Promise<ZoneSet> {
  await mkdir(folder, { recursive: true });
  const key = seededSigningKey(new Prng('bench'), { algorithm: ALGORITHM.ECDSAP256SHA256, ksk: true });
  const signing = shape.standInSignatures === true ? { ...key, sign: () => STAND_IN } : key;
  const names = Array.from({ length: shape.zones }, (_, index) => zoneName(index));
  for (const name of names) await writeZone(join(folder, `${name}.zone`), signedZone(name, shape, signing));
  return { folder, names, shape };
}

export function zoneName(index: number): string {
  return `zone${index}.bench.test`;
}

/** RFC 6605 §4: a signature of algorithm 13 has 64 bytes. */
const STAND_IN = new Uint8Array(64).fill(0x5a);

const TTL_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

function signedZone(name: string, shape: ZoneShape, key: SigningKey): Zone {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const policy = {
    inceptionSeconds: nowSeconds - 3_600,
    expirationSeconds: () => nowSeconds + 30 * DAY_SECONDS,
    renewBeforeSeconds: 0,
    denial: 'nsec',
    dnskeyTtlSeconds: TTL_SECONDS,
    zonemd: false,
  } as const;
  return flattenSignatures(signZone(plainZone(name, shape, 1), { ksk: [key], zsk: [key] }, policy));
}

/** The content of the zone, unsigned. */
export function plainZone(origin: string, { hosts, delegations }: ZoneShape, serial: number): Zone {
  const builder = new ZoneBuilder(nameOf(origin));
  const add = (label: string, type: string, text: string): void =>
    builder.add(nameOf(label === '' ? origin : `${label}.${origin}`), TTL_SECONDS, type, text);
  add('', 'SOA', `ns.${origin}. hostmaster.${origin}. ${serial} 3600 900 604800 300`);
  add('', 'NS', `ns.${origin}.`);
  add('ns', 'A', '192.0.2.53');
  for (let host = 0; host < hosts; host++) {
    const [high, low] = [host >> 8, host & 0xff];
    add(`host${host}`, 'A', `10.${high >> 8}.${high & 0xff}.${low}`);
    add(`host${host}`, 'AAAA', `2001:db8::${high.toString(16)}:${low.toString(16)}`);
  }
  for (let cut = 0; cut < delegations; cut++) {
    for (const server of ['ns1', 'ns2']) {
      add(`sub${cut}`, 'NS', `${server}.sub${cut}.${origin}.`);
      add(`${server}.sub${cut}`, 'A', `192.0.2.${cut & 0xff}`);
    }
    if (cut % 2 === 0) add(`sub${cut}`, 'DS', `${cut} 13 2 ${'5a'.repeat(32)}`);
  }
  return builder.build();
}

/** A large zone's text is longer than a string may be. */
const RRSETS_A_WRITE = 10_000;

async function writeZone(path: string, { apex, rrsets }: Zone): Promise<void> {
  await using file = await open(path, 'w');
  for (let start = 0; start < rrsets.length; start += RRSETS_A_WRITE)
    await file.appendFile(formatZone({ apex, rrsets: rrsets.slice(start, start + RRSETS_A_WRITE) }));
}
