import { describe, expect, it } from 'vitest';
import { TYPE } from '../message.ts';
import { parseName, type Name } from '../name.ts';
import { parseData } from '../record-types/presentation.ts';
import type { SignedRRset } from './signed-zone.ts';
import { digestInSteps, zonemdRecord, type DigestedRRset } from './zone-digest.ts';
import { verifyDigestInSteps } from './verify-digest.ts';

function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function rrset(owner: string, type: number, ttlSeconds: number, ...data: string[]): SignedRRset {
  const parse = (text: string): Uint8Array => {
    const tokens = text.split(' ').map(text => ({ text, quoted: false }));
    const parsed = parseData(type, tokens, name('example'));
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  };
  return { owner: name(owner), type, ttlSeconds, data: data.map(parse), signatures: [] };
}

/** RFC 8976 §A.1. */
const SIMPLE = [
  rrset('example', TYPE.NS, 86_400, 'ns1', 'ns2'),
  rrset('example', TYPE.SOA, 86_400, 'ns1 admin 2018031900 1800 900 604800 86400'),
  rrset('ns1.example', TYPE.A, 3600, '203.0.113.63'),
  rrset('ns2.example', TYPE.AAAA, 3600, '2001:db8::63'),
];
const SIMPLE_DIGEST =
  'c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c';

function toEnd<T>(steps: Iterator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

const digestZone = (apex: Name, rrsets: readonly DigestedRRset[]): Uint8Array =>
  toEnd(digestInSteps(apex, rrsets));

describe('digestInSteps()', () => {
  it('is that of RFC 8976 §A.1', () => {
    expect(digestZone(name('example'), SIMPLE).toHex()).toBe(SIMPLE_DIGEST);
  });

  it('leaves out the ZONEMD record of the apex and its signatures, and nothing else', () => {
    const soa = SIMPLE[1] as SignedRRset;
    const zonemd = { ...zonemdRecord(soa), signatures: [Uint8Array.of(0, TYPE.ZONEMD, 1)] };
    const [ns, , ...rest] = SIMPLE as [SignedRRset, ...SignedRRset[]];
    expect(digestZone(name('example'), [ns, soa, zonemd, ...rest]).toHex()).toBe(SIMPLE_DIGEST);
    const signed = { ...soa, signatures: [Uint8Array.of(0, TYPE.SOA, 1)] };
    expect(digestZone(name('example'), [ns, signed, ...rest]).toHex()).not.toBe(SIMPLE_DIGEST);
    const elsewhere = { ...zonemd, owner: name('ns2.example') };
    expect(digestZone(name('example'), [...SIMPLE, elsewhere]).toHex()).not.toBe(SIMPLE_DIGEST);
  });
});

const RRSIG_OF_NS = Uint8Array.of(0, TYPE.NS, 1);
const RRSIG_OF_SOA = Uint8Array.of(0, TYPE.SOA, 1);

it('is one, whether RRSIGs stand beside what they cover or as RRsets', () => {
  const [ns, soa, ...rest] = SIMPLE as [SignedRRset, SignedRRset, ...SignedRRset[]];
  const beside = [{ ...ns, signatures: [RRSIG_OF_NS] }, { ...soa, signatures: [RRSIG_OF_SOA] }, ...rest];
  const apart = [RRSIG_OF_NS, RRSIG_OF_SOA, Uint8Array.of(0, TYPE.ZONEMD, 1)].map(data => ({
    ...ns,
    type: TYPE.RRSIG,
    data: [data],
  }));
  const flat = [ns, soa, ...apart, ...rest];
  expect(digestZone(name('example'), flat)).toEqual(digestZone(name('example'), beside));
});

describe('verifyDigestInSteps()', () => {
  const soa = SIMPLE[1] as SignedRRset;
  const verify = (zonemd: string[], content = SIMPLE): unknown => {
    const [ns, ...rest] = content as [SignedRRset, ...SignedRRset[]];
    const digests = zonemd.length === 0 ? [] : [rrset('example', TYPE.ZONEMD, 60, ...zonemd)];
    const outcome = toEnd(
      verifyDigestInSteps({ apex: name('example'), rrsets: [ns, soa, ...digests, ...rest.slice(1)] }),
    );
    return outcome.ok ? outcome.value : outcome.error;
  };
  const RIGHT = `2018031900 1 1 ${SIMPLE_DIGEST}`;
  const SHA512 = toEnd(digestInSteps(name('example'), SIMPLE, 2)).toHex();

  it.each<[string, string[], string]>([
    ['has none', [], 'absent'],
    ['has the right one', [RIGHT], 'right'],
    ['has the right one by SHA-512', [`2018031900 1 2 ${SHA512}`], 'right'],
    ['has none that is known here', [`2018031900 1 240 ${SIMPLE_DIGEST}`], 'absent'],
    ['has a right one beside one that is not known', [RIGHT, `2018031900 240 1 ${SIMPLE_DIGEST}`], 'right'],
    [
      'has one for another serial',
      [RIGHT.replace('1900', '1901')],
      'the digest of the zone (ZONEMD) does not fit: it was made for another serial',
    ],
    [
      'has another one',
      [RIGHT.replace('c680', 'c681')],
      'the digest of the zone (ZONEMD) does not fit: its content is another',
    ],
    [
      'has two of a kind',
      [RIGHT, RIGHT.replace('c680', 'c681')],
      'the zone has two digests (ZONEMD) of one kind',
    ],
  ])('where a zone %s', (_what, zonemd, verdict) => {
    expect(verify(zonemd)).toBe(verdict);
  });

  it('sees that a record is missing', () => {
    expect(verify([RIGHT], SIMPLE.slice(0, -1))).toContain('its content is another');
  });
});
