import { HEADER_BYTES } from '../message.ts';
import { LABEL_MAX_BYTES, lowerByte, NAME_MAX_BYTES } from '../name.ts';
import { addToHash, NAME_HASH_START } from './name-hash.ts';

/** RFC 1035 §2.3.4: 255 bytes with the root's, and no label below two. */
const LABELS_MAX = 127;
const POINTER = 0xc0;

/**
 * A name that is looked for: taken apart once, so that each of its ancestors can be found without looking at the bytes again. An
 * ancestor is known by its depth, the number of its labels; 0 is the root. Made once and filled for every question.
 */
export class AskedName {
  /** In lower case, root first: a length byte and the label, from the top of the tree to the name's first label. */
  readonly bytes: Uint8Array = new Uint8Array(NAME_MAX_BYTES + 1);
  /** By depth: how many of {@link bytes} the ancestor has. */
  readonly ends: Uint16Array = new Uint16Array(LABELS_MAX + 1);
  /** By depth: where in the message the ancestor's wire form begins. */
  readonly positions: Uint32Array = new Uint32Array(LABELS_MAX + 1);
  /** By depth: see name-hash.ts. */
  readonly hashes: Int32Array = new Int32Array(LABELS_MAX + 1);
  labels = 0;
  readonly #starts = new Uint32Array(LABELS_MAX + 1);

  constructor() {
    this.hashes[0] = NAME_HASH_START;
  }

  /**
   * Takes the question of the message that begins at `start` and ends at `end`. Gives the position in the message after the name, or
   * 0 where it is malformed: nothing stands before it that a pointer might point to.
   */
  takeQuestion(bytes: Uint8Array, start: number, end: number): number {
    let at = start + HEADER_BYTES;
    let labels = 0;
    for (;;) {
      if (at >= end) return 0;
      const length = bytes[at] as number;
      if (length === 0) break;
      // RFC 1035 §2.3.4: the name and the root's byte are 255 bytes at most.
      if (length > LABEL_MAX_BYTES || at - start + length + 2 - HEADER_BYTES > NAME_MAX_BYTES) return 0;
      this.#starts[labels++] = at - start;
      at += 1 + length;
    }
    this.positions[0] = at - start;
    this.#fill(bytes, start, labels);
    return at - start + 1;
  }

  /** Takes the name at `position` of a message of our own making. */
  takeWritten(bytes: Uint8Array, start: number, position: number): void {
    let labels = 0;
    for (let at = position; ;) {
      const length = bytes[start + at] as number;
      this.positions[0] = at;
      if (length === 0) break;
      if (length >= POINTER) at = ((length & 0x3f) << 8) | (bytes[start + at + 1] as number);
      else {
        this.#starts[labels++] = at;
        at += 1 + length;
      }
    }
    this.#fill(bytes, start, labels);
  }

  #fill(bytes: Uint8Array, start: number, labels: number): void {
    let end = 0;
    let hash = NAME_HASH_START;
    for (let depth = 1; depth <= labels; depth++) {
      const position = this.#starts[labels - depth] as number;
      let from = start + position;
      const length = bytes[from] as number;
      this.bytes[end++] = length;
      hash = addToHash(hash, length);
      for (const stop = from + length; from < stop;) {
        const byte = lowerByte(bytes[++from] as number);
        this.bytes[end++] = byte;
        hash = addToHash(hash, byte);
      }
      this.positions[depth] = position;
      this.ends[depth] = end;
      this.hashes[depth] = hash;
    }
    this.labels = labels;
  }

  /** Whether `length` bytes of the name from `start` on are those at `offset` of the heap. */
  equals(heap: Uint8Array, offset: number, start: number, length: number): boolean {
    for (let index = 0; index < length; index++)
      if (heap[offset + index] !== this.bytes[start + index]) return false;
    return true;
  }
}
