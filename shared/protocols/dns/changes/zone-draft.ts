import { endOfOwner } from '../dnssec/signed-zone.ts';
import type { Name } from '../name.ts';
import { compareCanonical, type RRset, type Zone } from '../rrset.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';
import { compareSets, isSameSet } from './rrset-identity.ts';

interface Node {
  /** Where the owner's RRsets stand in the zone, or would. */
  readonly start: number;
  readonly end: number;
  rrsets: readonly RRset[];
}

/** A zone while it is changed: what stays is shared with the zone before, and only what is touched is looked at. */
export class ZoneDraft {
  readonly #zone: Zone;
  /** By the owner's canonical key. */
  readonly #touched = new Map<string, Node>();

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  get apex(): Name {
    return this.#zone.apex;
  }

  /** The RRsets of a name, as changed so far. */
  at(owner: Name): readonly RRset[] {
    return this.#node(owner).rrsets;
  }

  /** Puts `rrset`, which has records, in the place of the one that has its owner and type. */
  put(rrset: RRset): void {
    const node = this.#node(rrset.owner);
    const others = node.rrsets.filter(other => !isSameSet(other, rrset));
    node.rrsets = [...others, rrset].sort(compareSets);
  }

  /** Takes away one of those that {@link at} gives. */
  remove(rrset: RRset): void {
    const node = this.#node(rrset.owner);
    node.rrsets = node.rrsets.filter(other => other !== rrset);
  }

  finish(): Zone {
    const { apex, rrsets } = this.#zone;
    const whole: RRset[] = [];
    let from = 0;
    for (const key of [...this.#touched.keys()].sort()) {
      const { start, end, rrsets: changed } = this.#touched.get(key) as Node;
      for (; from < start; from++) whole.push(rrsets[from] as RRset);
      whole.push(...changed);
      from = end;
    }
    for (; from < rrsets.length; from++) whole.push(rrsets[from] as RRset);
    return { apex, rrsets: whole };
  }

  #node(owner: Name): Node {
    const key = canonicalKey(owner);
    let node = this.#touched.get(key);
    if (node === undefined) {
      node = this.#find(owner);
      this.#touched.set(key, node);
    }
    return node;
  }

  #find(owner: Name): Node {
    const { rrsets } = this.#zone;
    let start = 0;
    for (let end = rrsets.length; start < end;) {
      const middle = (start + end) >>> 1;
      if (compareCanonical((rrsets[middle] as RRset).owner, owner) < 0) start = middle + 1;
      else end = middle;
    }
    const first = rrsets[start];
    const isThere = first !== undefined && compareCanonical(first.owner, owner) === 0;
    const end = isThere ? endOfOwner(rrsets, start) : start;
    return { start, end, rrsets: rrsets.slice(start, end) };
  }
}
