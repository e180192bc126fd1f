import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatAbsoluteName } from '../../shared/protocols/dns/absolute-name.ts';
import { ALGORITHM } from '../../shared/protocols/dns/dnssec/dnskey.ts';
import { signZone, type SigningPolicy } from '../../shared/protocols/dns/dnssec/sign-zone.ts';
import {
  flattenSignatures,
  type Denial,
  type SignedZone,
} from '../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { ZoneKeys } from '../../shared/protocols/dns/dnssec/signing-key.ts';
import { TYPE } from '../../shared/protocols/dns/message.ts';
import type { Zone } from '../../shared/protocols/dns/rrset.ts';
import { formatZone } from '../../shared/protocols/dns/zone-file/format-zone.ts';
import { Prng } from '../../shared/simulation/prng.ts';
import { seededSigningKey } from '../../shared/simulation/signing-key.ts';
import { randomZone, type RandomZoneOptions } from './random-zone.ts';
import type { ZoneChecker } from './zone-checkers.ts';

export interface Mode {
  readonly algorithm: 13 | 15;
  readonly denial: Denial['kind'];
}

export const modes: readonly Mode[] = [ALGORITHM.ECDSAP256SHA256, ALGORITHM.ED25519].flatMap(algorithm =>
  (['nsec', 'nsec3', 'compact'] as const).map(denial => ({ algorithm, denial })),
);

/** Those that a tool can judge by the file: no tool knows RFC 9824, whose chain ends at each name. */
export const fileModes: readonly Mode[] = modes.filter(({ denial }) => denial !== 'compact');

export interface SigningTrial extends Mode {
  readonly seed: string;
  readonly zone?: RandomZoneOptions;
  readonly zonemd?: boolean;
}

export interface Trial extends SigningTrial {
  readonly folder: string;
  readonly checkers: readonly ZoneChecker[];
}

/** A random zone as it was signed, and by which keys. */
export interface SignedVersion {
  readonly content: SignedZone;
  readonly keys: ZoneKeys;
}

/** The random zone of a seed signed, and again with another key in its place and one RRset less. */
export function signTwice({ seed, ...mode }: SigningTrial): readonly [SignedVersion, SignedVersion] {
  const prng = new Prng(seed);
  const zone = randomZone(prng.fork('zone'), mode.zone);
  const keys = keysFor(prng, mode.algorithm, prng.chance(0.3));
  const policy = policyFor(prng, mode);
  const signed = signZone(zone, keys, policy);
  const later = rolled(prng, mode.algorithm, keys);
  // CDS came later than what a plain zone may have.
  const atParent = mode.zone?.plain === true ? {} : { atParent: later.ksk.map(({ dnskey }) => dnskey) };
  const again = signZone(withoutOneRRset(prng, zone), { ...later, ...atParent }, policy, signed);
  return [
    { content: signed, keys },
    { content: again, keys: later },
  ];
}

/** What the checkers say against either version of {@link signTwice}. */
export async function trySignedZone({ folder, checkers, ...trial }: Trial): Promise<string[]> {
  const complaints: string[] = [];
  for (const [version, { content, keys }] of signTwice(trial).entries()) {
    const path = join(folder, `${trial.seed}-${trial.algorithm}-${trial.denial}-${version}`);
    await writeFile(path, formatZone(flattenSignatures(content)));
    const file = { path, apex: formatAbsoluteName(content.apex), singleKey: keys.ksk[0] === keys.zsk[0] };
    for (const checker of checkers) {
      const complaint = await checker.check(file);
      if (complaint !== undefined)
        complaints.push(`${checker.name}, seed ${trial.seed}, ${path}: ${complaint}`);
    }
  }
  return complaints;
}

function keysFor(prng: Prng, algorithm: Mode['algorithm'], singleKey: boolean): ZoneKeys {
  const ksk = seededSigningKey(prng, { algorithm, ksk: true });
  return { ksk: [ksk], zsk: [singleKey ? ksk : seededSigningKey(prng, { algorithm, ksk: false })] };
}

/** In the midst of a roll: another ZSK signs, the old one is still shown; a single key is replaced whole. */
function rolled(prng: Prng, algorithm: Mode['algorithm'], { ksk, zsk }: ZoneKeys): ZoneKeys {
  if (ksk[0] === zsk[0]) return keysFor(prng, algorithm, true);
  const next = seededSigningKey(prng, { algorithm, ksk: false });
  const published = [...ksk, ...zsk, next].map(({ dnskey }) => dnskey);
  return { ksk, zsk: [next], published };
}

const DAY_SECONDS = 86_400;

function policyFor(prng: Prng, { denial, zonemd = false }: Omit<SigningTrial, 'seed'>): SigningPolicy {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return {
    inceptionSeconds: nowSeconds - 3600,
    expirationSeconds: () => nowSeconds + 14 * DAY_SECONDS + prng.below(DAY_SECONDS),
    renewBeforeSeconds: nowSeconds + 7 * DAY_SECONDS,
    denial,
    dnskeyTtlSeconds: 3600,
    zonemd,
  };
}

const FREE = new Set<number>([TYPE.TXT, TYPE.MX, TYPE.CNAME, TYPE.DS, TYPE.SRV]);

/** One that no other depends on: names come and go, and with them empty non-terminals. */
function withoutOneRRset(prng: Prng, { apex, rrsets }: Zone): Zone {
  const free = rrsets.filter(({ owner, type }) => owner.length > apex.length && FREE.has(type));
  const gone = free.length === 0 ? undefined : prng.pick(free);
  return { apex, rrsets: rrsets.filter(rrset => rrset !== gone) };
}
