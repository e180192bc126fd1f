import type { Name } from '../name.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';

export interface CacheEntry<T> {
  readonly value: T;
  readonly storedMs: number;
  readonly expiresMs: number;
}

/** Under this type stands that a name does not exist at all. */
export const NO_SUCH_NAME = 0;

interface SizedEntry<T> extends CacheEntry<T> {
  readonly bytes: number;
}

/** What was learnt, by name and type. What was used least lately makes room. */
export class Cache<T> {
  readonly #entries = new Map<string, SizedEntry<T>>();
  readonly #maxBytes: number;
  readonly #sizeOf: (value: T) => number;
  #bytes = 0;

  /** `sizeOf`: about what a value takes, in bytes. */
  constructor(maxBytes: number, sizeOf: (value: T) => number) {
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What has not expired at `nowMs`, or was learnt since `sinceMs`. */
  get(name: Name, type: number, nowMs: number, sinceMs: number): CacheEntry<T> | undefined {
    const key = keyOf(name, type);
    const entry = this.#entries.get(key);
    // RFC 1035 §3.2.1: what has a TTL of zero can only be used for the transaction in progress.
    if (entry === undefined || (entry.expiresMs <= nowMs && entry.storedMs < sinceMs)) return undefined;
    // Maps keep the order of insertion: the end is what was used last.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** The entry even where it has expired. */
  peek(name: Name, type: number): CacheEntry<T> | undefined {
    return this.#entries.get(keyOf(name, type));
  }

  put(name: Name, type: number, entry: CacheEntry<T>): void {
    this.delete(name, type);
    const key = keyOf(name, type);
    const bytes = OVERHEAD_BYTES + key.length + this.#sizeOf(entry.value);
    this.#entries.set(key, { ...entry, bytes });
    this.#bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
      this.#entries.delete(oldest);
      this.#bytes -= freed;
    }
  }

  delete(name: Name, type: number): void {
    const key = keyOf(name, type);
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}

/** Objects of one entry: measured with Node 26 at about 400. */
const OVERHEAD_BYTES = 400;

function keyOf(name: Name, type: number): string {
  return `${type} ${canonicalKey(name)}`;
}
