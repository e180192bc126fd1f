import { addressOf } from '../ffi/gather-send.ts';

/** Memory to be sent from `start` on. It stays as it is until it has been. */
export interface OutputPart {
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** A private copy of less costs nothing beside a system call. */
const COPIED_MAX_BYTES = 4 * 1024;

/** What one connection has yet to send, in order: views of memory, held until they are sent. */
export class Output {
  readonly #parts: OutputPart[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get parts(): readonly OutputPart[] {
    return this.#parts;
  }

  add(part: OutputPart): void {
    const length = part.bytes.length - part.start;
    if (length === 0) return;
    this.#parts.push(part);
    this.#bytes += length;
  }

  /** Leaves out the first `count` bytes, which have been sent. */
  drop(count: number): void {
    this.#bytes -= count;
    if (this.#bytes === 0) return this.clear();
    let left = count;
    let gone = 0;
    for (const { bytes, start } of this.#parts) {
      if (bytes.length - start > left) break;
      left -= bytes.length - start;
      gone++;
    }
    this.#parts.splice(0, gone);
    const [first] = this.#parts;
    if (left > 0 && first !== undefined) this.#parts[0] = { bytes: first.bytes, start: first.start + left };
  }

  /** Before others may write to what is left: heads that are kept change their date in place. Content never changes. */
  keep(): void {
    this.#parts.forEach((part, index) => {
      if (part.bytes.length > COPIED_MAX_BYTES || part.bytes.buffer instanceof SharedArrayBuffer) return;
      this.#parts[index] = { bytes: part.bytes.slice(part.start), start: 0 };
    });
  }

  clear(): void {
    // Not by `length = 0`, which gives the memory back for the next answer to ask for.
    while (this.#parts.pop() !== undefined);
    this.#bytes = 0;
  }
}

/** Addresses of parts; those of shared memory, where the content of a site is, are asked for once. */
export class Addresses {
  readonly #known = new WeakMap<ArrayBufferLike, number>();
  #lastBuffer: ArrayBufferLike | undefined;
  #lastAddress = 0;

  of({ bytes, start }: OutputPart): number {
    const { buffer } = bytes;
    if (buffer === this.#lastBuffer) return this.#lastAddress + bytes.byteOffset + start;
    let address = this.#known.get(buffer);
    if (address === undefined) {
      address = addressOf(bytes) - bytes.byteOffset;
      this.#known.set(buffer, address);
    }
    this.#lastBuffer = buffer;
    this.#lastAddress = address;
    return address + bytes.byteOffset + start;
  }
}
