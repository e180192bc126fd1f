import { viewOf } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { decodeName, type Name } from './name.ts';

/**
 * Types by number, from IANA's registry (RFC 6895 §3.1), as far as this code knows their data or treats them apart. Those from OPT
 * and TKEY on that hold no data of a zone are for messages only.
 */
export const TYPE = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  RT: 21,
  SIG: 24,
  KEY: 25,
  PX: 26,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  DSYNC: 66,
  SPF: 99,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  NXNAME: 128,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
  AVC: 258,
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
  /** RFC 6891 §9: of EDNS; BADSIG has the same number in TSIG. */
  BADVERS: 16,
  BADSIG: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const;

/** The rcode's name, or its number where it has none here. */
export function formatRcode(rcode: number): string {
  return Object.entries(RCODE).find(([, number]) => number === rcode)?.[0] ?? `rcode ${rcode}`;
}

/** In the header's second word, bits 1 to 4: RFC 1035 §4.1.1, RFC 1996 §3.1, RFC 2136 §1.3. */
export const OPCODE = { QUERY: 0, NOTIFY: 4, UPDATE: 5 } as const;

export function opcodeOf({ flags }: Pick<Message, 'flags'>): number {
  return (flags >> 11) & 0xf;
}

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
