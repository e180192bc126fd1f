/** RFC 7541 §4.1: what an entry counts beyond its name and value. */
export const ENTRY_OVERHEAD_BYTES = 32;

/** RFC 7541 §2.3.2: the fields of former blocks, the newest first. */
export class DynamicTable {
  // The newest stands last here, so that an addition moves nothing.
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  readonly #faults: (string | undefined)[] = [];
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get entries(): number {
    return this.#names.length;
  }

  /** RFC 7541 §4.1. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `place` counts from the newest, which has 0. */
  nameAt(place: number): string {
    return this.#names[this.#names.length - 1 - place] as string;
  }

  valueAt(place: number): string {
    return this.#values[this.#values.length - 1 - place] as string;
  }

  faultAt(place: number): string | undefined {
    return this.#faults[this.#faults.length - 1 - place];
  }

  /** `fault` is what the field is judged to be wrong by, so that it is judged once however often it comes. */
  add(name: string, value: string, fault?: string): void {
    const bytes = sizeOf(name, value);
    // RFC 7541 §4.4: entries go until there is room; one that is larger than the table leaves it empty, which is no error.
    this.#evictTo(Math.max(this.#maxBytes - bytes, 0));
    if (bytes > this.#maxBytes) return;
    this.#names.push(name);
    this.#values.push(value);
    this.#faults.push(fault);
    this.#bytes += bytes;
  }

  /** RFC 7541 §4.3. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evictTo(maxBytes);
  }

  #evictTo(maxBytes: number): void {
    while (this.#bytes > maxBytes) {
      this.#bytes -= sizeOf(this.#names.shift() as string, this.#values.shift() as string);
      this.#faults.shift();
    }
  }
}

function sizeOf(name: string, value: string): number {
  return name.length + value.length + ENTRY_OVERHEAD_BYTES;
}
