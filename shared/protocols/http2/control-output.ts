import { encodeUtf8 } from '../../base/bytes.ts';
import { Flag, FRAME_HEADER_BYTES, FrameType } from './frame.ts';
import { FrameWriter } from './frame-writer.ts';

/** The SETTINGS, a few acknowledgements. */
const SPACE_BYTES = 128;

/** RFC 9113 §6.8: debug data are for people who look at a trace. */
const REASON_MAX_BYTES = 64;

/** Control frames that wait to be sent, as bytes. */
export class ControlOutput {
  readonly #writer = new FrameWriter();
  #space: Uint8Array = new Uint8Array(SPACE_BYTES);
  #start = 0;

  constructor() {
    this.#writer.begin(this.#space, 0, SPACE_BYTES);
  }

  get bytes(): number {
    return this.#writer.at - this.#start;
  }

  settings(values: readonly (readonly [setting: number, value: number])[]): void {
    const writer = this.#frame(values.length * 6, FrameType.SETTINGS, 0, 0);
    for (const [setting, value] of values) {
      writer.uint16(setting);
      writer.uint32(value);
    }
  }

  settingsAck(): void {
    this.#frame(0, FrameType.SETTINGS, Flag.ACK, 0);
  }

  ping(payload: Uint8Array, flags: number): void {
    this.#frame(payload.length, FrameType.PING, flags, 0).copy(payload, 0, payload.length);
  }

  windowUpdate(stream: number, increment: number): void {
    this.#frame(4, FrameType.WINDOW_UPDATE, 0, stream).uint32(increment);
  }

  reset(stream: number, code: number): void {
    this.#frame(4, FrameType.RST_STREAM, 0, stream).uint32(code);
  }

  goAway(lastStream: number, code: number, reason: string): void {
    const text = encodeUtf8(reason.slice(0, REASON_MAX_BYTES));
    const writer = this.#frame(8 + text.length, FrameType.GOAWAY, 0, 0);
    writer.uint32(lastStream);
    writer.uint32(code);
    writer.copy(text, 0, text.length);
  }

  /** Moves as much as there is room for; whether nothing is left. A frame may be cut: what is left comes first the next time. */
  moveTo(into: FrameWriter): boolean {
    const length = Math.min(this.bytes, into.room + FRAME_HEADER_BYTES);
    if (length > 0) {
      into.copy(this.#space, this.#start, this.#start + length);
      this.#start += length;
    }
    if (this.bytes > 0) return false;
    this.#start = 0;
    this.#writer.begin(this.#space, 0, this.#space.length);
    return true;
  }

  #frame(length: number, type: number, flags: number, stream: number): FrameWriter {
    const writer = this.#writer;
    if (writer.room < length) this.#enlarge(length + FRAME_HEADER_BYTES);
    writer.header(length, type, flags, stream);
    return writer;
  }

  #enlarge(more: number): void {
    const left = this.#space.subarray(this.#start, this.#writer.at);
    this.#space = new Uint8Array(2 * (left.length + more));
    this.#start = 0;
    this.#writer.begin(this.#space, 0, this.#space.length);
    this.#writer.copy(left, 0, left.length);
  }
}
