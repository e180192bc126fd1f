import type { Clock } from '../../../shared/devices/clock.ts';
import { decodeMessage, FLAG, RCODE } from '../../../shared/protocols/dns/message.ts';
import { tsigRecordBytes } from '../../../shared/protocols/dns/tsig-mac.ts';
import {
  attachRefusal,
  verifyRequest,
  type VerifiedRequest,
} from '../../../shared/protocols/dns/tsig-server.ts';
import { TsigStreamSigner } from '../../../shared/protocols/dns/tsig-stream.ts';
import type { KeyRing } from './key-ring.ts';
import type { Handle, Peer, Replies } from './handle.ts';
import { PAYLOAD_BYTES, replyTo } from './reply.ts';
import type { PassedOnHandler, PassedOnRequest } from './request.ts';

/** RFC 1035 §4.2.2: the length before a message of a stream has two bytes. */
const STREAM_MAX_BYTES = 0xffff;

export interface RouterParts {
  readonly keys: KeyRing;
  /** The first that takes a message answers it. */
  readonly handlers: readonly PassedOnHandler[];
  readonly clock: Clock;
}

/** Answers all that planes pass on: judges signatures, finds who answers, and signs what they say. What nobody takes is refused. */
export function createRouter({ keys, handlers, clock }: RouterParts): Handle {
  const route = (request: PassedOnRequest): Replies | Promise<Replies> => {
    for (const handler of handlers) {
      const replies = handler.handle(request);
      if (replies !== undefined) return replies;
    }
    return [replyTo(request.message, RCODE.REFUSED)];
  };
  return (bytes, peer) => {
    const decoded = decodeMessage(bytes);
    // What cannot be read has no answer, nor has an answer (RFC 1035 §7.3).
    if (!decoded.ok || (decoded.value.flags & FLAG.QR) !== 0) return [];
    const nowMs = clock.now();
    const judged = verifyRequest(bytes, name => keys.named(name), nowMs);
    if (!judged.ok) return [attachRefusal(replyTo(decoded.value, judged.error.rcode), judged.error, nowMs)];
    const verified = judged.value;
    if (verified === undefined)
      return route({ message: decoded.value, peer, key: undefined, replyBytesMax: roomFor(peer) });
    const message = decodeMessage(verified.message);
    if (!message.ok) return [];
    const { key } = verified;
    const replyBytesMax = roomFor(peer) - tsigRecordBytes(key);
    return signed(route({ message: message.value, peer, key, replyBytesMax }), verified, clock);
  };
}

function roomFor({ transport }: Peer): number {
  return transport === 'udp' ? PAYLOAD_BYTES : STREAM_MAX_BYTES;
}

function signed(
  replies: Replies | Promise<Replies>,
  verified: VerifiedRequest,
  clock: Clock,
): Replies | Promise<Replies> {
  return replies instanceof Promise
    ? replies.then(each => signEach(each, verified, clock))
    : signEach(replies, verified, clock);
}

/** RFC 8945 §5.3: answers to a signed request are signed by its key; each message of several (§5.3.1). */
function* signEach(replies: Replies, { key, mac }: VerifiedRequest, clock: Clock): Generator<Uint8Array> {
  const signer = new TsigStreamSigner(key, mac);
  for (const reply of replies) yield signer.sign(reply, clock.now());
}
