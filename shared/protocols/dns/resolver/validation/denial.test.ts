import { describe, expect, it } from 'vitest';
import { concatBytes, encodeUtf8 } from '../../../../base/bytes.ts';
import { name } from '../../answer/testing/ask.ts';
import { formatBase32hex } from '../../base32hex.ts';
import { hashName } from '../../dnssec/nsec3.ts';
import { TYPE } from '../../message.ts';
import { nameInWire } from '../../name.ts';
import { encodeTypeBitmap } from '../../type-bitmap.ts';
import { NSEC3_ITERATIONS_MAX } from '../limits.ts';
import { NAME_ABSENT, TYPE_ABSENT, type Denier } from './absence.ts';
import { Budget } from './budget.ts';
import { createNsec3Denier } from './nsec3-denier.ts';
import { createNsecDenier } from './nsec-denier.ts';
import type { Verified } from './verify-signed.ts';

const APEX = name('test');
const at = (text: string, type: number): { name: ReturnType<typeof name>; type: number } => ({
  name: name(text),
  type,
});

function nsec(owner: string, next: string, ...types: number[]): Verified {
  const data = concatBytes([nameInWire(name(next)), encodeTypeBitmap([...types, TYPE.NSEC, TYPE.RRSIG])]);
  return verified(name(owner), TYPE.NSEC, data);
}

function verified(owner: ReturnType<typeof name>, type: number, data: Uint8Array): Verified {
  return { rrset: { owner, type, ttlSeconds: 300, data: [data] }, labels: owner.length, fromWildcard: false };
}

describe('NSEC records', () => {
  const apexToB = nsec('test', 'b.test', TYPE.SOA, TYPE.NS);
  const bToLast = nsec('b.test', 'x.y.test', TYPE.A);
  const last = nsec('x.y.test', 'test', TYPE.A);

  it.each<[string, readonly Verified[], string, number, unknown]>([
    ['a name between two, and no wildcard', [apexToB], 'a.test', TYPE.A, NAME_ABSENT],
    ['a name behind the last', [last, apexToB], 'z.test', TYPE.A, NAME_ABSENT],
    ['a type at its name', [bToLast], 'b.test', TYPE.TXT, TYPE_ABSENT],
    ['a name that only has names below it', [bToLast], 'y.test', TYPE.A, TYPE_ABSENT],
    ['not a type that is there', [bToLast], 'b.test', TYPE.A, undefined],
    ['not a name without the wildcard', [bToLast], 'c.test', TYPE.A, undefined],
    ['not a name that is elsewhere', [apexToB], 'c.test', TYPE.A, undefined],
    ['not what may be an alias', [nsec('b.test', 'c.test', TYPE.CNAME)], 'b.test', TYPE.A, undefined],
    ['not what is below a cut', [nsec('b.test', 'd.test', TYPE.NS), apexToB], 'a.b.test', TYPE.A, undefined],
    [
      'not what is below a DNAME',
      [nsec('b.test', 'd.test', TYPE.DNAME), apexToB],
      'a.b.test',
      TYPE.A,
      undefined,
    ],
    ['not the types of a cut', [nsec('b.test', 'd.test', TYPE.NS)], 'b.test', TYPE.A, undefined],
    ['not the DS by the child', [nsec('b.test', 'b.test', TYPE.NS, TYPE.SOA)], 'b.test', TYPE.DS, undefined],
    [
      'a name that says so itself (RFC 9824)',
      [nsec('c.test', 'd.test', TYPE.NXNAME)],
      'c.test',
      TYPE.A,
      NAME_ABSENT,
    ],
  ])('deny %s', (_, records, ...[asked, type, proven]) => {
    expect(createNsecDenier(records).proveAbsence(at(asked, type))).toEqual(proven);
  });

  it('show a cut without DS', () => {
    const denier = createNsecDenier([nsec('b.test', 'd.test', TYPE.NS)]);
    expect(denier.proveAbsence(at('b.test', TYPE.DS))).toEqual({ ...TYPE_ABSENT, isCut: true });
  });

  it('deny types of a wildcard, with the name that it would stand for', () => {
    const denier = createNsecDenier([nsec('*.test', 'b.test', TYPE.A), bToLast]);
    expect(denier.proveAbsence(at('c.test', TYPE.TXT))).toEqual(TYPE_ABSENT);
    expect(denier.proveAbsence(at('c.test', TYPE.A))).toBeUndefined();
  });

  it('made from a wildcard deny nothing (RFC 4035 §5.4)', () => {
    const denier = createNsecDenier([{ ...bToLast, fromWildcard: true }]);
    expect(denier.proveAbsence(at('b.test', TYPE.TXT))).toBeUndefined();
  });

  it('show that nothing is closer than a wildcard (RFC 4035 §5.3.4)', () => {
    const denier = createNsecDenier([bToLast]);
    expect(denier.proveNoCloserName(at('a.c.test', TYPE.A), 1)).toEqual({ secure: true });
    expect(denier.proveNoCloserName(at('a.b.test', TYPE.A), 1)).toBeUndefined();
  });
});

