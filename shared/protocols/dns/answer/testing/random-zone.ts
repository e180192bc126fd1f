import fc from 'fast-check';
import { encodeUtf8 } from '../../../../base/bytes.ts';
import { TYPE } from '../../message.ts';
import { equalNames, isAtOrBelow, nameInWire, type Name } from '../../name.ts';
import { compareCanonical, type RRset, type Zone } from '../../rrset.ts';
import { name } from './ask.ts';

/** Few labels and few levels, so that names meet: cuts above cuts, aliases that loop, wildcards beside what they cover. */
const LABELS = ['a', 'b', 'B', '*', 'c', 'x'];
export const APEX: Name = name('zone.test');

const label = fc.constantFrom(...LABELS);
const below = fc.array(label, { maxLength: 4 }).map(labels => labels.map(text => encodeUtf8(text)));
const inside = below.map((labels): Name => [...labels, ...APEX]);
const outside = fc.constantFrom(name('host.other.test'), name('test'), name('xzone.test'));
const target = fc.oneof({ weight: 5, arbitrary: inside }, { weight: 1, arbitrary: outside });

/** A name to ask for, mostly of the zone. */
export const askedName: fc.Arbitrary<Name> = fc.oneof(
  { weight: 9, arbitrary: inside },
  { weight: 1, arbitrary: outside },
);
export const askedType: fc.Arbitrary<number> = fc.constantFrom(
  TYPE.A,
  TYPE.A,
  TYPE.AAAA,
  TYPE.MX,
  TYPE.NS,
  TYPE.CNAME,
  TYPE.DNAME,
  TYPE.SRV,
  TYPE.DS,
  TYPE.SOA,
  TYPE.TXT,
);

interface Entry {
  readonly owner: Name;
  readonly type: number;
  readonly data: readonly Uint8Array[];
}

const octet = fc.integer({ min: 0, max: 255 });
const address = octet.map(last => Uint8Array.of(192, 0, 2, last));
const address6 = octet.map(last => Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last));
const withTarget = (prefix: readonly number[]): fc.Arbitrary<Uint8Array> =>
  target.map(to => Uint8Array.of(...prefix, ...nameInWire(to)));
const several = (data: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array[]> =>
  fc.uniqueArray(data, {
    minLength: 1,
    maxLength: 3,
    selector: bytes => String.fromCharCode(...bytes).toLowerCase(),
  });
const one = (data: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array[]> => data.map(bytes => [bytes]);

const content: fc.Arbitrary<Omit<Entry, 'owner'>> = fc.oneof(
  several(address).map(data => ({ type: TYPE.A, data })),
  several(address6).map(data => ({ type: TYPE.AAAA, data })),
  several(withTarget([0, 10])).map(data => ({ type: TYPE.MX, data })),
  several(withTarget([0, 1, 0, 2, 0, 3])).map(data => ({ type: TYPE.SRV, data })),
  several(withTarget([])).map(data => ({ type: TYPE.NS, data })),
  one(withTarget([])).map(data => ({ type: TYPE.CNAME, data })),
  one(withTarget([])).map(data => ({ type: TYPE.DNAME, data })),
  one(fc.constant(Uint8Array.of(0, 1, 13, 2, ...new Uint8Array(32)))).map(data => ({ type: TYPE.DS, data })),
);

const entry: fc.Arbitrary<Entry> = fc
  .tuple(inside, content)
  .map(([owner, { type, data }]) => ({ owner, type, data }));

const SOA_DATA = Uint8Array.of(
  ...nameInWire(name('ns.zone.test')),
  ...nameInWire(name('hostmaster.zone.test')),
  ...[0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 3, 132, 0, 9, 58, 128, 0, 0, 1, 44],
);

/** A zone that a zone checker would take: no CNAME beside others, nothing below a DNAME, no cut or DNAME at a wildcard. */
export const randomZone: fc.Arbitrary<Zone> = fc
  .array(entry, { maxLength: 14 })
  .map(entries => makeZone(entries));

function makeZone(entries: readonly Entry[]): Zone {
  const kept: Entry[] = [
    { owner: APEX, type: TYPE.SOA, data: [SOA_DATA] },
    { owner: APEX, type: TYPE.NS, data: [nameInWire(name('b.zone.test'))] },
  ];
  for (const candidate of entries) if (isAllowed(candidate, kept)) kept.push(candidate);
  const names = kept.filter(({ type }) => type === TYPE.DNAME);
  const rrsets: RRset[] = kept
    .filter(
      ({ owner }) =>
        !names.some(dname => owner.length > dname.owner.length && isAtOrBelow(owner, dname.owner)),
    )
    .filter(
      ({ owner, type }) =>
        type !== TYPE.DS || kept.some(other => other.type === TYPE.NS && equalNames(other.owner, owner)),
    )
    .map(({ owner, type, data }) => ({ owner, type, ttlSeconds: 3_600 + type, data }));
  return {
    apex: APEX,
    rrsets: rrsets.sort((left, right) => compareCanonical(left.owner, right.owner) || left.type - right.type),
  };
}

const ALONE: readonly number[] = [TYPE.CNAME];
const NOT_AT_APEX: readonly number[] = [TYPE.CNAME, TYPE.DS];
const NOT_AT_WILDCARD: readonly number[] = [TYPE.NS, TYPE.DNAME, TYPE.DS];

function isAllowed({ owner, type }: Entry, kept: readonly Entry[]): boolean {
  const here = kept.filter(other => equalNames(other.owner, owner));
  if (here.some(other => other.type === type || ALONE.includes(other.type))) return false;
  if (ALONE.includes(type) && here.length > 0) return false;
  if (owner.length === APEX.length && NOT_AT_APEX.includes(type)) return false;
  // RFC 6672 §2.4: a DNAME has no children, and a cut has no DNAME.
  if (type === TYPE.DNAME && here.some(other => other.type === TYPE.NS) && owner.length > APEX.length)
    return false;
  if (type === TYPE.NS && here.some(other => other.type === TYPE.DNAME)) return false;
  const isWildcard = owner[0]?.[0] === 0x2a && owner[0].length === 1;
  return !(isWildcard && NOT_AT_WILDCARD.includes(type));
}
