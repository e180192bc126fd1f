import { carriesSecrets } from '../http/fields.ts';
import type { RequestMessage } from './decoded-request.ts';

/** What a client asks for again and again over one connection: a reload, a poll, a load test. */
const BLOCKS_MAX = 8;

/** Blocks that say most by indices are a few bytes. With {@link BLOCKS_MAX} this bounds what a connection keeps. */
const BLOCK_MAX_BYTES = 512;

interface KnownBlock {
  readonly bytes: Uint8Array;
  readonly message: RequestMessage;
}

/**
 * Blocks as they came over one connection, with what they were read as: as long as the dynamic table stays as it is (one generation of the
 * decoder), the same bytes mean the same.
 */
export class KnownBlocks {
  #blocks: KnownBlock[] = [];
  #generation = 0;
  #oldest = 0;

  find(bytes: Uint8Array, start: number, end: number, generation: number): RequestMessage | undefined {
    if (generation !== this.#generation) return undefined;
    for (const known of this.#blocks)
      if (known.bytes.length === end - start && isSame(known.bytes, bytes, start)) return known.message;
    return undefined;
  }

  /** `generation` is that before and after the block. */
  add(block: Uint8Array, generation: number, message: RequestMessage): void {
    if (block.length > BLOCK_MAX_BYTES || carriesSecrets(message.request.fields)) return;
    if (generation !== this.#generation) {
      this.#blocks = [];
      this.#oldest = 0;
      this.#generation = generation;
    }
    this.#blocks[this.#oldest] = { bytes: block.slice(), message: { ...message, isRepeated: true } };
    this.#oldest = (this.#oldest + 1) % BLOCKS_MAX;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < known.length; index++) if (known[index] !== bytes[start + index]) return false;
  return true;
}
