import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomZone } from '../answer/testing/random-zone.ts';
import { differenceOf } from '../changes/difference.ts';
import { ZoneDraft } from '../changes/zone-draft.ts';
import { TYPE } from '../message.ts';
import { parseName, type Name } from '../name.ts';
import { byOwner, rrsetsOf } from '../rrset-list.ts';
import { compareCanonical, type RRset } from '../rrset.ts';
import { packedOf } from './edit-packed.ts';
import { PackedRRsets } from './packed-rrsets.ts';
import { packRRsets } from './rrset-packer.ts';

function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const APEX = name('example');
const HOSTS = 400;

function txt(owner: string, value: number, ttlSeconds = 60): RRset {
  return { owner: name(owner), type: TYPE.TXT, ttlSeconds, data: [Uint8Array.of(1, value)] };
}

/** Some 25 chunks. */
const hosts = Array.from({ length: HOSTS }, (_, host) => txt(`host${host}.example`, host & 0xff)).sort(
  (left, right) => compareCanonical(left.owner, right.owner),
);
const packed = packRRsets({ apex: APEX, isSigned: false }, hosts);

function edit(list: PackedRRsets, change: (draft: ZoneDraft) => void): PackedRRsets {
  const draft = new ZoneDraft({ apex: APEX, rrsets: list });
  change(draft);
  return packedOf(draft.finish());
}

describe('packed RRsets', () => {
  it('are what was packed, each at its place', () => {
    fc.assert(
      fc.property(randomZone, zone => {
        const list = [...zone.rrsets];
        const packed = packedOf(zone);
        expect([...packed]).toEqual(list);
        expect(packed.length).toBe(list.length);
        expect(list.map((_, at) => packed.at(at))).toEqual(list);
        expect(packed.at(list.length)).toBeUndefined();
        expect(packed.slice(1, -1)).toEqual(list.slice(1, -1));
        for (const node of byOwner(list)) expect(rrsetsOf(packed, (node[0] as RRset).owner)).toEqual(node);
      }),
      { numRuns: 100 },
    );
  });

  it('are found by their owner, in either case', () => {
    for (const { owner } of hosts) expect(rrsetsOf(packed, owner)).toHaveLength(1);
    expect(rrsetsOf(packed, name('HOST17.Example'))).toEqual([txt('host17.example', 17)]);
    expect(rrsetsOf(packed, name('host17a.example'))).toEqual([]);
    expect(rrsetsOf(packed, name('zz.example'))).toEqual([]);
    expect(rrsetsOf(packRRsets({ apex: APEX, isSigned: false }, []), APEX)).toEqual([]);
  });

  it('keep the case of every owner', () => {
    const mixed = [txt('a.EXAMPLE', 1), { ...txt('A.example', 2), type: TYPE.HINFO }];
    mixed.sort((left, right) => left.type - right.type);
    expect([...packRRsets({ apex: APEX, isSigned: false }, mixed)]).toEqual(mixed);
  });

  it('know the longest TTL, of what is there still', () => {
    const longer = edit(packed, draft => draft.put(txt('host9.example', 9, 7_200)));
    expect(longer.longestTtlSeconds).toBe(7_200);
    const again = edit(longer, draft => draft.put(txt('host9.example', 9, 30)));
    expect(again.longestTtlSeconds).toBe(60);
  });

  it('may be handed to another thread', () => {
    expect([...new PackedRRsets(structuredClone(packed.form))]).toEqual(hosts);
  });
});

const change = fc.record({ host: fc.nat(HOSTS + 50), value: fc.option(fc.nat(255)) });

describe('a change of packed RRsets', () => {
  it('does what it does to a list, and all of it is the difference', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), changes => {
        const model = new Map(hosts.map(rrset => [String(rrset.owner[0]), rrset]));
        const after = edit(packed, draft => {
          for (const { host, value } of changes) {
            const rrset = txt(`host${host}.example`, value ?? 0);
            for (const there of value === null ? draft.at(rrset.owner) : []) draft.remove(there);
            if (value !== null) draft.put(rrset);
            if (value === null) model.delete(String(rrset.owner[0]));
            else model.set(String(rrset.owner[0]), rrset);
          }
        });
        const wanted = [...model.values()].sort((left, right) => compareCanonical(left.owner, right.owner));
        expect([...after]).toEqual(wanted);
        expect(after.length).toBe(wanted.length);
        const zones = [packed, after].map(rrsets => ({ apex: APEX, rrsets }));
        const plain = [hosts, wanted].map(rrsets => ({ apex: APEX, rrsets }));
        expect(differenceOf(zones[0]!, zones[1]!)).toEqual(differenceOf(plain[0]!, plain[1]!));
      }),
      { numRuns: 50 },
    );
  });

  it('leaves the chunks shared in which nothing changed', () => {
    const after = edit(packed, draft => draft.put(txt('host7.example', 99)));
    expect(packed.chunkCount).toBeGreaterThan(10);
    expect(after.form.slabs[0]).toBe(packed.form.slabs[0]);
    expect(after.form.slabs[1]?.byteLength).toBeLessThan(packed.form.slabs[0]!.byteLength / 4);
  });

  it('is made out where everything was packed anew', () => {
    const anew = hosts.map(rrset =>
      rrset.owner === hosts[200]?.owner ? { ...rrset, ttlSeconds: 5 } : rrset,
    );
    const after = packRRsets({ apex: APEX, isSigned: false, before: packed }, anew);
    expect([...after]).toEqual(anew);
    expect(after.form.slabs[0]).toBe(packed.form.slabs[0]);
    expect(after.form.slabs).toHaveLength(2);
  });

  it('leaves no more idle memory behind than there is in use, however often it comes', () => {
    let list = packed;
    for (let turn = 0; turn < 2_000; turn++)
      list = edit(list, draft => draft.put(txt(`host${(turn * 37) % HOSTS}.example`, turn & 0xff)));
    const total = list.form.slabs.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const used = packed.form.slabs.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(total).toBeLessThan(2 * used + 34_000);
  });
});
