import { concatBytes, viewOf } from '../../base/bytes.ts';
import { FLAG, HEADER_BYTES, OPCODE, TYPE, type Question } from './message.ts';
import type { Name } from './name.ts';

/** A record to be written. `data` is its wire form with whole names in it: it goes out as it is. */
export interface RecordToEncode {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  readonly ttlSeconds: number;
  readonly data: Uint8Array;
}

export interface MessageToEncode {
  readonly id: number;
  /** The second word of the header; see {@link headerFlags}. */
  readonly flags: number;
  readonly questions: readonly Question[];
  readonly answers?: readonly RecordToEncode[];
  readonly authorities?: readonly RecordToEncode[];
  readonly additionals?: readonly RecordToEncode[];
}

/** The second word of the header: RFC 1035 §4.1.1. `bits` are from `FLAG`. */
export function headerFlags(opcode: number, bits: number): number {
  return (opcode << 11) | bits;
}

/** A message in wire form; owner names are compressed. */
export function encodeMessage(message: MessageToEncode): Uint8Array<ArrayBuffer> {
  const { questions, answers = [], authorities = [], additionals = [] } = message;
  const writer = new MessageWriter(HEADER_BYTES);
  for (const question of questions) writer.question(question);
  for (const record of [...answers, ...authorities, ...additionals]) writer.record(record);
  const counts = [questions.length, answers.length, authorities.length, additionals.length];
  return writer.finish(message, counts);
}

export interface Query {
  readonly id: number;
  readonly question: Question;
  /** EDNS(0) payload size; absent: no OPT record is sent. */
  readonly udpPayloadBytes?: number;
  /** RFC 6840 §5.7: AD set in a query asks for the AD bit in the answer. */
  readonly authenticData?: boolean;
}

/** A recursive query of one question in wire form. */
export function encodeQuery(query: Query): Uint8Array<ArrayBuffer> {
  const { id, question, udpPayloadBytes, authenticData = false } = query;
  return encodeMessage({
    id,
    flags: headerFlags(OPCODE.QUERY, FLAG.RD | (authenticData ? FLAG.AD : 0)),
    questions: [question],
    additionals: udpPayloadBytes === undefined ? [] : [optRecord(udpPayloadBytes)],
  });
}

/** RFC 6891 §6.1.2: the root's name, the payload size in place of the class. */
function optRecord(udpPayloadBytes: number): RecordToEncode {
  return { name: [], type: TYPE.OPT, class: udpPayloadBytes, ttlSeconds: 0, data: new Uint8Array() };
}

/** The parts of a message after its header, and where each name already stands in it. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];
  /** Wire form of a name, or of the end of one, and its offset in the message. */
  readonly #offsets = new Map<string, number>();
  #offset: number;

  constructor(offset: number) {
    this.#offset = offset;
  }

  /** How long the message is so far. */
  get length(): number {
    return this.#offset;
  }

  question({ name, type, class: questionClass }: Question): void {
    this.name(name);
    this.bytes(words(type, questionClass));
  }

  bytes(part: Uint8Array): void {
    this.#parts.push(part);
    this.#offset += part.length;
  }

  record(record: RecordToEncode): void {
    this.name(record.name);
    const fixed = new Uint8Array(10);
    const view = viewOf(fixed);
    view.setUint16(0, record.type);
    view.setUint16(2, record.class);
    view.setUint32(4, record.ttlSeconds);
    view.setUint16(8, record.data.length);
    this.bytes(fixed);
    this.bytes(record.data);
  }

  /** The whole message. `counts` are those of its four sections. */
  finish(
    { id, flags }: Pick<MessageToEncode, 'id' | 'flags'>,
    counts: readonly number[],
  ): Uint8Array<ArrayBuffer> {
    return concatBytes([words(id, flags, ...counts), ...this.#parts]);
  }

  /** RFC 1035 §4.1.4: labels, ended by the root or by a pointer to where the rest stands already, letters in the same case. */
  name(name: Name): void {
    for (let index = 0; index < name.length; index++) {
      const rest = nameKey(name, index);
      const known = this.#offsets.get(rest);
      if (known !== undefined) return this.bytes(words(POINTER | known));
      // A pointer has 14 bits: what stands further back cannot be pointed to.
      if (this.#offset <= POINTER_TARGET_MAX) this.#offsets.set(rest, this.#offset);
      const label = name[index] as Uint8Array;
      this.bytes(concatBytes([Uint8Array.of(label.length), label]));
    }
    this.bytes(Uint8Array.of(0));
  }
}

/** Different for different names: each label behind its length. */
function nameKey(name: Name, from: number): string {
  return name
    .slice(from)
    .map(label => String.fromCharCode(label.length, ...label))
    .join('');
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  values.forEach((value, index) => viewOf(bytes).setUint16(index * 2, value));
  return bytes;
}

const POINTER = 0xc000;
const POINTER_TARGET_MAX = 0x3fff;
