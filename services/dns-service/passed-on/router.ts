import type { Clock } from '../../../shared/devices/clock.ts';
import { decodeMessage, FLAG, RCODE } from '../../../shared/protocols/dns/message.ts';
import { asksForPadding, padMessage, type Padding } from '../../../shared/protocols/dns/pad-message.ts';
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
    const message = verified === undefined ? decoded : decodeMessage(verified.message);
    if (!message.ok) return [];
    const tsigBytes = verified === undefined ? 0 : tsigRecordBytes(verified.key);
    const replyBytesMax = roomFor(peer) - tsigBytes;
    const replies = route({ message: message.value, peer, key: verified?.key, replyBytesMax });
    // RFC 7830 §6: where nobody else can see the length anyway.
    const isPadded = isEncrypted(peer) && asksForPadding(message.value);
    const padding = isPadded ? { behindBytes: tsigBytes, bytesMax: replyBytesMax } : undefined;
    if (verified === undefined && padding === undefined) return replies;
    const finish = (each: Replies): Replies => finishEach(each, { verified, padding, clock });
    return replies instanceof Promise ? replies.then(finish) : finish(replies);
  };
}

function roomFor({ transport }: Peer): number {
  return transport === 'udp' ? PAYLOAD_BYTES : STREAM_MAX_BYTES;
}

function isEncrypted({ transport }: Peer): boolean {
  return transport === 'tls' || transport === 'https';
}

interface Finish {
  readonly verified: VerifiedRequest | undefined;
  readonly padding: Padding | undefined;
  readonly clock: Clock;
}

/** RFC 8945 §5.3: answers to a signed request are signed by its key; each message of several (§5.3.1). Behind the padding, if any. */
function* finishEach(replies: Replies, { verified, padding, clock }: Finish): Generator<Uint8Array> {
  const signer = verified && new TsigStreamSigner(verified.key, verified.mac);
  for (const reply of replies) {
    const padded = padding === undefined ? reply : padMessage(reply, padding);
    yield signer === undefined ? padded : signer.sign(padded, clock.now());
  }
}
