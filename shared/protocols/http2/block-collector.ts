import { connectionFault, type Fault } from './fault.ts';
import { ErrorCode } from './frame.ts';
import { BLOCK_BYTES_PER_LIST_BYTE, CONTINUATIONS_MAX } from './limits.ts';

const NOTHING = new Uint8Array(0);

/** A header block in several frames, while its end has not come. */
export class BlockCollector {
  /** The stream it is for; 0 while there is none. */
  stream = 0;
  endStream = false;
  #bytes: Uint8Array = NOTHING;
  #length = 0;
  #continuations = 0;
  readonly #maxBytes: number;

  constructor(headerBytes: number) {
    this.#maxBytes = headerBytes * BLOCK_BYTES_PER_LIST_BYTE;
  }

  begin(stream: number, endStream: boolean): void {
    this.stream = stream;
    this.endStream = endStream;
    this.#continuations = 0;
  }

  /** A flood of CONTINUATION frames (CVE-2024-27316) is an end to the connection: without the whole block no other can be read. */
  add(bytes: Uint8Array, start: number, end: number): Fault | undefined {
    const length = this.#length + end - start;
    if (length > this.#maxBytes || this.#continuations++ > CONTINUATIONS_MAX)
      return connectionFault(ErrorCode.ENHANCE_YOUR_CALM, 'header block');
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length = length;
    return undefined;
  }

  /** The whole block. */
  take(): Uint8Array {
    const block = this.#bytes.subarray(0, this.#length);
    this.stream = 0;
    this.#bytes = NOTHING;
    this.#length = 0;
    return block;
  }
}
