/** What stands in a {@link Ranking}. */
export interface Ranked {
  /** Where it stands: the ranking's own. */
  rank: number;
}

/**
 * A binary heap whose items know where they stand, so that one that changed moves in O(log n). Whoever changes what `isBefore` looks at
 * says so by `rise` or `sink`.
 */
export class Ranking<Item extends Ranked> {
  readonly #items: Item[] = [];
  readonly #isBefore: (left: Item, right: Item) => boolean;

  constructor(isBefore: (left: Item, right: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  /** The one that no other is before. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  add(item: Item): void {
    item.rank = this.#items.push(item) - 1;
    this.rise(item);
  }

  remove(item: Item): void {
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#put(last, item.rank);
    this.rise(last);
    this.sink(last);
  }

  /** `item` may be before others than it was. */
  rise(item: Item): void {
    while (item.rank > 0) {
      const above = this.#items[(item.rank - 1) >> 1];
      if (above === undefined || !this.#isBefore(item, above)) return;
      this.#swap(above, item);
    }
  }

  /** Others may be before `item` than were. */
  sink(item: Item): void {
    for (;;) {
      const left = this.#items[2 * item.rank + 1];
      const right = this.#items[2 * item.rank + 2];
      if (left === undefined) return;
      const below = right !== undefined && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(below, item)) return;
      this.#swap(item, below);
    }
  }

  #swap(above: Item, below: Item): void {
    const rank = above.rank;
    this.#put(above, below.rank);
    this.#put(below, rank);
  }

  #put(item: Item, rank: number): void {
    this.#items[rank] = item;
    item.rank = rank;
  }
}