interface Hashed {
  readonly of: string;
  readonly types: readonly number[];
  readonly optOut?: boolean;
}

/** The whole chain of the names, in the order of their hashes. */
function nsec3s(names: readonly Hashed[], iterations = 0): Verified[] {
  const salt = Uint8Array.of(0xab);
  const chain = names
    .map(one => ({ ...one, hash: hashName(name(one.of), iterations, salt) }))
    .sort((left, right) => Buffer.compare(left.hash, right.hash));
  return chain.map(({ hash, types, optOut = false }, index) => {
    const next = chain[(index + 1) % chain.length]?.hash ?? hash;
    const head = Uint8Array.of(1, optOut ? 1 : 0, iterations >>> 8, iterations & 0xff, 1, 0xab, next.length);
    const data = concatBytes([head, next, encodeTypeBitmap(types)]);
    return verified([encodeUtf8(formatBase32hex(hash)), ...APEX], TYPE.NSEC3, data);
  });
}

function denierOf(names: readonly Hashed[], iterations?: number): Denier {
  return createNsec3Denier(nsec3s(names, iterations), APEX, new Budget(10));
}

describe('NSEC3 records', () => {
  const names: readonly Hashed[] = [
    { of: 'test', types: [TYPE.SOA, TYPE.NS] },
    { of: 'b.test', types: [TYPE.A] },
    { of: 'cut.test', types: [TYPE.NS] },
    { of: 'dname.test', types: [TYPE.DNAME] },
    { of: 'y.test', types: [] },
    { of: '*.y.test', types: [TYPE.A] },
  ];

  it.each<[string, string, number, unknown]>([
    ['a name', 'a.test', TYPE.A, NAME_ABSENT],
    ['a name below one that is there', 'a.b.test', TYPE.A, NAME_ABSENT],
    ['a type', 'b.test', TYPE.TXT, TYPE_ABSENT],
    ['all types of a name that only has names below it', 'y.test', TYPE.A, TYPE_ABSENT],
    ['a type of a wildcard (RFC 5155 §8.7)', 'a.y.test', TYPE.TXT, TYPE_ABSENT],
    ['not a type that is there', 'b.test', TYPE.A, undefined],
    ['not what the wildcard has', 'a.y.test', TYPE.A, undefined],
    ['not what is below a cut', 'a.cut.test', TYPE.A, undefined],
    ['not what is below a DNAME', 'a.dname.test', TYPE.A, undefined],
    ['DS at a cut', 'cut.test', TYPE.DS, { ...TYPE_ABSENT, isCut: true }],
  ])('deny %s', (_, asked, type, proven) => {
    expect(denierOf(names).proveAbsence(at(asked, type))).toEqual(proven);
  });

  it('deny nothing where one that is needed is missing', () => {
    const records = nsec3s(names);
    const withoutApex = records.filter(
      ({ rrset }) => rrset.data[0] !== undefined && rrset.owner[0] !== undefined,
    );
    const apexHash = formatBase32hex(hashName(APEX, 0, Uint8Array.of(0xab)));
    const some = withoutApex.filter(({ rrset }) => Buffer.from(rrset.owner[0] ?? []).toString() !== apexHash);
    const denier = createNsec3Denier(some, APEX, new Budget(10));
    expect(denier.proveAbsence(at('a.test', TYPE.A))).toBeUndefined();
  });

  it('with opt-out leave room for cuts, and prove nothing securely (RFC 5155 §9.2)', () => {
    const denier = denierOf(names.map(one => ({ ...one, optOut: true })));
    expect(denier.proveAbsence(at('other.test', TYPE.DS))).toEqual({
      exists: true,
      isCut: true,
      secure: false,
    });
    expect(denier.proveAbsence(at('other.test', TYPE.A))).toEqual({ ...NAME_ABSENT, secure: false });
    expect(denier.proveNoCloserName(at('a.y.test', TYPE.A), 2)).toEqual({ secure: false });
  });

  it('show that nothing is closer than a wildcard (RFC 5155 §8.8)', () => {
    expect(denierOf(names).proveNoCloserName(at('a.y.test', TYPE.A), 2)).toEqual({ secure: true });
    expect(denierOf(names).proveNoCloserName(at('b.test', TYPE.A), 1)).toBeUndefined();
  });

  it('with too many iterations are not looked at: what they say is insecure (RFC 9276 §3.2)', () => {
    expect(denierOf(names, NSEC3_ITERATIONS_MAX).proveAbsence(at('a.test', TYPE.A))).toEqual(NAME_ABSENT);
    expect(denierOf(names, NSEC3_ITERATIONS_MAX + 1).proveAbsence(at('a.test', TYPE.A))).toMatchObject({
      secure: false,
    });
  });

  it('cost no more than a bounded number of hashes (CVE-2023-50868)', () => {
    const denier = denierOf(names, NSEC3_ITERATIONS_MAX);
    expect(denier.proveAbsence(at(`${'a.'.repeat(100)}test`, TYPE.A))).toBeUndefined();
  });
});
