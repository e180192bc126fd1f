import { PASS_ON } from '../../../devices/udp.ts';
import { CompiledZones } from '../compiled/compiled-zones.ts';
import { Responder } from './responder.ts';

/** RFC 1035 §4.2.2: the length before a message of a stream has two bytes. */
const MESSAGE_MAX_BYTES = 0xffff;

export interface StreamRequest {
  readonly message: Uint8Array;
  /** The peer's address in 16 bytes, IPv4 as ::ffff:a.b.c.d. */
  readonly source: Uint8Array;
}

/** The answer, `undefined` where there is none to be sent, `'pass-on'` where others have to answer (transfers, updates, TSIG). */
export type StreamResponder = (
  shared: SharedArrayBuffer,
  request: StreamRequest,
  nowMs: number,
) => Uint8Array | 'pass-on' | undefined;

/** Answers as the data plane does, for messages that come over TCP or TLS. */
export function createStreamResponder(): StreamResponder {
  const responder = new Responder();
  const reply = new Uint8Array(MESSAGE_MAX_BYTES);
  let zones: CompiledZones | undefined;
  return (shared, { message, source }, nowMs) => {
    if (zones?.shared !== shared) zones = new CompiledZones(shared);
    const exchange = {
      request: message,
      requestStart: 0,
      requestLength: message.length,
      reply,
      replyStart: 0,
      replyRoom: reply.length,
      sources: source,
      sourceStart: 0,
      isStream: true,
    };
    const length = responder.respond(zones, exchange, nowMs);
    if (length === PASS_ON) return 'pass-on';
    return length === 0 ? undefined : reply.slice(0, length);
  };
}
