import type { AskedName } from '../compiled/asked-name.ts';
import type { CompiledZones } from '../compiled/compiled-zones.ts';
import { ZONE } from '../compiled/layout.ts';
import { Sha1 } from './sha1.ts';

/** Hashes names as the NSEC3 chain of a zone does: RFC 5155 §5. */
export class NameHasher {
  readonly #sha1 = new Sha1();
  readonly #last = new Uint32Array(5);

  /** The hash of the name's ancestor of `depth` labels; valid until the next call. */
  hashName(zones: CompiledZones, zone: number, name: AskedName, depth: number): Uint32Array {
    this.#sha1.begin();
    return this.#hashLabels(zones, zone, name, depth);
  }

  /** The hash of the wildcard below that ancestor. */
  hashWildcard(zones: CompiledZones, zone: number, name: AskedName, depth: number): Uint32Array {
    this.#sha1.begin();
    this.#sha1.addByte(1);
    this.#sha1.addByte(0x2a);
    return this.#hashLabels(zones, zone, name, depth);
  }

  #hashLabels(zones: CompiledZones, zone: number, name: AskedName, depth: number): Uint32Array {
    const sha1 = this.#sha1;
    // The canonical wire form: the first label comes first.
    for (let label = depth; label > 0; label--)
      for (let at = name.ends[label - 1] as number; at < (name.ends[label] as number); at++)
        sha1.addByte(name.bytes[at] as number);
    sha1.addByte(0);
    this.#addSalt(zones, zone);
    sha1.end();
    for (let left = zones.zoneWord(zone, ZONE.ITERATIONS); left > 0; left--) this.#again(zones, zone);
    return sha1.digest;
  }

  #again(zones: CompiledZones, zone: number): void {
    const sha1 = this.#sha1;
    const last = this.#last;
    for (let word = 0; word < 5; word++) last[word] = sha1.digest[word] as number;
    sha1.begin();
    for (let byte = 0; byte < 20; byte++)
      sha1.addByte(((last[byte >>> 2] as number) >>> (24 - 8 * (byte & 3))) & 0xff);
    this.#addSalt(zones, zone);
    sha1.end();
  }

  #addSalt(zones: CompiledZones, zone: number): void {
    const start = zones.zoneWord(zone, ZONE.SALT);
    const end = start + zones.zoneWord(zone, ZONE.SALT_BYTES);
    for (let at = start; at < end; at++) this.#sha1.addByte(zones.heap[at] as number);
  }
}
