import type { AskedName } from '../compiled/asked-name.ts';
import type { CompiledZone } from '../compiled/compiled-zone.ts';
import { Sha1 } from './sha1.ts';

/** Hashes names as the NSEC3 chain of a zone does: RFC 5155 §5. */
export class NameHasher {
  readonly #sha1 = new Sha1();
  readonly #last = new Uint32Array(5);

  /** The hash of the name's ancestor of `depth` labels; valid until the next call. */
  hashName(zone: CompiledZone, name: AskedName, depth: number): Uint32Array {
    this.#sha1.begin();
    return this.#hashLabels(zone, name, depth);
  }

  /** The hash of the wildcard below that ancestor. */
  hashWildcard(zone: CompiledZone, name: AskedName, depth: number): Uint32Array {
    this.#sha1.begin();
    this.#sha1.addByte(1);
    this.#sha1.addByte(0x2a);
    return this.#hashLabels(zone, name, depth);
  }

  #hashLabels(zone: CompiledZone, name: AskedName, depth: number): Uint32Array {
    const sha1 = this.#sha1;
    // The canonical wire form: the first label comes first.
    for (let label = depth; label > 0; label--)
      for (let at = name.ends[label - 1] as number; at < (name.ends[label] as number); at++)
        sha1.addByte(name.bytes[at] as number);
    sha1.addByte(0);
    this.#addSalt(zone);
    sha1.end();
    for (let left = zone.iterations; left > 0; left--) this.#again(zone);
    return sha1.digest;
  }

  #again(zone: CompiledZone): void {
    const sha1 = this.#sha1;
    const last = this.#last;
    for (let word = 0; word < 5; word++) last[word] = sha1.digest[word] as number;
    sha1.begin();
    for (let byte = 0; byte < 20; byte++)
      sha1.addByte(((last[byte >>> 2] as number) >>> (24 - 8 * (byte & 3))) & 0xff);
    this.#addSalt(zone);
    sha1.end();
  }

  #addSalt(zone: CompiledZone): void {
    const end = zone.saltAt + zone.saltBytes;
    for (let at = zone.saltAt; at < end; at++) this.#sha1.addByte(zone.heap[at] as number);
  }
}
