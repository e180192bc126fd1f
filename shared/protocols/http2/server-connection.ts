import { ConnectionCore } from './connection-core.ts';
import { ContentReceiver } from './content-receiver.ts';
import { ControlReceiver } from './control-receiver.ts';
import { connectionFault, type Fault } from './fault.ts';
import { ErrorCode, Flag, FrameType } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import type { Http2Handler } from './handler.ts';
import { CONTROL_MAX_BYTES, type Http2Limits } from './limits.ts';
import { PLAIN_PRIMITIVES, type Http2Primitives } from './primitives.ts';
import { RequestReceiver } from './request-receiver.ts';

/** RFC 9113 §3.4: what a client's preface begins with. */
const PREFACE = Uint8Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', letter => letter.charCodeAt(0));

/**
 * The server's side of one HTTP/2 connection (RFC 9113) as a function of the bytes received and of time: what is to be sent is written by
 * {@link fill} when there is room for it. Times are monotonic.
 */
export class ServerConnection {
  readonly #core: ConnectionCore;
  readonly #frame = new FrameReader();
  readonly #requests: RequestReceiver;
  readonly #content: ContentReceiver;
  readonly #control: ControlReceiver;
  #prefaceAt = 0;
  #hasSettings = false;

  constructor(
    limits: Http2Limits,
    handler: Http2Handler,
    nowMs: number,
    primitives: Http2Primitives = PLAIN_PRIMITIVES,
  ) {
    this.#core = new ConnectionCore(limits, handler, nowMs, primitives);
    this.#requests = new RequestReceiver(this.#core, primitives);
    this.#content = new ContentReceiver(this.#core);
    this.#control = new ControlReceiver(this.#core);
  }

  /** Running streams: requests that are not complete, not answered, or whose answer is not wholly written. */
  get openStreams(): number {
    return this.#core.streams.size;
  }

  /** Whether {@link fill} would write something. */
  get hasOutput(): boolean {
    return this.#core.sender.hasOutput;
  }

  /** All that is to be said is written and the connection is to be closed: after an error, or drained and without streams. */
  get isOver(): boolean {
    const { phase, streams, sender } = this.#core;
    return (phase === 'failed' || (phase === 'drained' && streams.size === 0)) && !sender.hasControlOutput;
  }

  /** Takes bytes cut anywhere, beginning with the client's preface. Never throws. After a connection error it ignores everything. */
  receive(bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    const core = this.#core;
    const frame = this.#frame;
    core.nowMs = nowMs;
    for (let at = this.#receivePreface(bytes, start, end); at < end && core.phase !== 'failed';) {
      at = frame.read(bytes, at, end);
      if (frame.reading === 'more') return;
      const fault = this.#take(frame);
      if (fault !== undefined) core.apply(fault, frame.stream);
      // CVE-2019-9512, 9514, 9515: frames that ask for frames, from a peer that does not read them.
      if (core.sender.control.bytes > CONTROL_MAX_BYTES)
        core.fail(connectionFault(ErrorCode.ENHANCE_YOUR_CALM, 'control frames are not read'));
    }
  }

  /** Where it ends in these bytes. */
  #receivePreface(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (; this.#prefaceAt < PREFACE.length && at < end; at++) {
      if (bytes[at] === PREFACE[this.#prefaceAt++]) continue;
      // RFC 9113 §3.4: an invalid preface is a PROTOCOL_ERROR of the connection.
      this.#core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, 'preface'));
      return end;
    }
    return at;
  }

  #take(frame: FrameReader): Fault | undefined {
    // RFC 9113 §4.2: above SETTINGS_MAX_FRAME_SIZE. Of the connection: we do not read on past what we said we would.
    if (frame.reading === 'too-long') return connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'frame size');
    const { type } = frame;
    // RFC 9113 §3.4: the preface goes on with SETTINGS.
    if (!this.#hasSettings && (type !== FrameType.SETTINGS || frame.has(Flag.ACK)))
      return connectionFault(ErrorCode.PROTOCOL_ERROR, 'preface without SETTINGS');
    this.#hasSettings = true;
    if (type === FrameType.CONTINUATION) return this.#requests.continuation(frame);
    // RFC 9113 §4.3, §5.5: within a header block there is no other frame, whatever its type.
    if (this.#requests.isInBlock) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'frame in a header block');
    if (type === FrameType.HEADERS) return this.#requests.headers(frame);
    return type === FrameType.DATA ? this.#content.data(frame) : this.#control.take(frame);
  }

  /** An answer before the answer (100, 103), as a whole header block. For a stream that is gone, or answered: ignored. */
  interim(stream: number, block: Uint8Array): void {
    const running = this.#core.streams.get(stream);
    if (running === undefined || running.isAnswered) return;
    (running.interims ??= []).push(block);
    this.#core.sender.addHeaders(running);
  }

  /**
   * The answer. `block` is read when {@link fill} writes it: its date may be changed in place until then. `body` are views that stay as they
   * are until the stream has ended; without content the header section ends the stream. For a stream that is gone: ignored.
   */
  respond(stream: number, block: Uint8Array, body: readonly Uint8Array[], nowMs: number): void {
    const running = this.#core.streams.get(stream);
    if (running === undefined) return;
    running.progressMs = nowMs;
    running.answer(block, body);
    this.#core.sender.addHeaders(running);
  }

  /** Resets a stream by an error code of RFC 9113 §7; its end is told. */
  reset(stream: number, code: number): void {
    if (this.#core.streams.get(stream) !== undefined) this.#core.reset(stream, code);
  }

  /** Streams without progress since `sinceMs`: the answer waits for a window that the peer keeps shut, or the request does not get complete. */
  stalled(sinceMs: number): readonly number[] {
    const found: number[] = [];
    for (const stream of this.#core.streams.all())
      if (stream.waitsForPeer && stream.progressMs < sinceMs) found.push(stream.id);
    return found;
  }

  /** Writes what is to be sent and fits, from `start` on; where it stopped. Meant for the room of one TLS record. */
  fill(into: Uint8Array, start: number, end: number, nowMs: number): number {
    return this.#core.sender.fill(into, start, end, nowMs);
  }

  /** Begins a graceful end (RFC 9113 §6.8): running streams end as usual, then {@link isOver}. */
  drain(): void {
    this.#core.drain();
  }

  /** Ends without a round trip: streams that the peer has opened meanwhile are not answered, and it is told so. For who has none. */
  finish(): void {
    const { phase } = this.#core;
    if (phase === 'open' || phase === 'draining') this.#core.finishDrain();
  }

  /** The transport is gone: every running stream ends as 'reset'. */
  abandon(): void {
    this.#core.abandon();
  }
}
