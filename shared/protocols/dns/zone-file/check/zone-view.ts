import { formatAbsoluteName } from '../../absolute-name.ts';
import { TYPE } from '../../message.ts';
import type { Name } from '../../name.ts';
import { byOwner } from '../../rrset-list.ts';
import type { RRset, Zone } from '../../rrset.ts';
import { canonicalKey, parentKey } from '../canonical-key.ts';

/** A name of the zone that has records. */
export interface ZoneNode {
  readonly owner: Name;
  /** {@link canonicalKey} */
  readonly key: string;
  /** By type. */
  readonly rrsets: readonly RRset[];
  /** Where the first of them stands in the zone's. */
  readonly first: number;
  /** The delegation or DNAME that it stands below, if any: the zone has no say there. */
  readonly hiddenBy: ZoneNode | undefined;
}

export function rrsetAt(node: ZoneNode | undefined, type: number): RRset | undefined {
  return node?.rrsets.find(rrset => rrset.type === type);
}

/** For a fault of the name as a whole. */
export function firstType({ rrsets }: ZoneNode): number {
  return rrsets[0]?.type ?? 0;
}

export function hasAddress(node: ZoneNode): boolean {
  return node.rrsets.some(({ type }) => type === TYPE.A || type === TYPE.AAAA);
}

/** Where a name leads that a record of the zone names. */
export interface Found {
  /** undefined where nothing stands at the name, nor a wildcard for it. */
  readonly node: ZoneNode | undefined;
  /** The delegation that the name is at or below, or the DNAME that it is below. */
  readonly hiddenBy: ZoneNode | undefined;
}

/** A zone by its names. */
export class ZoneView {
  readonly apex: Name;
  /** In canonical order. */
  readonly nodes: readonly ZoneNode[];
  readonly #apexKey: string;
  readonly #byKey = new Map<string, ZoneNode>();

  constructor(zone: Zone) {
    this.apex = zone.apex;
    this.#apexKey = canonicalKey(zone.apex);
    this.nodes = groupByOwner(zone, this.#apexKey);
    for (const node of this.nodes) this.#byKey.set(node.key, node);
  }

  /** The apex, for messages. */
  get name(): string {
    return formatAbsoluteName(this.apex);
  }

  get apexNode(): ZoneNode | undefined {
    return this.#byKey.get(this.#apexKey);
  }

  isApex(node: ZoneNode): boolean {
    return node.key === this.#apexKey;
  }

  /** RFC 1034 §4.2.1: NS records below the apex hand on what is at and below them. */
  isCut(node: ZoneNode): boolean {
    return isCut(node, this.#apexKey);
  }

  /** What `name` leads to; undefined where it is outside of the zone. */
  find(name: Name): Found | undefined {
    const key = canonicalKey(name);
    if (!key.startsWith(this.#apexKey)) return undefined;
    const exact = this.#byKey.get(key);
    if (exact !== undefined)
      return { node: exact, hiddenBy: exact.hiddenBy ?? (this.isCut(exact) ? exact : undefined) };
    for (let above = parentKey(key); above !== undefined; above = parentKey(above)) {
      const node = this.#byKey.get(above);
      if (node !== undefined) {
        const hiddenBy = node.hiddenBy ?? (hides(node, this.#apexKey) ? node : undefined);
        if (hiddenBy !== undefined) return { node: undefined, hiddenBy };
      }
      // RFC 4592 §3.3.1: the closest encloser alone may have the wildcard that stands for the name.
      if (node !== undefined || this.#isEmptyNonTerminal(above))
        return { node: this.#byKey.get(above + WILDCARD_KEY), hiddenBy: undefined };
    }
    return { node: undefined, hiddenBy: undefined };
  }

  /** Whether anything stands below a name without records. */
  #isEmptyNonTerminal(key: string): boolean {
    let low = 0;
    let high = this.nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.nodes[middle] as ZoneNode).key < key) low = middle + 1;
      else high = middle;
    }
    return this.nodes[low]?.key.startsWith(key) === true;
  }
}

const WILDCARD_KEY = canonicalKey([Uint8Array.of(0x2a)]);

function groupByOwner({ rrsets }: Zone, apexKey: string): ZoneNode[] {
  const nodes: ZoneNode[] = [];
  let hiddenBy: ZoneNode | undefined;
  let first = 0;
  for (const ofOwner of byOwner(rrsets)) {
    const { owner } = ofOwner[0] as RRset;
    const key = canonicalKey(owner);
    // In canonical order all that is below a name follows it at once.
    if (hiddenBy !== undefined && !key.startsWith(hiddenBy.key)) hiddenBy = undefined;
    const node: ZoneNode = { owner, key, rrsets: ofOwner, first, hiddenBy };
    nodes.push(node);
    if (hiddenBy === undefined && hides(node, apexKey)) hiddenBy = node;
    first += ofOwner.length;
  }
  return nodes;
}

function isCut(node: ZoneNode, apexKey: string): boolean {
  return node.key !== apexKey && rrsetAt(node, TYPE.NS) !== undefined;
}

function hides(node: ZoneNode, apexKey: string): boolean {
  return isCut(node, apexKey) || rrsetAt(node, TYPE.DNAME) !== undefined;
}

/** The node's name for a message. */
export function nameOf({ owner }: ZoneNode): string {
  return formatAbsoluteName(owner);
}
