import { describe, expect, it } from 'vitest';
import { formatHex } from '../../../base/bytes.ts';
import { Prng } from '../../../simulation/prng.ts';
import { seededSigningKey } from '../../../simulation/signing-key.ts';
import { TYPE } from '../message.ts';
import { formatName, parseName, type Name } from '../name.ts';
import { formatType, typeNumber } from '../record-types/mnemonics.ts';
import { formatData, parseData } from '../record-types/presentation.ts';
import { byOwner } from '../rrset-list.ts';
import { compareCanonical, type RRset, type Zone } from '../rrset.ts';
import { ALGORITHM, encodeDnskey } from './dnskey.ts';
import { signZone, type SigningPolicy } from './sign-zone.ts';
import { denialOf, flattenSignatures, gatherNode, type SignedZone } from './signed-zone.ts';
import { verifyRRset } from './verify-rrset.ts';

const NOW = 1_800_000_000;
const policy: SigningPolicy = {
  inceptionSeconds: NOW - 3600,
  expirationSeconds: () => NOW + 14 * 86_400,
  renewBeforeSeconds: NOW + 7 * 86_400,
  denial: 'nsec',
  dnskeyTtlSeconds: 3600,
  zonemd: false,
};

const prng = new Prng('keys');
const ksk = seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: true });
const zsk = seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: false });
const laterZsk = seededSigningKey(prng, { algorithm: ALGORITHM.ED25519, ksk: false });
const keys = { ksk: [ksk], zsk: [zsk] };

function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** One RRset a line: owner, TTL, type, and the data of its records with ` | ` between them. */
function zone(apex: string, ...lines: readonly string[]): Zone {
  const rrsets = lines.map((line): RRset => {
    const [owner = '', ttl = '', type = '', ...rest] = line.split(' ');
    const number = typeNumber(type) as number;
    const data = rest
      .join(' ')
      .split(' | ')
      .map(text => {
        const tokens = text.split(' ').map(text => ({ text, quoted: false }));
        const parsed = parseData(number, tokens, []);
        if (!parsed.ok) throw new Error(parsed.error);
        return parsed.value;
      });
    return { owner: name(owner), type: number, ttlSeconds: Number(ttl), data };
  });
  rrsets.sort((left, right) => compareCanonical(left.owner, right.owner) || left.type - right.type);
  return { apex: name(apex), rrsets };
}

const SOA = 'example 3600 SOA ns1.example. bugs.example. 1081539377 3600 300 3600000 600';

function show({ owner, type, data }: RRset): string {
  return data.map(one => `${formatName(owner)} ${formatType(type)} ${formatData(type, one)}`).join('\n');
}

function shown(signed: SignedZone, ...types: number[]): string[] {
  return signed.rrsets.filter(({ type }) => types.includes(type)).map(show);
}

/** What each RRset that has signatures is; each of these is verified. */
function verified({ apex, rrsets }: SignedZone): string[] {
  const dnskeys = rrsets.find(({ type }) => type === TYPE.DNSKEY)?.data ?? [];
  return rrsets
    .filter(({ signatures }) => signatures.length > 0)
    .map(rrset => {
      for (const signature of rrset.signatures)
        expect(verifyRRset(rrset, signature, { apex, dnskeys }, NOW)).toMatchObject({ ok: true });
      return `${formatName(rrset.owner)} ${formatType(rrset.type)}`;
    });
}

const cuts = zone(
  'example',
  SOA,
  'example 3600 NS ns1.example. | ns.sub.example.',
  'ns1.example 3600 A 192.0.2.1',
  'sub.example 3600 NS ns.sub.example.',
  'sub.example 3600 A 192.0.2.3',
  'ns.sub.example 3600 A 192.0.2.2',
  'safe.example 3600 NS ns1.example.',
  'safe.example 3600 DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
  'old.example 3600 DNAME ns1.example.',
  'hidden.old.example 3600 TXT occluded',
  'deep.down.example 3600 TXT below-an-empty-one',
  '*.w.example 3600 TXT wild',
);

/** What a server makes of the zone that gets it with its RRSIGs as RRsets. */
function readBack(signed: SignedZone): unknown[] {
  const flat = flattenSignatures(signed);
  return [denialOf(flat), [...byOwner(flat.rrsets)].flatMap(gatherNode)];
}

