import { PASS_ON, type PlaneShared } from '../../../devices/udp.ts';
import { Directory } from '../compiled/directory.ts';
import { TRANSPORT, type Transport } from '../compiled/query-counts.ts';
import type { SignOnline } from './compact-answers.ts';
import { Responder } from './responder.ts';

/** RFC 1035 §4.2.2: the length before a message of a stream has two bytes. */
const MESSAGE_MAX_BYTES = 0xffff;

/** RFC 7828 §3.1: the unit of the time-out. */
const KEEPALIVE_UNIT_MS = 100;

export type StreamTransport = Exclude<Transport, 'udp'>;

export interface StreamRequest {
  readonly message: Uint8Array;
  /** The peer's address in 16 bytes, IPv4 as ::ffff:a.b.c.d. */
  readonly source: Uint8Array;
  /** `'tcp'` unless told. */
  readonly transport?: StreamTransport;
  /** Where it came by UDP after all: what its answer may have. Absent: it is a message of a stream. */
  readonly datagramMaxBytes?: number;
}

/** The answer, `undefined` where there is none to be sent, `'pass-on'` where others have to answer (transfers, updates, TSIG). */
export type StreamResponder = (
  shared: PlaneShared,
  request: StreamRequest,
  nowMs: number,
) => Uint8Array | 'pass-on' | undefined;

export interface StreamResponderOptions {
  /** Told to who asks for it (RFC 7828). */
  readonly idleMs?: number;
  /** Signs what zones of compact denial have not ready; without it that is passed on. */
  readonly sign?: SignOnline;
  /** It gets what another one or a plane has counted and passed on. */
  readonly isSecond?: boolean;
}

/** Answers as the data plane does, for messages that come over TCP, TLS or HTTPS, and for what was passed on. */
export function createStreamResponder({
  idleMs = 0,
  sign,
  isSecond = false,
}: StreamResponderOptions = {}): StreamResponder {
  const responder = new Responder(sign === undefined ? {} : { sign });
  const reply = new Uint8Array(MESSAGE_MAX_BYTES);
  let directory: Directory | undefined;
  return (shared, { message, source, transport = 'tcp', datagramMaxBytes }, nowMs) => {
    if (directory?.shared !== shared) directory = new Directory(shared);
    const exchange = {
      request: message,
      requestStart: 0,
      requestLength: message.length,
      reply,
      replyStart: 0,
      replyRoom: datagramMaxBytes ?? reply.length,
      sources: source,
      sourceStart: 0,
      transport: datagramMaxBytes === undefined ? TRANSPORT[transport] : TRANSPORT.udp,
      isStream: datagramMaxBytes === undefined,
      isEncrypted: transport !== 'tcp',
      isCounted: isSecond,
      // RFC 7828 §1: it is about the session that carries DNS; one of HTTP has rules of its own.
      keepaliveTenths: transport === 'https' ? 0 : Math.floor(idleMs / KEEPALIVE_UNIT_MS),
    };
    const length = responder.respond(directory, exchange, nowMs);
    if (length === PASS_ON) return 'pass-on';
    return length === 0 ? undefined : reply.slice(0, length);
  };
}
