import { BlockWriter } from '../block-writer.ts';
import { DynamicTable } from '../dynamic-table.ts';
import { STATIC_ENTRIES, staticFieldIndexOf, staticIndexOf } from '../static-table.ts';

export type Field = readonly [name: string, value: string];

/** RFC 7541 §6: what a peer may make of a field. */
export type Representation = 'indexed' | 'literal to index' | 'literal' | 'literal never indexed';

const LITERALS = {
  'literal to index': [0x40, 0x3f],
  literal: [0x00, 0x0f],
  'literal never indexed': [0x10, 0x0f],
} as const;

/** A peer with a dynamic table, which ours is not: for blocks that refer to former ones. */
export class IndexingEncoder {
  readonly #table: DynamicTable;
  #block = new BlockWriter(64 * 1024);

  constructor(tableBytes: number) {
    this.#table = new DynamicTable(tableBytes);
  }

  /** Ends the block. */
  finish(): Uint8Array {
    const bytes = this.#block.finish();
    this.#block = new BlockWriter(64 * 1024);
    return bytes;
  }

  resize(tableBytes: number): this {
    this.#block.integer(tableBytes, 0x20, 0x1f);
    this.#table.resize(tableBytes);
    return this;
  }

  /** 'indexed' is 'literal to index' where there is no entry. */
  add([name, value]: Field, how: Representation = 'indexed', isCoded = true): this {
    const same = staticFieldIndexOf(name, value) || this.#placeOf(name, value);
    if (how === 'indexed' && same > 0) {
      this.#block.integer(same, 0x80, 0x7f);
      return this;
    }
    const kind = how === 'indexed' ? 'literal to index' : how;
    const index = staticIndexOf(name) || this.#placeOf(name);
    const [pattern, prefix] = LITERALS[kind];
    this.#block.integer(index, pattern, prefix);
    if (index === 0) this.#text(name, isCoded);
    this.#text(value, isCoded);
    if (kind === 'literal to index') this.#table.add(name, value);
    return this;
  }

  #text(text: string, isCoded: boolean): void {
    if (isCoded) this.#block.text(text);
    else this.#block.plainText(text);
  }

  #placeOf(name: string, value?: string): number {
    for (let place = 0; place < this.#table.entries; place++)
      if (
        this.#table.nameAt(place) === name &&
        (value ?? this.#table.valueAt(place)) === this.#table.valueAt(place)
      )
        return STATIC_ENTRIES + 1 + place;
    return 0;
  }
}

/** One block of a peer without history. */
export function blockOf(fields: readonly Field[]): Uint8Array {
  const encoder = new IndexingEncoder(4096);
  for (const field of fields) encoder.add(field);
  return encoder.finish();
}
