import { streamFault, connectionFault, type Fault } from './fault.ts';
import { EarlyPriorities } from './early-priorities.ts';
import { ErrorCode, Setting, STREAM_ID_MAX } from './frame.ts';
import type { Http2Handler, StreamEnd } from './handler.ts';
import {
  IDLE_FRAMES_BURST,
  IDLE_FRAMES_PER_CONTENT,
  IDLE_FRAMES_PER_REQUEST,
  IDLE_FRAMES_PER_SECOND,
  type Http2Limits,
} from './limits.ts';
import type { Http2Primitives } from './primitives.ts';
import { Sender } from './sender.ts';
import { Stream, type StreamStart } from './stream.ts';
import { StreamTable } from './stream-table.ts';
import { TokenBucket } from '../../base/token-bucket.ts';

/** Eight bytes that come back when the peer has seen the first GOAWAY. */
const DRAIN_PING = Uint8Array.from('draining', letter => letter.charCodeAt(0));

/** RFC 9113 §6.8. 'draining': the peer is told, and may have opened streams meanwhile; 'drained': it knows; 'failed': after an error. */
type Phase = 'open' | 'draining' | 'drained' | 'failed';

/** What those who read the peer's frames share: streams, what is to be sent, budgets, and how streams and the connection end. */
export class ConnectionCore {
  readonly limits: Http2Limits;
  readonly handler: Http2Handler;
  readonly streams: StreamTable = new StreamTable();
  readonly earlyPriorities: EarlyPriorities = new EarlyPriorities();
  readonly sender: Sender;
  nowMs: number;
  phase: Phase = 'open';
  readonly #idleFrames: TokenBucket;
  readonly #resets: TokenBucket;

  constructor(limits: Http2Limits, handler: Http2Handler, nowMs: number, primitives: Http2Primitives) {
    this.limits = limits;
    this.handler = handler;
    this.nowMs = nowMs;
    this.#idleFrames = new TokenBucket(IDLE_FRAMES_BURST, IDLE_FRAMES_PER_SECOND, nowMs);
    this.#resets = new TokenBucket(limits.resetsBurst, limits.resetsPerSecond, nowMs);
    const events = {
      sent: (stream: Stream): void => this.#sent(stream),
      sentContent: (): void => this.#idleFrames.earn(IDLE_FRAMES_PER_CONTENT),
    };
    this.sender = new Sender(events, primitives.copy);
    // RFC 9113 §3.4: the server's preface. ENABLE_PUSH is not for a server to allow (§6.5.2); RFC 9218 §2.1.1: the old priorities are ignored.
    this.sender.control.settings([
      [Setting.MAX_CONCURRENT_STREAMS, limits.streamsMax],
      [Setting.MAX_HEADER_LIST_SIZE, limits.headerBytes],
      [Setting.NO_RFC7540_PRIORITIES, 1],
    ]);
  }

  /** A frame that brings no request: CVE-2019-9511, 9512, 9513, 9515 and 9518 are floods of them. */
  payIdleFrame(): Fault | undefined {
    return this.#idleFrames.spend(this.nowMs)
      ? undefined
      : connectionFault(ErrorCode.ENHANCE_YOUR_CALM, 'too many frames without a request');
  }

  /** A stream that ended before its time by what the peer did: CVE-2023-44487, CVE-2019-9514, CVE-2025-8671. */
  payReset(): Fault | undefined {
    return this.#resets.spend(this.nowMs)
      ? undefined
      : connectionFault(ErrorCode.ENHANCE_YOUR_CALM, 'too many streams reset');
  }

  open(id: number, start: StreamStart): Stream {
    const stream = new Stream(id, start);
    this.streams.add(stream);
    this.#idleFrames.earn(IDLE_FRAMES_PER_REQUEST);
    return stream;
  }

  /** RFC 9113 §5.4. `id` is the stream a stream error is about. */
  apply(fault: Fault, id: number): void {
    if (fault.scope === 'connection') return this.fail(fault);
    if (fault.code !== ErrorCode.REFUSED_STREAM) this.handler.malformed();
    this.reset(id, fault.code);
    const tooMany = this.payReset();
    if (tooMany !== undefined) this.fail(tooMany);
  }

  /** RFC 9113 §5.4.2. Of a stream that is open, or was refused. */
  reset(id: number, code: number): void {
    this.sender.control.reset(id, code);
    const stream = this.streams.get(id);
    if (stream === undefined) this.streams.end(id, true);
    else this.end(stream, 'reset', true);
  }

  end(stream: Stream, how: StreamEnd, isOurReset: boolean): void {
    stream.isEnded = true;
    this.sender.forget(stream);
    this.streams.end(stream.id, isOurReset);
    this.handler.ended(stream.id, how, stream.sentBytes);
  }

  #sent(stream: Stream): void {
    // RFC 9113 §8.1: after a whole answer the client is asked, without an error, to stop sending its request.
    if (!stream.isComplete) this.sender.control.reset(stream.id, ErrorCode.NO_ERROR);
    this.end(stream, 'sent', !stream.isComplete);
  }

  abandon(): void {
    for (const stream of this.streams.all()) this.end(stream, 'reset', false);
  }

  /** RFC 9113 §6.8: first without saying which stream is the last, for there may be some under way. */
  drain(): void {
    if (this.phase !== 'open') return;
    this.phase = 'draining';
    this.sender.control.goAway(STREAM_ID_MAX, ErrorCode.NO_ERROR, '');
    this.sender.control.ping(DRAIN_PING, 0);
  }

  /** A round trip later: what the peer opened before it knew has come. */
  pong(payload: Uint8Array): void {
    if (this.phase === 'draining' && payload.every((byte, index) => byte === DRAIN_PING[index]))
      this.finishDrain();
  }

  /** RFC 9113 §6.8: streams above the last one are ignored from here on. */
  finishDrain(): void {
    this.phase = 'drained';
    this.sender.control.goAway(this.streams.lastTaken, ErrorCode.NO_ERROR, '');
  }

  /** RFC 9113 §5.4.1: GOAWAY with the last stream that may have been acted on, and nothing more. */
  fail(fault: Fault): void {
    if (this.phase === 'failed') return;
    this.phase = 'failed';
    this.handler.malformed();
    this.abandon();
    this.sender.control.goAway(this.streams.lastTaken, fault.code, fault.reason);
  }
}

/** RFC 9113 §5.1: the stream is half-closed (remote), or closed. */
export function closedFault(): Fault {
  return streamFault(ErrorCode.STREAM_CLOSED, 'frame on a closed stream');
}
