import { Flag, FrameType, PAYLOAD_MAX_BYTES } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';

/** RFC 7541 §6.3: a dynamic table size update to 0. */
const EMPTY_TABLE = 0x20;

/** A header block longer than the room for it. */
interface CutBlock {
  readonly stream: number;
  readonly block: Uint8Array;
  at: number;
}

/** Writes header blocks as HEADERS and, where they are too long, CONTINUATION frames. */
export class HeaderWriter {
  readonly #writer: FrameWriter;
  #cut: CutBlock | undefined;
  #isTableOpen = true;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** RFC 9113 §6.2: nothing else may be sent before the rest of a header block. */
  get isCut(): boolean {
    return this.#cut !== undefined;
  }

  /** Whether it was written, or begun. A block goes whole into the next room rather than being cut for this one. */
  write(stream: number, block: Uint8Array, endStream: boolean): boolean {
    const writer = this.#writer;
    const update = this.#isTableOpen ? 1 : 0;
    const most = Math.min(writer.room, PAYLOAD_MAX_BYTES);
    const isWhole = block.length + update <= most;
    if (!isWhole && (writer.hasWritten || most <= update)) return false;
    const length = isWhole ? block.length : most - update;
    const flags = (isWhole ? Flag.END_HEADERS : 0) | (endStream ? Flag.END_STREAM : 0);
    writer.header(length + update, FrameType.HEADERS, flags, stream);
    // RFC 9113 §4.3.1: a peer that lowers SETTINGS_HEADER_TABLE_SIZE must see its table shrink in the next block. We use none: it is
    // closed by the first one, and what the peer sets does not matter.
    if (this.#isTableOpen) writer.uint8(EMPTY_TABLE);
    this.#isTableOpen = false;
    writer.copy(block, 0, length);
    if (!isWhole) this.#cut = { stream, block, at: length };
    return true;
  }

  /** Goes on with a block that was cut; whether it is whole now. */
  continue(): boolean {
    const writer = this.#writer;
    while (this.#cut !== undefined) {
      const { stream, block, at } = this.#cut;
      const length = Math.min(writer.room, PAYLOAD_MAX_BYTES, block.length - at);
      if (length <= 0) return false;
      const isWhole = at + length === block.length;
      writer.header(length, FrameType.CONTINUATION, isWhole ? Flag.END_HEADERS : 0, stream);
      writer.copy(block, at, at + length);
      this.#cut.at += length;
      if (isWhole) this.#cut = undefined;
    }
    return true;
  }
}
