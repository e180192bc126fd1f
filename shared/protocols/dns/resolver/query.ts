import type { Endpoint } from '../../../devices/tcp.ts';
import { encodeMessage, headerFlags, type RecordToEncode } from '../encode-message.ts';
import { CLASS_IN, decodeMessage, FLAG, OPCODE, RCODE, TYPE, type Message } from '../message.ts';
import { equalNames, type Name } from '../name.ts';
import { equalBytes } from '../../../base/bytes.ts';
import type { Draw } from './draw.ts';
import { UDP_PAYLOAD_BYTES } from './limits.ts';
import type { Asked } from './validation/absence.ts';

/** One message on its way to one server. */
export interface Query {
  readonly number: number;
  readonly server: Endpoint;
  readonly transport: 'udp' | 'tcp';
  readonly id: number;
  /** The name in the case in which it was sent. */
  readonly name: Name;
  readonly type: number;
  readonly hasEdns: boolean;
  readonly sentMs: number;
  readonly dueMs: number;
}

/** RFC 3225 §3: the DO bit of the OPT record. */
const DNSSEC_OK = 0x8000;

/** RFC 4035 §3.2.1 and §4.6: with DO; to a resolver also with CD, since we judge for ourselves (RFC 6840 §5.9). */
export function encodeResolverQuery(query: Query, isRecursive: boolean): Uint8Array<ArrayBuffer> {
  const { id, name, type, hasEdns } = query;
  const opt: RecordToEncode = {
    name: [],
    type: TYPE.OPT,
    class: UDP_PAYLOAD_BYTES,
    ttlSeconds: DNSSEC_OK,
    data: new Uint8Array(),
  };
  return encodeMessage({
    id,
    flags: headerFlags(OPCODE.QUERY, isRecursive ? FLAG.RD | FLAG.CD : 0),
    questions: [{ name, type, class: CLASS_IN }],
    additionals: hasEdns ? [opt] : [],
  });
}

/** Letters in a case that an attacker has to guess: an addition to id and port (RFC 5452 §9.2, draft-vixie-dnsext-dns0x20). */
export function mixCase(name: Name, draw: Draw): Name {
  return name.map(label =>
    label.map(byte => (isLetter(byte) && draw.below(2) === 1 ? byte ^ CASE_BIT : byte)),
  );
}

const CASE_BIT = 0x20;

function isLetter(byte: number): boolean {
  const lower = byte | CASE_BIT;
  return lower >= 0x61 && lower <= 0x7a;
}

export interface Answered {
  readonly message: Message;
  /** The name came back in the case in which it was sent. */
  readonly keepsCase: boolean;
}

/** The message, if it answers the query. RFC 5452 §9.1: all that can be compared is; the address is the shell's part. */
export function matchAnswer(query: Query, asked: Asked, bytes: Uint8Array): Answered | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return undefined;
  const message = decoded.value;
  if (message.id !== query.id || (message.flags & OPCODE_AND_QR) !== FLAG.QR) return undefined;
  const [question] = message.questions;
  // RFC 1035 §4.1.1: who cannot read the question may answer with the header alone.
  if (question === undefined) return refusesHeader(message) ? { message, keepsCase: true } : undefined;
  const isSame =
    message.questions.length === 1 &&
    question.type === asked.type &&
    question.class === CLASS_IN &&
    equalNames(question.name, asked.name);
  if (!isSame) return undefined;
  const keepsCase = question.name.every((label, at) => equalBytes(label, query.name[at] as Uint8Array));
  return { message, keepsCase };
}

const OPCODE_AND_QR = 0xf800;

function refusesHeader({ rcode }: Message): boolean {
  return rcode === RCODE.FORMERR || rcode === RCODE.NOTIMP;
}
