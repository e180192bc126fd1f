import fc from 'fast-check';
import { concatBytes, encodeUtf8 } from '../../../../base/bytes.ts';
import { TYPE } from '../../message.ts';
import { nameBytes, nameInWire, NAME_MAX_BYTES, type Name } from '../../name.ts';
import { encodeTypeBitmap } from '../../type-bitmap.ts';

type Bytes = fc.Arbitrary<Uint8Array>;

/** Labels of any bytes, and those of hosts more often. */
export const arbitraryName: fc.Arbitrary<Name> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.stringMatching(/^[a-zA-Z0-9_-]{1,10}$/).map(encodeUtf8) },
      { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 63 }) },
    ),
    { maxLength: 4 },
  )
  .filter(name => nameBytes(name) <= NAME_MAX_BYTES);

const name: Bytes = arbitraryName.map(nameInWire);

function fixed(length: number): Bytes {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

function some(maxLength = 70, minLength = 1): Bytes {
  return fc.uint8Array({ minLength, maxLength });
}

function counted(bytes: Bytes): Bytes {
  return bytes.map(part => concatBytes([Uint8Array.of(part.length), part]));
}

function all(...parts: readonly Bytes[]): Bytes {
  return fc.tuple(...parts).map(concatBytes);
}

function byte(...values: readonly number[]): Bytes {
  return fc.constantFrom(...values).map(value => Uint8Array.of(value));
}

function several(part: Bytes, minLength = 0): Bytes {
  return fc.array(part, { minLength, maxLength: 4 }).map(concatBytes);
}

const text = counted(fc.uint8Array({ maxLength: 255 }));
const texts = several(text, 1);
const types = fc.array(fc.nat({ max: 0xffff }), { minLength: 1, maxLength: 12 });
const typeList: Bytes = types.map(encodeTypeBitmap);
const typeListOrNone: Bytes = fc.oneof(typeList, fc.constant(new Uint8Array()));
/** RFC 4034 §3.1.7: the labels field is no less than the labels of the signer. */
const signature = all(fixed(3), byte(4, 5, 127), fixed(14), name, some());
const key = all(fixed(4), some());
const delegationSigner = fc.oneof(
  all(fixed(3), byte(1), fixed(20)),
  all(fixed(3), byte(2), fixed(32)),
  all(fixed(3), byte(4), fixed(48)),
  all(fixed(3), byte(0, 3, 99), some()),
);
const certificateAssociation = all(fixed(3), some());
const nsec3Parameters = all(fixed(3), counted(some(12, 0)));

const substitution: Bytes = counted(
  fc
    .constantFrom('', '!^.*$!sip:info@example.com!i', '/(a|\\/)[])(]b/\\1\\\\x/', '|[[:digit:])]*||')
    .map(encodeUtf8),
);
const angle = (degrees: number): Bytes =>
  fc.integer({ min: -degrees * 3_600_000, max: degrees * 3_600_000 }).map(value => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, 2 ** 31 + value);
    return bytes;
  });
/** RFC 1876 §2: the zero has no power of ten in the form that is written. */
const size: Bytes = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }))
  .map(([digit, power]) => Uint8Array.of((digit << 4) | power));

const prefixItem = (family: number, bytes: number): Bytes =>
  fc
    .tuple(fc.nat({ max: bytes * 8 }), fc.boolean(), fc.uint8Array({ maxLength: bytes }))
    .map(([length, isNegated, address]) => {
      const significant = address.subarray(0, address.findLastIndex(part => part !== 0) + 1);
      const header = Uint8Array.of(0, family, length, (isNegated ? 0x80 : 0) | significant.length);
      return concatBytes([header, significant]);
    });

const hostIdentity: Bytes = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat({ max: 255 }), some(), several(name))
  .map(([hit, algorithm, publicKey, servers]) =>
    concatBytes([Uint8Array.of(hit.length, algorithm, 0, publicKey.length), hit, publicKey, servers]),
  );

const path: Bytes = fc.stringMatching(/^\/[a-z/é]{0,8}\{\?dns\}$/).map(encodeUtf8);
const parameters: Bytes = fc
  .record(
    {
      1: several(counted(some(20)), 1),
      3: fixed(2),
      4: several(fixed(4), 1),
      5: some(),
      6: several(fixed(16), 1),
      7: path,
      8: fc.constant(new Uint8Array()),
      667: some(20, 0),
      65534: some(20, 0),
    },
    { requiredKeys: [] },
  )
  .map(values => {
    // Whatever is there may also be mandatory; with alpn there may be no-default-alpn.
    const keys = Object.keys(values).map(Number);
    const mandatory = concatBytes(keys.map(number => Uint8Array.of(number >> 8, number & 0xff)));
    const whole: Record<number, Uint8Array> = { ...values };
    if (keys.length > 1) whole[0] = mandatory;
    if (keys.includes(1) && keys.includes(3)) whole[2] = new Uint8Array();
    return concatBytes(
      Object.entries(whole).flatMap(([number, value]) => [
        Uint8Array.of(Number(number) >> 8, Number(number) & 0xff, 0, value.length),
        value,
      ]),
    );
  });

