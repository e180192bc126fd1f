import { ControlOutput } from './control-output.ts';
import { connectionFault, streamFault, type Fault } from './fault.ts';
import { ErrorCode, Flag, FrameType, PAYLOAD_MAX_BYTES, WINDOW_INITIAL, WINDOW_MAX } from './frame.ts';
import { FrameWriter } from './frame-writer.ts';
import { HeaderWriter } from './header-writer.ts';
import { DATA_ROOM_MIN_BYTES, DATA_WORTH_MIN_BYTES } from './limits.ts';
import type { Http2Primitives } from './primitives.ts';
import type { Priority } from './priority.ts';
import { Schedule } from './schedule.ts';
import type { Stream } from './stream.ts';
import { StreamQueue } from './stream-queue.ts';

/** What the sender tells of its progress. */
export interface SenderEvents {
  /** The whole answer of the stream is written. */
  sent(stream: Stream): void;
  /** A frame of content that was worth sending. */
  sentContent(): void;
}

/** What is to be sent, and in which order: control frames, headers, content as priorities and windows have it. */
export class Sender {
  readonly control: ControlOutput = new ControlOutput();
  readonly #writer: FrameWriter;
  readonly #headers: HeaderWriter;
  readonly #withHeaders = new StreamQueue();
  readonly #schedule = new Schedule();
  readonly #events: SenderEvents;
  /** RFC 9113 §6.9.1: what the peer takes on the whole connection, and on a new stream. */
  #window = WINDOW_INITIAL;
  #initialWindow = WINDOW_INITIAL;

  constructor(events: SenderEvents, copy: Http2Primitives['copy']) {
    this.#events = events;
    this.#writer = new FrameWriter(copy);
    this.#headers = new HeaderWriter(this.#writer);
  }

  get initialWindow(): number {
    return this.#initialWindow;
  }

  get hasOutput(): boolean {
    return (
      this.hasControlOutput ||
      this.#withHeaders.first !== undefined ||
      (this.#window > 0 && !this.#schedule.isEmpty)
    );
  }

  /** What is to be sent even where there are no streams. */
  get hasControlOutput(): boolean {
    return this.control.bytes > 0 || this.#headers.isCut;
  }

  /** The stream has got a header block to be sent. */
  addHeaders(stream: Stream): void {
    if (stream.queue === undefined) this.#withHeaders.push(stream);
  }

  /** The stream is over. A block of it that is cut is still sent to its end: the peer could not read on otherwise. */
  forget(stream: Stream): void {
    if (stream.queue === this.#withHeaders) this.#withHeaders.remove(stream);
    else if (stream.queue !== undefined) this.#schedule.remove(stream);
  }

  prioritise(stream: Stream, priority: Priority): void {
    const isScheduled = stream.queue !== undefined && stream.queue !== this.#withHeaders;
    if (isScheduled) this.#schedule.remove(stream);
    stream.priority = priority;
    if (isScheduled) this.#schedule.add(stream);
  }

  /** RFC 9113 §6.9.1: a window that would pass 2^31−1 is a FLOW_CONTROL_ERROR. */
  enlargeWindow(increment: number): Fault | undefined {
    if (this.#window + increment > WINDOW_MAX)
      return connectionFault(ErrorCode.FLOW_CONTROL_ERROR, 'window of the connection');
    this.#window += increment;
    return undefined;
  }

  enlargeStreamWindow(stream: Stream, increment: number): Fault | undefined {
    if (stream.sendWindow + increment > WINDOW_MAX)
      return streamFault(ErrorCode.FLOW_CONTROL_ERROR, 'window of a stream');
    this.#changeWindow(stream, increment);
    return undefined;
  }

  /** RFC 9113 §6.9.2: all windows of streams change by the difference, and may fall below 0. Not that of the connection. */
  setInitialWindow(size: number, streams: Iterable<Stream>): Fault | undefined {
    const difference = size - this.#initialWindow;
    this.#initialWindow = size;
    for (const stream of streams) {
      if (stream.sendWindow + difference > WINDOW_MAX)
        return connectionFault(ErrorCode.FLOW_CONTROL_ERROR, 'SETTINGS_INITIAL_WINDOW_SIZE');
      this.#changeWindow(stream, difference);
    }
    return undefined;
  }

  #changeWindow(stream: Stream, difference: number): void {
    const could = stream.maySend;
    stream.sendWindow += difference;
    if (stream.maySend === could || stream.queue === this.#withHeaders) return;
    if (could) this.#schedule.remove(stream);
    else this.#schedule.add(stream);
  }

  /** Where it stopped. What ends by it is told while it goes on. */
  fill(into: Uint8Array, start: number, end: number, nowMs: number): number {
    const writer = this.#writer;
    writer.begin(into, start, end);
    if (this.#headers.continue() && this.control.moveTo(writer) && this.#writeHeaders(nowMs))
      while (this.#window > 0) {
        const stream = this.#schedule.next();
        if (stream === undefined || !this.#writeContent(stream, nowMs)) break;
      }
    return writer.at;
  }

  /** Whether all of them are written. */
  #writeHeaders(nowMs: number): boolean {
    for (let stream; (stream = this.#withHeaders.first) !== undefined;) {
      if (!this.#writeHeadersOf(stream)) return false;
      stream.progressMs = nowMs;
      if (stream.isAnswered && stream.leftBytes === 0) this.#events.sent(stream);
      if (!this.#headers.continue()) return false;
    }
    return true;
  }

  #writeHeadersOf(stream: Stream): boolean {
    const { interims, block } = stream;
    for (let interim; (interim = interims?.[0]) !== undefined;) {
      if (!this.#headers.write(stream.id, interim, false)) return false;
      interims?.shift();
      if (!this.#headers.continue()) return false;
    }
    stream.interims = undefined;
    if (block !== undefined) {
      // RFC 9113 §8.1: without content the header section ends the stream.
      if (!this.#headers.write(stream.id, block, stream.leftBytes === 0)) return false;
      stream.block = undefined;
    }
    this.#withHeaders.remove(stream);
    if (stream.maySend) this.#schedule.add(stream);
    return true;
  }

  /** One DATA frame; false where there is not room enough. */
  #writeContent(stream: Stream, nowMs: number): boolean {
    const writer = this.#writer;
    // RFC 9113 §6.9.1: never more than either window.
    let length = Math.min(stream.leftBytes, stream.sendWindow, this.#window, PAYLOAD_MAX_BYTES);
    if (length > writer.room) {
      length = writer.room;
      if (length < 1 || (length < DATA_ROOM_MIN_BYTES && writer.hasWritten)) return false;
    }
    const isLast = length === stream.leftBytes;
    writer.header(length, FrameType.DATA, isLast ? Flag.END_STREAM : 0, stream.id);
    stream.takeContent(length, writer);
    stream.progressMs = nowMs;
    this.#window -= length;
    if (length >= DATA_WORTH_MIN_BYTES) this.#events.sentContent();
    this.#schedule.rotate(stream);
    if (isLast || stream.sendWindow <= 0) this.#schedule.remove(stream);
    if (isLast) this.#events.sent(stream);
    return true;
  }
}
