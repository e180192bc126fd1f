import { concatBytes, viewOf } from '../../../../base/bytes.ts';
import { encodeMessage, headerFlags, type RecordToEncode } from '../../encode-message.ts';
import { CLASS_ANY, CLASS_IN, FLAG, OPCODE, TYPE, type Question } from '../../message.ts';
import { name } from './ask.ts';

/** A request, and what {@link summarize} says of the right answer, by UDP and TCP alike. The zone `example` has www.example A. */
export type OddRequest = readonly [what: string, bytes: Uint8Array, answer: string];

const CLASS_CH = 3;
/** RFC 6891 §6.1.4: all but DO. */
const UNKNOWN_EDNS_FLAG = 0x0040;
const RESERVED_FLAG = 0x0040;
/** RFC 8490 §5.1, and one that nobody has given out. */
const OPCODE_DSO = 6;
const OPCODE_UNKNOWN = 15;

const QUESTION: Question = { name: name('www.example'), type: TYPE.A, class: CLASS_IN };

interface Parts {
  readonly opcode?: number;
  readonly flags?: number;
  readonly questions?: readonly Question[];
  readonly answers?: readonly RecordToEncode[];
  readonly additionals?: readonly RecordToEncode[];
}

function request(parts: Parts = {}): Uint8Array {
  const { opcode = OPCODE.QUERY, flags = 0, questions = [QUESTION], ...sections } = parts;
  return encodeMessage({ id: 0x1234, flags: headerFlags(opcode, flags), questions, ...sections });
}

function asking(type: number, recordClass: number = CLASS_IN, owner = 'www.example'): Uint8Array {
  return request({ questions: [{ name: name(owner), type, class: recordClass }] });
}

function opt({ version = 0, flags = 0, data = '', owner = '' } = {}): RecordToEncode {
  return {
    name: owner === '' ? [] : name(owner),
    type: TYPE.OPT,
    class: 1_232,
    ttlSeconds: version * 0x1_0000 + flags,
    data: Uint8Array.fromHex(data),
  };
}

/** With these options, in hexadecimal: code, length, data of each. */
function withOptions(...options: readonly string[]): Uint8Array {
  return request({ additionals: [opt({ data: options.join('') })] });
}

function counting(offset: number, count: number): Uint8Array {
  const bytes = request();
  viewOf(bytes).setUint16(offset, count);
  return bytes;
}

const RECORD: RecordToEncode = { ...QUESTION, ttlSeconds: 0, data: Uint8Array.of(192, 0, 2, 1) };

/** RFC 8906 §8.1: without EDNS. */
const plain: readonly OddRequest[] = [
  ['nothing special', request(), 'NOERROR aa q1 an1'],
  ['a type that nobody knows', asking(1_000), 'NOERROR aa q1 an0'],
  ['the type of records in messages', asking(TYPE.TKEY), 'NOERROR aa q1 an0'],
  ['a name that is not there', asking(TYPE.A, CLASS_IN, 'no.example'), 'NXDOMAIN aa q1 an0'],
  ['a name of others', asking(TYPE.A, CLASS_IN, 'other.test'), 'REFUSED q1 an0'],
  ['CD', request({ flags: FLAG.CD }), 'NOERROR aa q1 an1'],
  ['AD', request({ flags: FLAG.AD }), 'NOERROR aa q1 an1'],
  ['the reserved bit', request({ flags: RESERVED_FLAG }), 'NOERROR aa q1 an1'],
  ['RD', request({ flags: FLAG.RD }), 'NOERROR aa rd q1 an1'],
  ['AA, TC and RA', request({ flags: FLAG.AA | FLAG.TC | FLAG.RA }), 'NOERROR aa q1 an1'],
  ['an rcode', request({ flags: 5 }), 'NOERROR aa q1 an1'],
  ['an unknown opcode', request({ opcode: OPCODE_UNKNOWN, questions: [] }), 'NOTIMP q0 an0'],
  ['a session (RFC 8490)', request({ opcode: OPCODE_DSO, questions: [] }), 'NOTIMP q0 an0'],
  ['an inverse query (RFC 3425)', request({ opcode: 1 }), 'NOTIMP q0 an0'],
  ['the version of the software', asking(TYPE.TXT, CLASS_CH, 'version.bind'), 'REFUSED q1 an0'],
  ['the identity of the server', asking(TYPE.TXT, CLASS_CH, 'id.server'), 'REFUSED q1 an0'],
  ['a class that nobody knows', asking(TYPE.A, 1_000), 'REFUSED q1 an0'],
  ['any class', asking(TYPE.A, CLASS_ANY), 'REFUSED q1 an0'],
];