describe('signZone() with NSEC', () => {
  const signed = signZone(cuts, keys, policy);

  it('links names in canonical order, without glue and occluded names (RFC 4035 §2.3)', () => {
    expect(shown(signed, TYPE.NSEC)).toEqual([
      'example NSEC deep.down.example. NS SOA RRSIG NSEC DNSKEY',
      'deep.down.example NSEC ns1.example. TXT RRSIG NSEC',
      'ns1.example NSEC old.example. A RRSIG NSEC',
      'old.example NSEC safe.example. DNAME RRSIG NSEC',
      'safe.example NSEC sub.example. NS DS RRSIG NSEC',
      'sub.example NSEC *.w.example. NS RRSIG NSEC',
      '*.w.example NSEC example. TXT RRSIG NSEC',
    ]);
  });

  it('signs what is its own: no NS of a cut, no glue, nothing occluded (RFC 4035 §2.2)', () => {
    expect(verified(signed).filter(text => !text.endsWith(' NSEC'))).toEqual([
      'example NS',
      'example SOA',
      'example DNSKEY',
      'deep.down.example TXT',
      'ns1.example A',
      'old.example DNAME',
      'safe.example DS',
      '*.w.example TXT',
    ]);
  });

  it('gives NSEC the lesser of MINIMUM and the TTL of SOA (RFC 9077 §3)', () => {
    const ttls = (zone: Zone): number[] =>
      signZone(zone, keys, policy)
        .rrsets.filter(({ type }) => type === TYPE.NSEC)
        .map(({ ttlSeconds }) => ttlSeconds);
    expect(new Set(ttls(cuts))).toEqual(new Set([600]));
    const short = zone('example', SOA.replace('3600', '60'));
    expect(ttls(short)).toEqual([60]);
  });

  it('replaces what an earlier signing made', () => {
    expect(signZone(flattenSignatures(signed), keys, policy)).toEqual(signed);
  });

  it('is read back from its RRSIGs', () => {
    expect(readBack(signed)).toEqual([signed.denial, [...signed.rrsets]]);
    expect(denialOf(cuts)).toBeUndefined();
  });
});

describe('signZone() with NSEC3', () => {
  const signed = signZone(cuts, keys, { ...policy, denial: 'nsec3' });
  const chain = signed.rrsets.filter(({ type }) => type === TYPE.NSEC3);

  it('has a record a name and empty non-terminal, and one ring through all', () => {
    // 7 names, and down.example and w.example.
    expect(chain).toHaveLength(9);
    const owners = chain.map(({ owner }) => formatName(owner.slice(0, 1)).toLowerCase());
    const nexts = chain.map(rrset => formatData(TYPE.NSEC3, rrset.data[0] as Uint8Array).split(' ')[4]);
    expect(nexts.map(next => next?.toLowerCase())).toEqual([...owners.slice(1), owners[0]]);
  });

  it('shows no RRSIG at an insecure cut and nothing at an empty name (RFC 5155 §7.1)', () => {
    const bitmaps = chain.map(rrset =>
      formatData(TYPE.NSEC3, rrset.data[0] as Uint8Array)
        .split(' ')
        .slice(5)
        .join(' '),
    );
    expect(bitmaps.toSorted()).toEqual(
      [
        '',
        '',
        'A RRSIG',
        'DNAME RRSIG',
        'NS',
        'NS DS RRSIG',
        'NS SOA RRSIG DNSKEY NSEC3PARAM',
        'TXT RRSIG',
        'TXT RRSIG',
      ].toSorted(),
    );
  });

  it('says that names are hashed without salt and iterations (RFC 9276 §3.1)', () => {
    expect(shown(signed, TYPE.NSEC3PARAM)).toEqual(['example NSEC3PARAM 1 0 0 -']);
    expect(verified(signed)).toContain('example NSEC3PARAM');
  });

  it('is read back with its parameters', () => {
    expect(readBack(signed)).toEqual([signed.denial, [...signed.rrsets]]);
  });
});

describe('signZone() with compact denial (RFC 9824)', () => {
  const signed = signZone(cuts, keys, { ...policy, denial: 'compact' });

  it('has an NSEC a name and empty non-terminal that covers no other name', () => {
    expect(shown(signed, TYPE.NSEC)).toEqual([
      'example NSEC \\000.example. NS SOA RRSIG NSEC DNSKEY',
      'down.example NSEC \\000.down.example. RRSIG NSEC',
      'deep.down.example NSEC \\000.deep.down.example. TXT RRSIG NSEC',
      'ns1.example NSEC \\000.ns1.example. A RRSIG NSEC',
      'old.example NSEC \\000.old.example. DNAME RRSIG NSEC',
      'safe.example NSEC \\000.safe.example. NS DS RRSIG NSEC',
      'sub.example NSEC \\000.sub.example. NS RRSIG NSEC',
      'w.example NSEC \\000.w.example. RRSIG NSEC',
      '*.w.example NSEC \\000.*.w.example. TXT RRSIG NSEC',
    ]);
    expect(verified(signed)).toContain('down.example NSEC');
  });
});

