import type { Name } from '../name.ts';
import { packedOf, replaceNodes, type OwnedRRsets } from '../packed/edit-packed.ts';
import type { RRset, Zone } from '../rrset.ts';
import { rrsetsOf } from '../rrset-list.ts';
import { canonicalKey } from '../zone-file/canonical-key.ts';
import { compareSets, isSameSet } from './rrset-identity.ts';

/** A zone while it is changed: what stays is shared with the zone before, and only what is touched is looked at. */
export class ZoneDraft {
  readonly #zone: Zone;
  /** By the owner's canonical key. */
  readonly #touched = new Map<string, OwnedRRsets>();

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  get apex(): Name {
    return this.#zone.apex;
  }

  /** The RRsets of a name, as changed so far. */
  at(owner: Name): readonly RRset[] {
    return this.#node(canonicalKey(owner), owner).rrsets;
  }

  /** Puts `rrset`, which has records, in the place of the one that has its owner and type. */
  put(rrset: RRset): void {
    this.#change(rrset.owner, rrsets =>
      [...rrsets.filter(other => !isSameSet(other, rrset)), rrset].sort(compareSets),
    );
  }

  /** Takes away one of those that {@link at} gives. */
  remove(rrset: RRset): void {
    this.#change(rrset.owner, rrsets => rrsets.filter(other => other !== rrset));
  }

  finish(): Zone {
    const nodes = [...this.#touched.keys()].sort().map(key => this.#touched.get(key) as OwnedRRsets);
    return { apex: this.apex, rrsets: replaceNodes(packedOf(this.#zone), nodes) };
  }

  #change(owner: Name, edit: (rrsets: readonly RRset[]) => readonly RRset[]): void {
    const key = canonicalKey(owner);
    this.#touched.set(key, { owner, rrsets: edit(this.#node(key, owner).rrsets) });
  }

  /** Kept, so that what {@link at} gives is what `remove` knows again. */
  #node(key: string, owner: Name): OwnedRRsets {
    let node = this.#touched.get(key);
    if (node === undefined) {
      node = { owner, rrsets: rrsetsOf(this.#zone.rrsets, owner) };
      this.#touched.set(key, node);
    }
    return node;
  }
}
