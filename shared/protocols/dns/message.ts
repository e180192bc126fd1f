import { viewOf } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { decodeName, type Name } from './name.ts';

/** Types by number: RFC 1035 §3.2.2, 2782, 3596, 4034, 6698, 6891, 8659, 8945; ANY only asks and deletes. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  DS: 43,
  TLSA: 52,
  TSIG: 250,
  ANY: 255,
  CAA: 257,
} as const;

export const CLASS_IN = 1;
/** RFC 2136 §1.3: in an update they say what is deleted. */
export const CLASS_NONE = 254;
export const CLASS_ANY = 255;

/** RFC 1035 §4.1.1 and RFC 6895 §2.3; from 16 on they stand in an OPT or TSIG record. */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADSIG: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADTRUNC: 22,
} as const;

/** The rcode's name, or its number where it has none here. */
export function formatRcode(rcode: number): string {
  return Object.entries(RCODE).find(([, number]) => number === rcode)?.[0] ?? `rcode ${rcode}`;
}

/** In the header's second word, bits 1 to 4: RFC 1035 §4.1.1, RFC 2136 §1.3. */
export const OPCODE = { QUERY: 0, UPDATE: 5 } as const;

/** The bits of the header's second word: RFC 1035 §4.1.1, RFC 4035 §3.2 (AD, CD). */
export const FLAG = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

export const HEADER_BYTES = 12;

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
}

/** A record whose data stands at `dataStart` … `dataEnd` of the message, since names in it may point anywhere in it. */
export interface ResourceRecord {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  readonly ttlSeconds: number;
  readonly dataStart: number;
  readonly dataEnd: number;
}

export interface Message {
  readonly bytes: Uint8Array;
  readonly id: number;
  /** The second word of the header: {@link FLAG}, opcode and the low bits of the rcode. */
  readonly flags: number;
  /** With the upper bits that EDNS adds (RFC 6891 §6.1.3). */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/** Takes a message apart; any bytes give a message or say what is wrong with them. */
export function decodeMessage(bytes: Uint8Array): Result<Message, string> {
  if (bytes.length < HEADER_BYTES) return err('shorter than a header');
  const view = viewOf(bytes);
  const questions = decodeQuestions(bytes, view.getUint16(4));
  if (!questions.ok) return questions;
  let offset = questions.value.end;
  const sections: ResourceRecord[][] = [];
  for (const at of [6, 8, 10]) {
    const section = decodeRecords(bytes, offset, view.getUint16(at));
    if (!section.ok) return section;
    sections.push(section.value.records);
    offset = section.value.end;
  }
  const [answers = [], authorities = [], additionals = []] = sections;
  const flags = view.getUint16(2);
  const opt = additionals.find(record => record.type === TYPE.OPT);
  const rcode = (flags & 0xf) | (opt === undefined ? 0 : (opt.ttlSeconds >>> 24) << 4);
  return ok({
    bytes,
    id: view.getUint16(0),
    flags,
    rcode,
    questions: questions.value.questions,
    answers,
    authorities,
    additionals,
  });
}

function decodeQuestions(
  bytes: Uint8Array,
  count: number,
): Result<{ questions: Question[]; end: number }, string> {
  const view = viewOf(bytes);
  const questions: Question[] = [];
  let offset = HEADER_BYTES;
  for (let index = 0; index < count; index++) {
    const name = decodeName(bytes, offset);
    if (!name.ok) return name;
    const { end } = name.value;
    if (end + 4 > bytes.length) return err('the question runs past the message');
    questions.push({ name: name.value.name, type: view.getUint16(end), class: view.getUint16(end + 2) });
    offset = end + 4;
  }
  return ok({ questions, end: offset });
}

function decodeRecords(
  bytes: Uint8Array,
  start: number,
  count: number,
): Result<{ records: ResourceRecord[]; end: number }, string> {
  const view = viewOf(bytes);
  const records: ResourceRecord[] = [];
  let offset = start;
  for (let index = 0; index < count; index++) {
    const decoded = decodeName(bytes, offset);
    if (!decoded.ok) return decoded;
    const { name, end } = decoded.value;
    if (end + 10 > bytes.length) return err('the record runs past the message');
    const dataStart = end + 10;
    const dataEnd = dataStart + view.getUint16(end + 8);
    if (dataEnd > bytes.length) return err("the record's data runs past the message");
    const ttlSeconds = view.getUint32(end + 4);
    records.push({
      name,
      type: view.getUint16(end),
      class: view.getUint16(end + 2),
      ttlSeconds,
      dataStart,
      dataEnd,
    });
    offset = dataEnd;
  }
  return ok({ records, end: offset });
}
