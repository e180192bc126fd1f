import { byOwner } from '../rrset-list.ts';
import { compareCanonical, type RRset } from '../rrset.ts';
import type { Name } from '../name.ts';

/** Goes along RRsets, name by name. */
export class NodeWalk {
  readonly #nodes: Iterator<readonly RRset[], void>;
  #next: readonly RRset[] | undefined;

  constructor(rrsets: Iterable<RRset>) {
    this.#nodes = byOwner(rrsets);
    this.#advance();
  }

  /** The name that is next. */
  get owner(): Name | undefined {
    return this.#next?.[0]?.owner;
  }

  /** The RRsets of the name, which is none before the next. */
  take(owner: Name): readonly RRset[] {
    const node = this.#next;
    if (node === undefined || this.owner === undefined || compareCanonical(this.owner, owner) !== 0)
      return [];
    this.#advance();
    return node;
  }

  #advance(): void {
    const { done, value } = this.#nodes.next();
    this.#next = done === true || value === undefined ? undefined : value;
  }
}

/** The name that comes first among those that the walks have next; undefined at the end of all. */
export function firstOwner(walks: readonly NodeWalk[]): Name | undefined {
  let first: Name | undefined;
  for (const { owner } of walks)
    if (first === undefined || (owner !== undefined && compareCanonical(owner, first) < 0)) first = owner;
  return first;
}