/** RFC 8906 §8.2: with EDNS. */
const extended: readonly OddRequest[] = [
  ['EDNS', withOptions(), 'NOERROR aa q1 an1 edns0'],
  ['EDNS 1', request({ additionals: [opt({ version: 1 })] }), 'BADVERS q1 an0 edns0'],
  ['EDNS 255', request({ additionals: [opt({ version: 255 })] }), 'BADVERS q1 an0 edns0'],
  ['an unknown option', withOptions('00640000'), 'NOERROR aa q1 an1 edns0'],
  ['an unknown option with data', withOptions('fde80003010203'), 'NOERROR aa q1 an1 edns0'],
  [
    'an unknown flag',
    request({ additionals: [opt({ flags: UNKNOWN_EDNS_FLAG })] }),
    'NOERROR aa q1 an1 edns0',
  ],
  ['DO', request({ additionals: [opt({ flags: 0x8000 })] }), 'NOERROR aa q1 an1 edns0 do'],
  [
    'EDNS 1 with an unknown flag',
    request({ additionals: [opt({ version: 1, flags: UNKNOWN_EDNS_FLAG })] }),
    'BADVERS q1 an0 edns0',
  ],
  [
    'EDNS 1 with an unknown option',
    request({ additionals: [opt({ version: 1, data: '00640000' })] }),
    'BADVERS q1 an0 edns0',
  ],
  [
    'EDNS 1 with DO',
    request({ additionals: [opt({ version: 1, flags: 0x8000 })] }),
    'BADVERS q1 an0 edns0 do',
  ],
  ['a network of the client (RFC 7871)', withOptions('0008000700011800c00002'), 'NOERROR aa q1 an1 edns0'],
  ['EXPIRE of what is no SOA (RFC 7314)', withOptions('00090000'), 'NOERROR aa q1 an1 edns0'],
];

/** What cannot be read, or only in part. */
const malformed: readonly OddRequest[] = [
  ['no question', request({ questions: [] }), 'FORMERR q0 an0'],
  ['two questions (RFC 9619)', request({ questions: [QUESTION, QUESTION] }), 'FORMERR q0 an0'],
  ['65,535 questions', counting(4, 0xffff), 'FORMERR q0 an0'],
  ['an answer', request({ answers: [RECORD] }), 'FORMERR q0 an0'],
  ['an answer that is not there', counting(6, 1), 'FORMERR q0 an0'],
  ['a record more than there is', counting(10, 1), 'FORMERR q0 an0'],
  ['a question that is cut off', request().slice(0, -1), 'FORMERR q0 an0'],
  ['bytes behind its end', concatBytes([request(), Uint8Array.of(0)]), 'FORMERR q0 an0'],
  ['two OPT records', request({ additionals: [opt(), opt()] }), 'FORMERR q1 an0 edns0'],
  ['OPT below the root', request({ additionals: [opt({ owner: 'www.example' })] }), 'FORMERR q1 an0'],
  ['half an option', withOptions('0003'), 'FORMERR q1 an0 edns0'],
  ['an option longer than OPT', withOptions('00030001'), 'FORMERR q1 an0 edns0'],
  ['a cookie of seven bytes', withOptions('000a000701020304050607'), 'FORMERR q1 an0 edns0'],
  ['a cookie of nine bytes', withOptions('000a0009010203040506070809'), 'FORMERR q1 an0 edns0'],
  ['a header alone', request().slice(0, 12), 'FORMERR q0 an0'],
  ['less than a header', request().slice(0, 11), 'silence'],
  ['nothing', new Uint8Array(), 'silence'],
  ['an answer to nobody', request({ flags: FLAG.QR }), 'silence'],
];

export const oddRequests: readonly OddRequest[] = [...plain, ...extended, ...malformed];
