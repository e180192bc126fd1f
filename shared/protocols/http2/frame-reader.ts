import { connectionFault, type Fault } from './fault.ts';
import {
  ErrorCode,
  Flag,
  FRAME_HEADER_BYTES,
  PAYLOAD_MAX_BYTES,
  STREAM_ID_MAX,
  uint24At,
  uint32At,
} from './frame.ts';

const NOTHING = new Uint8Array(0);

/** The frames in the bytes of one connection, whole, in whatever pieces these come. */
export class FrameReader {
  /** What the last {@link read} came to. After 'frame' the fields below hold it, until the next one. */
  reading: 'more' | 'frame' | 'too-long' = 'more';
  type = 0;
  flags = 0;
  stream = 0;
  /** Where the payload stands. */
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  /** The beginning of a frame whose end has not come. */
  #held: Uint8Array = NOTHING;
  #heldLength = 0;

  /** Reads from `start` on; where it stopped. */
  read(bytes: Uint8Array, start: number, end: number): number {
    if (this.#heldLength > 0) return this.#readMore(bytes, start, end);
    if (end - start >= FRAME_HEADER_BYTES) {
      const length = uint24At(bytes, start);
      if (length > PAYLOAD_MAX_BYTES) return this.#tell('too-long', end);
      const stop = start + FRAME_HEADER_BYTES + length;
      if (stop <= end) return this.#take(bytes, start, stop);
    }
    this.#hold(bytes, start, end);
    return this.#tell('more', end);
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** Leaves out the padding of DATA and HEADERS. */
  unpad(): Fault | undefined {
    if ((this.flags & Flag.PADDED) === 0) return undefined;
    // RFC 9113 §4.2: too small for what it must have is FRAME_SIZE_ERROR.
    if (this.start === this.end) return connectionFault(ErrorCode.FRAME_SIZE_ERROR, 'no pad length');
    const padding = this.bytes[this.start] as number;
    this.start++;
    // RFC 9113 §6.1, §6.2: padding that is as long as the payload or longer is a PROTOCOL_ERROR of the connection.
    if (padding > this.end - this.start) return connectionFault(ErrorCode.PROTOCOL_ERROR, 'padding');
    this.end -= padding;
    return undefined;
  }

  #tell(reading: 'more' | 'frame' | 'too-long', at: number): number {
    this.reading = reading;
    return at;
  }

  #take(bytes: Uint8Array, start: number, stop: number): number {
    this.type = bytes[start + 3] as number;
    this.flags = bytes[start + 4] as number;
    this.stream = uint32At(bytes, start + 5) & STREAM_ID_MAX;
    this.bytes = bytes;
    this.start = start + FRAME_HEADER_BYTES;
    this.end = stop;
    return this.#tell('frame', stop);
  }

  #readMore(bytes: Uint8Array, start: number, end: number): number {
    const at = this.#holdUpTo(FRAME_HEADER_BYTES, bytes, start, end);
    if (this.#heldLength < FRAME_HEADER_BYTES) return this.#tell('more', end);
    const length = uint24At(this.#held, 0);
    if (length > PAYLOAD_MAX_BYTES) return this.#tell('too-long', end);
    const whole = FRAME_HEADER_BYTES + length;
    const stop = this.#holdUpTo(whole, bytes, at, end);
    if (this.#heldLength < whole) return this.#tell('more', end);
    this.#take(this.#held, 0, whole);
    // Idle connections hold nothing.
    this.#held = NOTHING;
    this.#heldLength = 0;
    return stop;
  }

  /** Copies until `length` bytes are held, or all that came; where it stopped. */
  #holdUpTo(length: number, bytes: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + Math.max(0, length - this.#heldLength));
    if (stop > start) this.#hold(bytes, start, stop);
    return stop;
  }

  /** Memory grows with what came, not with what a header promises. */
  #hold(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#heldLength + end - start;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#held.length));
      larger.set(this.#held.subarray(0, this.#heldLength));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(start, end), this.#heldLength);
    this.#heldLength = length;
  }
}
