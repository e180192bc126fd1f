import { concatBytes, viewOf } from '../../../shared/base/bytes.ts';
import { encodeMessage, type RecordToEncode } from '../../../shared/protocols/dns/encode-message.ts';
import { decodeMessage, FLAG, RCODE, TYPE, type Message } from '../../../shared/protocols/dns/message.ts';
import { decodeTsigData, encodeTsigRecord } from '../../../shared/protocols/dns/tsig-record.ts';

/** RFC 1035 §4.1.1: what an answer repeats of the second word: opcode and RD. */
const REPEATED_FLAGS = 0x7800 | FLAG.RD;

/** RFC 9715 §3.1: what fits an unfragmented datagram everywhere. */
const PAYLOAD_BYTES = 1_232;

const ADDITIONAL_COUNT_AT = 10;

/** The answer to what nobody here may ask for: transfers, updates, notifications, and what is signed. undefined: there is none. */
export function refuse(request: Uint8Array, nowMs: number): Uint8Array | undefined {
  const decoded = decodeMessage(request);
  if (!decoded.ok) return undefined;
  const message = decoded.value;
  const tsig = message.additionals.find(({ type }) => type === TYPE.TSIG);
  // RFC 8945 §5.2.1: a key that is not known is NOTAUTH. RFC 2136 §3.3, RFC 5936 §2.2.1: who may not is REFUSED.
  const answer = encodeMessage({
    id: message.id,
    flags: FLAG.QR | (message.flags & REPEATED_FLAGS) | (tsig === undefined ? RCODE.REFUSED : RCODE.NOTAUTH),
    questions: message.questions.slice(0, 1),
    additionals: optRecords(message),
  });
  return tsig === undefined ? answer : withBadKey(answer, message, nowMs);
}

/** RFC 6891 §6.1.1: whoever sends an OPT record gets one. */
function optRecords({ additionals }: Message): RecordToEncode[] {
  if (!additionals.some(({ type }) => type === TYPE.OPT)) return [];
  return [{ name: [], type: TYPE.OPT, class: PAYLOAD_BYTES, ttlSeconds: 0, data: new Uint8Array() }];
}

/** RFC 8945 §5.2.1: the error stands in a TSIG record without a MAC. */
function withBadKey(answer: Uint8Array, { bytes, additionals }: Message, nowMs: number): Uint8Array {
  const record = additionals.find(({ type }) => type === TYPE.TSIG);
  const data = record === undefined ? undefined : decodeTsigData(bytes, record);
  if (record === undefined || data === undefined) return answer;
  const signed = concatBytes([
    answer,
    encodeTsigRecord(record.name, {
      ...data,
      timeSignedSeconds: Math.floor(nowMs / 1000),
      mac: new Uint8Array(),
      error: RCODE.BADKEY,
      otherData: new Uint8Array(),
    }),
  ]);
  const view = viewOf(signed);
  view.setUint16(ADDITIONAL_COUNT_AT, view.getUint16(ADDITIONAL_COUNT_AT) + 1);
  return signed;
}
