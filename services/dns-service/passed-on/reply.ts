import { encodeMessage, type RecordToEncode } from '../../../shared/protocols/dns/encode-message.ts';
import { FLAG, TYPE, type Message } from '../../../shared/protocols/dns/message.ts';

/** RFC 1035 §4.1.1: what an answer repeats of the second word: opcode and RD. */
const REPEATED_FLAGS = 0x7800 | FLAG.RD;

/** RFC 9715 §3.1: what fits an unfragmented datagram everywhere. */
export const PAYLOAD_BYTES = 1_232;

/** An answer of an rcode alone. `flags`: what it has beside. */
export function replyTo(message: Message, rcode: number, flags = 0): Uint8Array<ArrayBuffer> {
  const opt = optFor(message);
  return encodeMessage({
    id: message.id,
    flags: FLAG.QR | (message.flags & REPEATED_FLAGS) | flags | rcode,
    questions: message.questions.slice(0, 1),
    additionals: opt === undefined ? [] : [opt],
  });
}

/** RFC 6891 §6.1.1: whoever sends an OPT record gets one. */
export function optFor({ additionals }: Message): RecordToEncode | undefined {
  if (!additionals.some(({ type }) => type === TYPE.OPT)) return undefined;
  return { name: [], type: TYPE.OPT, class: PAYLOAD_BYTES, ttlSeconds: 0, data: new Uint8Array() };
}
