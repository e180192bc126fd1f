import { assert } from '../../../../base/assert.ts';
import { equalBytes } from '../../../../base/bytes.ts';

import { decodeMessage, FLAG, HEADER_BYTES, TYPE } from '../../message.ts';
import { DATAGRAM_MAX_BYTES } from '../edns.ts';
import { PLAIN_MAX_BYTES } from '../query.ts';

const STREAM_MAX_BYTES = 0xffff;
/** Type and class. */
const QUESTION_FIXED_BYTES = 4;

/** Fails where a reply to these bytes is none that may be sent: whatever they were. */
export function checkReply(request: Uint8Array, reply: Uint8Array, transport: 'udp' | 'stream'): void {
  const decoded = decodeMessage(reply);
  assert(decoded.ok, `the reply can be read: ${decoded.ok ? '' : decoded.error}`);
  const message = decoded.value;
  assert((message.flags & FLAG.QR) !== 0, 'it is a reply');
  // Above all no reply to a reply, which would go round for ever.
  assert(request.length >= HEADER_BYTES && ((request[2] as number) & 0x80) === 0, 'it is asked for');
  assert(startsAlike(request, reply, 2), 'it has the id of the request');
  assert(message.questions.length <= 1, 'it has one question at most');
  const questionEnd = questionEndOf(reply, message.questions.length);
  assert(
    startsAlike(request.subarray(HEADER_BYTES), reply.subarray(HEADER_BYTES), questionEnd - HEADER_BYTES),
    'its question is the one that was asked',
  );
  const longest = transport === 'stream' ? STREAM_MAX_BYTES : datagramMax(request);
  assert(reply.length <= longest, `it has ${longest} bytes at most, and not ${reply.length}`);
}

function startsAlike(left: Uint8Array, right: Uint8Array, length: number): boolean {
  return equalBytes(left.subarray(0, length), right.subarray(0, length));
}

function questionEndOf(reply: Uint8Array, questions: number): number {
  let position = HEADER_BYTES;
  if (questions === 0) return position;
  while (reply[position] !== 0) position += 1 + (reply[position] as number);
  return position + 1 + QUESTION_FIXED_BYTES;
}

/** RFC 6891 §6.2.3 and §6.2.5: as much as the client takes, 512 bytes at least, and never more than we send. */
function datagramMax(request: Uint8Array): number {
  const decoded = decodeMessage(request);
  const opt = decoded.ok ? decoded.value.additionals.find(({ type }) => type === TYPE.OPT) : undefined;
  return Math.min(DATAGRAM_MAX_BYTES, Math.max(PLAIN_MAX_BYTES, opt?.class ?? 0));
}
