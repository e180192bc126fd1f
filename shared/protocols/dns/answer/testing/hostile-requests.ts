import fc from 'fast-check';
import { concatBytes, viewOf } from '../../../../base/bytes.ts';
import { encodeMessage, headerFlags, type RecordToEncode } from '../../encode-message.ts';
import { CLASS_ANY, CLASS_IN, FLAG, OPCODE, TYPE } from '../../message.ts';
import { nameInWire, type Name } from '../../name.ts';
import { oddRequests } from './odd-requests.ts';
import { name } from './ask.ts';

/** What a message of a stream may have at most; longer datagrams do not fit the planes' slots. */
const RAW_MAX_BYTES = 600;
const MUTATIONS_MAX = 6;

const names = fc.constantFrom<Name>(
  [],
  name('example'),
  name('www.example'),
  name('long.example'),
  name('nothing.example'),
  name('a.b.c.sub.example'),
  name('other.test'),
  Array.from({ length: 127 }, () => Uint8Array.of(0x61)),
);
const types = fc.oneof(fc.constantFrom(...Object.values(TYPE)), fc.integer({ min: 0, max: 0xffff }));
const classes = fc.constantFrom(CLASS_IN, CLASS_IN, CLASS_IN, 3, 254, CLASS_ANY);
const opcodes = fc.constantFrom(
  OPCODE.QUERY,
  OPCODE.QUERY,
  OPCODE.QUERY,
  OPCODE.NOTIFY,
  OPCODE.UPDATE,
  6,
  15,
);
const flags = fc.constantFrom(0, FLAG.RD, FLAG.CD | FLAG.AD, 0x40);

/** Mostly those that mean something, mostly of a length that they may have. */
const option = fc
  .tuple(fc.constantFrom(3, 5, 8, 9, 10, 11, 12, 15, 100), fc.uint8Array({ maxLength: 44 }))
  .map(([code, data]) => Uint8Array.of(0, code, 0, data.length, ...data));

const opt = fc
  .record({
    payloadBytes: fc.constantFrom(0, 511, 512, 1_232, 4_096, 0xffff),
    version: fc.constantFrom(0, 0, 0, 1, 255),
    dnssecOk: fc.boolean(),
    options: fc.array(option, { maxLength: 4 }),
  })
  .map(({ payloadBytes, version, dnssecOk, options }): RecordToEncode => {
    const ttlSeconds = version * 0x1_0000 + (dnssecOk ? 0x8000 : 0);
    return { name: [], type: TYPE.OPT, class: payloadBytes, ttlSeconds, data: concatBytes(options) };
  });

/** RFC 8945 §4.2: by a key that nobody has. */
const TSIG_DATA = concatBytes([
  nameInWire(name('hmac-sha256')),
  Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 44, 0, 4, 1, 2, 3, 4, 0x12, 0x34, 0, 0, 0, 0),
]);
const tsig = fc.constant<RecordToEncode>({
  name: name('key.test'),
  type: TYPE.TSIG,
  class: CLASS_ANY,
  ttlSeconds: 0,
  data: TSIG_DATA,
});

const record = fc
  .tuple(names, types, classes, fc.uint8Array({ maxLength: 30 }))
  .map(([owner, type, recordClass, data]): RecordToEncode => ({
    name: owner,
    type,
    class: recordClass,
    ttlSeconds: 60,
    data,
  }));

/** A message as a client may send it: queries, transfers, updates, notifications, signed or not. */
const proper = fc
  .record({
    opcode: opcodes,
    flags,
    question: fc.tuple(names, types, classes),
    authorities: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(record, { maxLength: 3 })),
    additionals: fc.tuple(fc.option(opt, { nil: undefined }), fc.option(tsig, { freq: 1, nil: undefined })),
  })
  .map(({ opcode, flags: bits, question: [owner, type, questionClass], authorities, additionals }) =>
    encodeMessage({
      id: 0x1234,
      flags: headerFlags(opcode, bits),
      questions: [{ name: owner, type, class: questionClass }],
      authorities,
      additionals: additionals.filter(each => each !== undefined),
    }),
  );

type Mutation = (bytes: Uint8Array) => Uint8Array;

const place = fc.nat(0xffff);
const at = (bytes: Uint8Array, where: number): number => where % (bytes.length + 1);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(0xff)).map(
    ([where, value]): Mutation =>
      bytes =>
        bytes.with(where % bytes.length, value),
  ),
  // The counts of the header, and what looks like a length or a pointer anywhere.
  fc
    .tuple(place, fc.constantFrom(0, 1, 2, 0xc000, 0xc00c, 0xffff))
    .map(([where, value]): Mutation => bytes => {
      const copy = bytes.slice();
      viewOf(copy).setUint16((where % 2 === 0 ? 4 + (where % 8) : where) % (copy.length - 1), value);
      return copy;
    }),
  place.map(
    (where): Mutation =>
      bytes =>
        bytes.slice(0, at(bytes, where)),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Mutation =>
      bytes =>
        concatBytes([bytes.slice(0, at(bytes, from)), bytes.slice(at(bytes, to))]),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 20 })).map(
    ([where, inserted]): Mutation =>
      bytes =>
        concatBytes([bytes.slice(0, at(bytes, where)), inserted, bytes.slice(at(bytes, where))]),
  ),
);

const mutated = fc
  .tuple(
    fc.oneof(proper, fc.constantFrom(...oddRequests.map(([, bytes]) => bytes))),
    fc.array(mutation, { maxLength: MUTATIONS_MAX }),
  )
  .map(([message, mutations]) =>
    mutations.reduce((bytes, mutate) => (bytes.length < 2 ? bytes : mutate(bytes)), message),
  );

/** Any bytes, and messages that were right once: for the zone `example`. */
export const hostileRequests: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: RAW_MAX_BYTES }) },
  { weight: 9, arbitrary: mutated },
);