/** Data of every type in the table, well-formed. */
export const arbitraryData: ReadonlyMap<number, Bytes> = new Map<number, Bytes>([
  ...[TYPE.NS, TYPE.MD, TYPE.MF, TYPE.CNAME, TYPE.MB, TYPE.MG, TYPE.MR, TYPE.PTR, TYPE.DNAME].map(
    (type): [number, Bytes] => [type, name],
  ),
  ...[TYPE.MX, TYPE.AFSDB, TYPE.RT, TYPE.KX, TYPE.LP].map((type): [number, Bytes] => [
    type,
    all(fixed(2), name),
  ]),
  ...[TYPE.TXT, TYPE.SPF, TYPE.AVC].map((type): [number, Bytes] => [type, texts]),
  ...[TYPE.DS, TYPE.CDS].map((type): [number, Bytes] => [type, delegationSigner]),
  ...[TYPE.SIG, TYPE.RRSIG].map((type): [number, Bytes] => [type, signature]),
  ...[TYPE.DNSKEY, TYPE.CDNSKEY].map((type): [number, Bytes] => [type, key]),
  ...[TYPE.TLSA, TYPE.SMIMEA].map((type): [number, Bytes] => [type, certificateAssociation]),
  ...[TYPE.SVCB, TYPE.HTTPS].map((type): [number, Bytes] => [type, all(fixed(2), name, parameters)]),
  ...[TYPE.DHCID, TYPE.OPENPGPKEY].map((type): [number, Bytes] => [type, some()]),
  // RFC 2535 §3.1.2: the first two flags together say that there is no key.
  [TYPE.KEY, fc.oneof(all(byte(0, 1, 0x40, 0x80), fixed(3), some()), all(byte(0xc0), fixed(3)))],
  [TYPE.A, fixed(4)],
  [TYPE.AAAA, fixed(16)],
  [TYPE.SOA, all(name, name, fixed(20))],
  [TYPE.HINFO, all(text, text)],
  [TYPE.MINFO, all(name, name)],
  [TYPE.RP, all(name, name)],
  [TYPE.PX, all(fixed(2), name, name)],
  [TYPE.LOC, all(byte(0), size, size, size, angle(90), angle(180), fixed(4))],
  [TYPE.SRV, all(fixed(6), name)],
  [TYPE.NAPTR, all(fixed(4), text, text, substitution, name)],
  [TYPE.CERT, all(fixed(5), some())],
  [TYPE.APL, several(fc.oneof(prefixItem(1, 4), prefixItem(2, 16)))],
  [
    TYPE.SSHFP,
    fc.oneof(
      all(fixed(1), byte(1), fixed(20)),
      all(fixed(1), byte(2), fixed(32)),
      all(fixed(1), byte(9), some()),
    ),
  ],
  [
    TYPE.IPSECKEY,
    fc.oneof(
      all(fixed(1), byte(0), byte(0)),
      all(fixed(1), byte(0), byte(1), some()),
      all(fixed(1), byte(1), byte(2, 200), fixed(4), some()),
      all(fixed(1), byte(2), byte(2), fixed(16), some()),
      all(fixed(1), byte(3), byte(2), name, some()),
    ),
  ],
  [TYPE.NSEC, all(name, typeList)],
  [
    TYPE.NSEC3,
    fc.oneof(
      all(byte(1), nsec3Parameters, counted(fixed(20)), typeListOrNone),
      all(byte(2, 255), nsec3Parameters, counted(some(32)), typeListOrNone),
    ),
  ],
  [TYPE.NSEC3PARAM, all(fixed(1), nsec3Parameters)],
  [TYPE.HIP, hostIdentity],
  [TYPE.CSYNC, all(fixed(6), typeListOrNone)],
  [
    TYPE.ZONEMD,
    fc.oneof(
      all(fixed(5), byte(1), fixed(48)),
      all(fixed(5), byte(2), fixed(64)),
      all(fixed(5), byte(9), some(70, 12)),
    ),
  ],
  [TYPE.DSYNC, all(fixed(5), name)],
  [TYPE.NID, fixed(10)],
  [TYPE.L32, fixed(6)],
  [TYPE.L64, fixed(10)],
  [TYPE.EUI48, fixed(6)],
  [TYPE.EUI64, fixed(8)],
  [TYPE.URI, all(fixed(4), some())],
  [TYPE.CAA, all(fixed(1), counted(fc.stringMatching(/^[a-zA-Z0-9]{1,15}$/).map(encodeUtf8)), some(70, 0))],
]);
