import { carriesSecrets } from '../http/fields.ts';
import type { RequestHead } from './request-head.ts';

/** A page and its parts as the usual browsers ask for them, and then some. */
const HEADS_MAX = 256;

/** Longer ones carry what differs from visitor to visitor; with {@link HEADS_MAX} this bounds the memory to 256 KiB and what was read from it. */
const HEAD_MAX_BYTES = 1024;

interface KnownHead {
  readonly bytes: Uint8Array;
  readonly head: RequestHead;
}

/**
 * Heads as they came, with what they were read as. Clients that keep their connection send the same bytes again and again, and the same
 * bytes mean the same: comparing them costs a tenth of reading them. One for all connections with the same limits.
 */
export class KnownHeads {
  readonly #heads: (KnownHead | undefined)[] = Array.from({ length: HEADS_MAX });
  /** Of what came last at each place: most heads never come again, and only one that does is worth a copy. */
  readonly #hashes = new Int32Array(HEADS_MAX);

  /** What the bytes from `start` on begin with, if all of them came as a head before. */
  find(bytes: Uint8Array, start: number, end: number): RequestHead | undefined {
    if (end - start > HEAD_MAX_BYTES) return undefined;
    const known = this.#heads[placeOf(hashOf(bytes, start, end))];
    if (known === undefined || known.bytes.length !== end - start) return undefined;
    const theirs = known.bytes;
    for (let index = 0; index < theirs.length; index++)
      if (theirs[index] !== bytes[start + index]) return undefined;
    return known.head;
  }

  /** Takes the place of another one, if it came the last time as well. */
  add(bytes: Uint8Array, start: number, end: number, head: RequestHead): void {
    if (end - start > HEAD_MAX_BYTES || head.contentLength !== 0) return;
    const hash = hashOf(bytes, start, end);
    const place = placeOf(hash);
    if (this.#hashes[place] !== hash) {
      this.#hashes[place] = hash;
      return;
    }
    if (carriesSecrets(head.request.fields)) return;
    this.#heads[place] = { bytes: bytes.slice(start, end), head };
  }
}

/** By length, the first bytes of the target, and some of the others: FNV-1a over them. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = (0x811c9dc5 ^ (end - start)) | 0;
  const stop = Math.min(end, start + 24);
  for (let at = start; at < stop; at += 2) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  const step = ((end - start) >> 3) | 1;
  for (let at = start; at < end; at += step) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

function placeOf(hash: number): number {
  return (hash ^ (hash >>> 16)) & (HEADS_MAX - 1);
}
