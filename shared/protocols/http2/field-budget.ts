export interface FieldLimits {
  /** The list as RFC 9113 §6.5.2 counts it: names, values and 32 for each field. */
  readonly headerBytes: number;
  /** Without pseudo-header fields. */
  readonly headerFields: number;
}

/** RFC 9113 §6.5.2: what a field counts beyond its name and value. */
const FIELD_OVERHEAD_BYTES = 32;

/** RFC 9113 §8.3.1, RFC 8441 §4: pseudo-header fields of a request; a list has no more of them. */
const PSEUDO_FIELDS_MAX = 5;

/** What is left of the limits for a list of fields: a byte of a block can stand for a field of thousands (RFC 9113 §10.5.1). */
export class FieldBudget {
  #bytes = 0;
  #fields = 0;
  readonly #limits: FieldLimits;

  constructor(limits: FieldLimits) {
    this.#limits = limits;
  }

  begin(): void {
    this.#bytes = this.#limits.headerBytes;
    this.#fields = this.#limits.headerFields + PSEUDO_FIELDS_MAX;
  }

  /** Whether there was enough left for this field. */
  take(name: string, value: string): boolean {
    this.#bytes -= name.length + value.length + FIELD_OVERHEAD_BYTES;
    this.#fields--;
    return this.#bytes >= 0 && this.#fields >= 0;
  }
}
