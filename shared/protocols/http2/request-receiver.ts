import { BlockCollector } from './block-collector.ts';
import { closedFault, type ConnectionCore } from './connection-core.ts';
import type { DecodedRequest } from './decoded-request.ts';
import { connectionFault, streamFault, type Fault } from './fault.ts';
import { ErrorCode, Flag } from './frame.ts';
import type { FrameReader } from './frame-reader.ts';
import type { Http2Primitives } from './primitives.ts';
import { RequestDecoder } from './request-decoder.ts';
import type { Stream } from './stream.ts';

const NOTHING = new Uint8Array(0);

/** RFC 9113 §6.2: exclusive, stream dependency and weight, which mean nothing any more (§5.3.2). */
const OLD_PRIORITY_BYTES = 5;

/** HEADERS and CONTINUATION: the beginning of requests, and their trailers. */
export class RequestReceiver {
  readonly #core: ConnectionCore;
  readonly #decoder: RequestDecoder;
  readonly #block: BlockCollector;

  constructor(core: ConnectionCore, { latin1 }: Http2Primitives) {
    this.#core = core;
    this.#decoder = new RequestDecoder(core.limits, latin1);
    this.#block = new BlockCollector(core.limits.headerBytes);
  }

  /** RFC 9113 §4.3: HEADERS and its CONTINUATIONs follow each other without anything between, on whatever stream. */
  get isInBlock(): boolean {
    return this.#block.stream !== 0;
  }

  headers(frame: FrameReader): Fault | undefined {
    // RFC 9113 §5.1.1: streams of a client are odd; §6.2: HEADERS on stream 0 is a PROTOCOL_ERROR.
    if ((frame.stream & 1) === 0) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'HEADERS stream');
    const fault = frame.unpad();
    if (fault !== undefined) return fault;
    if (frame.has(Flag.PRIORITY)) frame.start += OLD_PRIORITY_BYTES;
    if (frame.start > frame.end) return connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'HEADERS');
    const endStream = frame.has(Flag.END_STREAM);
    if (frame.has(Flag.END_HEADERS)) return this.#take(frame.stream, endStream, frame);
    this.#block.begin(frame.stream, endStream);
    return this.#block.add(frame.bytes, frame.start, frame.end);
  }

  continuation(frame: FrameReader): Fault | undefined {
    // RFC 9113 §6.10: only after HEADERS without END_HEADERS, and on its stream. Stream 0 is never that.
    if (!this.isInBlock || frame.stream !== this.#block.stream)
      return connectionFault(ErrorCode.PROTOCOL_ERROR, 'CONTINUATION');
    const fault = this.#block.add(frame.bytes, frame.start, frame.end);
    if (fault !== undefined || !frame.has(Flag.END_HEADERS)) return fault;
    const { endStream } = this.#block;
    const bytes = this.#block.take();
    return this.#take(frame.stream, endStream, { bytes, start: 0, end: bytes.length });
  }

  #take(id: number, endStream: boolean, block: Block): Fault | undefined {
    const { streams, phase } = this.#core;
    const stream = streams.get(id);
    if (stream !== undefined) return this.#trailers(stream, endStream, block);
    if (!streams.isNew(id)) return this.#late(id, block);
    streams.see(id);
    if (phase !== 'drained') return this.#open(id, endStream, block);
    // RFC 9113 §6.8: after GOAWAY newer streams are ignored, but their header blocks are still decoded.
    streams.end(id, true);
    return this.#discard(block) ?? this.#core.payIdleFrame();
  }

  #open(id: number, endStream: boolean, { bytes, start, end }: Block): Fault | undefined {
    const core = this.#core;
    const decoded = this.#decoder.readRequest(bytes, start, end);
    // RFC 9113 §4.3: what cannot be decoded ends the connection.
    if (decoded.kind === 'compression') return connectionFault(ErrorCode.COMPRESSION_ERROR, decoded.reason);
    // RFC 9113 §5.1.2: REFUSED_STREAM, so that the client may try again.
    if (core.streams.size >= core.limits.streamsMax)
      return streamFault(ErrorCode.REFUSED_STREAM, 'concurrent streams');
    const contentLength = decoded.kind === 'request' ? decoded.contentLength : undefined;
    // RFC 9113 §8.1.1: so it is where content is told of and none comes.
    if (decoded.kind === 'malformed' || (endStream && (contentLength ?? 0) > 0))
      return streamFault(ErrorCode.PROTOCOL_ERROR, 'malformed request');
    const sendWindow = core.sender.initialWindow;
    const stream = core.open(id, { isComplete: endStream, contentLength, sendWindow, nowMs: core.nowMs });
    this.#hand(stream, decoded);
    if (core.streams.takenCount >= core.limits.streamsPerConnectionMax) this.#endSoon();
    return undefined;
  }

  #hand(stream: Stream, decoded: Exclude<DecodedRequest, { kind: 'malformed' | 'compression' }>): void {
    const { handler, earlyPriorities } = this.#core;
    const early = earlyPriorities.take(stream.id);
    if (decoded.kind === 'too-large') return handler.tooLarge(stream.id);
    // RFC 9218 §7: PRIORITY_UPDATE overrides the field.
    stream.priority = early ?? decoded.priority;
    handler.request(stream.id, decoded, stream.isComplete);
  }

  /** A client that goes on to open streams after it was told is not waited for. */
  #endSoon(): void {
    const { streams, limits, phase } = this.#core;
    this.#core.drain();
    if (phase === 'draining' && streams.takenCount >= limits.streamsPerConnectionMax + limits.streamsMax)
      this.#core.finishDrain();
  }

  #trailers(stream: Stream, endStream: boolean, { bytes, start, end }: Block): Fault | undefined {
    const result = this.#decoder.readTrailers(bytes, start, end);
    if (result === 'compression') return connectionFault(ErrorCode.COMPRESSION_ERROR, 'trailers');
    // RFC 9113 §5.1: after END_STREAM nothing but WINDOW_UPDATE, PRIORITY and RST_STREAM may come.
    if (stream.isComplete) return closedFault();
    // RFC 9113 §8.1: a second HEADERS ends the stream, and has no pseudo-header fields.
    if (result === 'malformed' || !endStream || !stream.receive(0, true))
      return streamFault(ErrorCode.PROTOCOL_ERROR, 'trailers');
    stream.progressMs = this.#core.nowMs;
    if (!stream.isAnswered) this.#core.handler.content(stream.id, NOTHING, true);
    return undefined;
  }

  #late(id: number, block: Block): Fault | undefined {
    const state = this.#core.streams.stateOf(id);
    // RFC 9113 §5.1: the peer may not have known of our RST_STREAM; the block is decoded, since the next ones build on it.
    if (state === 'reset') return this.#discard(block) ?? this.#core.payIdleFrame();
    // RFC 9113 §5.1: STREAM_CLOSED where the stream ended. §5.1.1: an identifier that was passed over is a PROTOCOL_ERROR.
    if (state === 'ended') return connectionFault(ErrorCode.STREAM_CLOSED, 'HEADERS');
    return connectionFault(ErrorCode.PROTOCOL_ERROR, 'stream identifier');
  }

  #discard({ bytes, start, end }: Block): Fault | undefined {
    return this.#decoder.readTrailers(bytes, start, end) === 'compression'
      ? connectionFault(ErrorCode.COMPRESSION_ERROR, 'header block')
      : undefined;
  }
}

interface Block {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}
