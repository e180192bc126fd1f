import { zstdCompressSync } from 'node:zlib';
import { METADATA_BYTES, METADATA_STORED } from './format.ts';
import { zstdParameters } from './zstd.ts';

/** A place in a metadata table: the compressed block's offset in the table, and the offset within it once unpacked. */
export interface MetadataPlace {
  readonly block: number;
  readonly offset: number;
}

/** Writes one metadata table: a row of blocks of 8 KiB, each compressed by itself. */
export class MetadataWriter {
  readonly #blocks: Uint8Array[] = [];
  #written = 0;
  #pending: Uint8Array = new Uint8Array(METADATA_BYTES);
  #used = 0;

  /** Where the next byte written will stand. */
  get place(): MetadataPlace {
    return { block: this.#written, offset: this.#used };
  }

  write(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      const part = rest.subarray(0, METADATA_BYTES - this.#used);
      this.#pending.set(part, this.#used);
      this.#used += part.length;
      rest = rest.subarray(part.length);
      if (this.#used === METADATA_BYTES) this.#flush();
    }
  }

  /** The whole table. Nothing may be written after. */
  finish(): Uint8Array {
    if (this.#used > 0) this.#flush();
    return Buffer.concat(this.#blocks);
  }

  #flush(): void {
    const plain = this.#pending.subarray(0, this.#used);
    const packed = zstdCompressSync(plain, { params: zstdParameters(METADATA_BYTES) });
    const stored = packed.length >= plain.length;
    const body = stored ? plain : packed;
    const block = new Uint8Array(2 + body.length);
    new DataView(block.buffer).setUint16(0, body.length | (stored ? METADATA_STORED : 0), true);
    block.set(body, 2);
    this.#blocks.push(block);
    this.#written += block.length;
    this.#pending = new Uint8Array(METADATA_BYTES);
    this.#used = 0;
  }
}