describe('signZone() again', () => {
  const changedLines = ['example 3600 NS ns1.example. | ns.sub.example.', 'ns1.example 3600 A 192.0.2.1'];
  const first = zone('example', SOA, ...changedLines, 'a.example 60 TXT one', 'b.example 60 TXT two');
  const before = signZone(first, keys, policy);
  const later = { ...policy, inceptionSeconds: policy.inceptionSeconds + 60 };

  const renewed = (after: SignedZone): string[] => {
    const earlier = new Set([...before.rrsets].flatMap(({ signatures }) => signatures.map(formatHex)));
    return after.rrsets
      .filter(({ signatures }) => signatures.some(one => !earlier.has(formatHex(one))))
      .map(({ owner, type }) => `${formatName(owner)} ${formatType(type)}`);
  };

  it('keeps every signature where nothing changed', () => {
    expect(renewed(signZone(first, keys, later, before))).toEqual([]);
  });

  it('signs what changed and its neighbours in the chain', () => {
    const serial = SOA.replace('1081539377', '1081539378');
    const changed = zone(
      'example',
      serial,
      ...changedLines,
      'a.example 60 TXT uno',
      'ab.example 60 TXT new',
      'b.example 60 TXT two',
    );
    const after = signZone(changed, keys, later, before);
    expect(renewed(after)).toEqual([
      'example SOA',
      'a.example TXT',
      'a.example NSEC',
      'ab.example TXT',
      'ab.example NSEC',
    ]);
    verified(after);
  });

  it('signs anew with another key, though its tag were the same', () => {
    const twin = { ...laterZsk, keyTag: zsk.keyTag };
    const after = signZone(first, { ksk: [ksk], zsk: [twin] }, later, before);
    expect(renewed(after)).toHaveLength(before.rrsets.length);
  });

  it('adds the signatures of a second key and keeps those of the first', () => {
    const after = signZone(first, { ksk: [ksk], zsk: [zsk, laterZsk] }, later, before);
    const a = after.rrsets.find(({ owner }) => formatName(owner) === 'a.example');
    expect(a?.signatures).toHaveLength(2);
    expect([...before.rrsets].flatMap(({ signatures }) => signatures)).toContainEqual(a?.signatures[0]);
    verified(after);
  });

  it('makes anew what ends too soon or was made by a clock that was ahead', () => {
    const soon = { ...later, renewBeforeSeconds: policy.expirationSeconds([], 0) };
    expect(renewed(signZone(first, keys, soon, before))).toHaveLength(before.rrsets.length);
    const setBack = { ...policy, inceptionSeconds: policy.inceptionSeconds - 1 };
    expect(renewed(signZone(first, keys, setBack, before))).toHaveLength(before.rrsets.length);
  });
});

describe('signZone() and keys', () => {
  it('shows other keys than those that sign, and asks the parent for some (RFC 7344)', () => {
    const rolling = {
      ...keys,
      published: [ksk.dnskey, zsk.dnskey, laterZsk.dnskey],
      atParent: [ksk.dnskey],
    };
    const signed = signZone(cuts, rolling, policy);
    const of = (wanted: number) => signed.rrsets.find(({ type }) => type === wanted);
    expect(of(TYPE.DNSKEY)?.data).toHaveLength(3);
    expect(of(TYPE.CDNSKEY)?.data).toEqual([encodeDnskey(ksk.dnskey)]);
    expect(of(TYPE.CDS)?.data.map(data => data.length)).toEqual([4 + 32]);
    expect(verified(signed)).toEqual(expect.arrayContaining(['example CDS', 'example CDNSKEY']));
  });

  it('asks the parent to remove its DS records (RFC 8078 §4)', () => {
    const signed = signZone(cuts, { ...keys, atParent: 'delete' }, policy);
    expect(shown(signed, TYPE.CDS, TYPE.CDNSKEY)).toEqual([
      'example CDS 0 0 0 00',
      'example CDNSKEY 0 3 0 AA==',
    ]);
  });

  it('keeps the keys of other signers that the zone brings along (RFC 8901)', () => {
    const dnskey = formatData(TYPE.DNSKEY, encodeDnskey(laterZsk.dnskey));
    const multi = zone('example', SOA, `example 3600 DNSKEY ${dnskey}`);
    const [rrset] = signZone(multi, keys, policy).rrsets.filter(({ type }) => type === TYPE.DNSKEY);
    expect(rrset?.data).toHaveLength(3);
  });

  it('signs with one key for all (CSK), once each', () => {
    const signed = signZone(cuts, { ksk: [ksk], zsk: [ksk] }, policy);
    expect([...signed.rrsets].every(({ signatures }) => signatures.length <= 1)).toBe(true);
    expect(signed.rrsets.find(({ type }) => type === TYPE.DNSKEY)?.data).toHaveLength(1);
    verified(signed);
  });
});
