import { describe, expect, it } from 'vitest';
import { TYPE } from '../message.ts';
import { parseName, type Name } from '../name.ts';
import { parseData } from '../record-types/presentation.ts';
import type { SignedRRset } from './signed-zone.ts';
import { digestZone, zonemdRecord } from './zone-digest.ts';

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

describe('digestZone()', () => {
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
