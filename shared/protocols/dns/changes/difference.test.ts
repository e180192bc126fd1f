import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { name } from '../answer/testing/ask.ts';
import { APEX, randomZone } from '../answer/testing/random-zone.ts';
import { TYPE } from '../message.ts';
import { formatName } from '../name.ts';
import type { RRset, Zone } from '../rrset.ts';
import { applyDifference, differenceOf } from './difference.ts';

/** Each RRset as text, owners as they are written. */
function show({ rrsets }: Pick<Zone, 'rrsets'>): string[] {
  return [...rrsets].map(
    ({ owner, type, ttlSeconds, data }) =>
      `${formatName(owner)} ${type} ${ttlSeconds} ${data
        .map(one => one.toHex())
        .sort()
        .join(' ')}`,
  );
}

/** A signed corner: two RRSIGs of one owner with different TTLs are two sets. */
const signature = (covered: number, last: number): RRset => ({
  owner: APEX,
  type: TYPE.RRSIG,
  ttlSeconds: covered,
  data: [Uint8Array.of(0, covered, last)],
});

const zone: fc.Arbitrary<Zone> = fc.tuple(randomZone, fc.nat(3), fc.nat(3)).map(([made, soa, ns]) => {
  const apexEnd = [...made.rrsets].findIndex(({ owner }) => owner.length > APEX.length);
  const at = apexEnd === -1 ? made.rrsets.length : apexEnd;
  const signatures = [signature(TYPE.NS, ns), signature(TYPE.SOA, soa)];
  return { apex: made.apex, rrsets: [...made.rrsets.slice(0, at), ...signatures, ...made.rrsets.slice(at)] };
});

const owner = name('www.zone.test');
const addresses: RRset = {
  owner,
  type: TYPE.A,
  ttlSeconds: 60,
  data: [Uint8Array.of(192, 0, 2, 1), Uint8Array.of(192, 0, 2, 2)],
};
const soa = (serial: number): RRset => ({
  owner: APEX,
  type: TYPE.SOA,
  ttlSeconds: 60,
  data: [Uint8Array.of(0, 0, 0, 0, 0, serial, ...new Uint8Array(16))],
});
const small: Zone = { apex: APEX, rrsets: [soa(1), addresses] };

describe('the difference of two versions of a zone', () => {
  it('makes the one of the other, whatever they are', () => {
    fc.assert(
      fc.property(zone, zone, (before, after) => {
        const applied = applyDifference(before, differenceOf(before, after));
        expect(applied.ok && show(applied.value).sort()).toEqual(show(after).sort());
        expect(applied.ok && differenceOf(applied.value, after)).toEqual({ removed: [], added: [] });
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the order of zones', () => {
    fc.assert(
      fc.property(zone, zone, (before, after) => {
        const applied = applyDifference(before, differenceOf(before, after));
        const owners = (each: Zone): string[] => [...each.rrsets].map(rrset => formatName(rrset.owner));
        expect(applied.ok && owners(applied.value).map(text => text.toLowerCase())).toEqual(
          owners(after).map(text => text.toLowerCase()),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('has the records that differ and no others, the SOA first (RFC 1995 §4)', () => {
    const changed = { ...addresses, data: [addresses.data[1]!, Uint8Array.of(192, 0, 2, 3)] };
    const early = { ...addresses, owner: name('*.zone.test') };
    const difference = differenceOf(small, { apex: APEX, rrsets: [soa(2), early, changed] });
    expect(show({ rrsets: difference.removed })).toEqual(
      show({ rrsets: [soa(1), { ...addresses, data: [addresses.data[0]!] }] }),
    );
    expect(show({ rrsets: difference.added })).toEqual(
      show({ rrsets: [soa(2), early, { ...changed, data: [changed.data[1]!] }] }),
    );
  });

  it('takes and puts an RRset whole where its TTL changes (RFC 2181 §5.2)', () => {
    const after = { apex: APEX, rrsets: [soa(1), { ...addresses, ttlSeconds: 61 }] };
    expect(differenceOf(small, after)).toEqual({ removed: [addresses], added: [after.rrsets[1]] });
  });
});

describe('a difference that is not one to this zone', () => {
  const stranger: RRset = { ...addresses, owner: name('www.other.test') };
  it.each([
    [
      'removes a name that is not there',
      { removed: [stranger], added: [] },
      'www.other.test. A is not there',
    ],
    [
      'removes one record too many',
      { removed: [{ ...addresses, data: [...addresses.data, Uint8Array.of(1, 2, 3, 4)] }], added: [] },
      'www.zone.test. A is not there',
    ],
    ['starts at another serial', { removed: [soa(3)], added: [soa(4)] }, 'zone.test. SOA is not there'],
    ['adds what is there', { removed: [], added: [addresses] }, 'www.zone.test. A is there already'],
    ['adds a name of elsewhere', { removed: [], added: [stranger] }, 'www.other.test. A is outside the zone'],
  ])('is refused: it %s', (_what, difference, error) => {
    expect(applyDifference(small, difference)).toEqual({ ok: false, error });
  });

  it('finds names and data in either case', () => {
    const alias = (to: string): RRset => ({
      owner,
      type: TYPE.CNAME,
      ttlSeconds: 1,
      data: [Uint8Array.of(1, to.charCodeAt(0), 0)],
    });
    const upper = { ...alias('B'), owner: name('WWW.zone.test') };
    const applied = applyDifference(
      { apex: APEX, rrsets: [soa(1), alias('b')] },
      { removed: [upper], added: [] },
    );
    expect(applied.ok && [...applied.value.rrsets]).toEqual([soa(1)]);
  });
});
