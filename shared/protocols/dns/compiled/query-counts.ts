import { formatRcode, RCODE, TYPE } from '../message.ts';
import { formatType } from '../record-types/mnemonics.ts';

/** How a query came. */
export const TRANSPORT = { udp: 0, tcp: 1, tls: 2, https: 3 } as const;
export type Transport = keyof typeof TRANSPORT;

// For each transport a word for each type below 264 (above WALLET, the last that IANA's registry has in this range), one for all others,
// and one for each rcode.
const TYPES = 264;
const OTHER_TYPES = TYPES;
const FIRST_RCODE = TYPES + 1;
/** Above all rcodes of IANA's registry that an answer can have, and one for answers that were held back. */
const RCODES = 32;
const LIMITED = RCODES;
const WORDS = FIRST_RCODE + RCODES + 1;

/** A table of counts that all planes add to; made once, and given to every directory. */
export function createQueryCounts(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * WORDS * Object.keys(TRANSPORT).length);
}

/** Adds to the table. Numbers have 32 bits and begin again at 0. */
export class QueryCounts {
  readonly #words: Uint32Array;

  constructor(counts: SharedArrayBuffer) {
    this.#words = new Uint32Array(counts);
  }

  /** A query with that question. `transport`: a number of {@link TRANSPORT}. */
  countType(transport: number, type: number): void {
    Atomics.add(this.#words, transport * WORDS + (type < TYPES ? type : OTHER_TYPES), 1);
  }

  countRcode(transport: number, rcode: number): void {
    Atomics.add(this.#words, transport * WORDS + FIRST_RCODE + (rcode & (RCODES - 1)), 1);
  }

  /** An answer that the rate limit held back. */
  countLimited(transport: number): void {
    Atomics.add(this.#words, transport * WORDS + FIRST_RCODE + LIMITED, 1);
  }
}

/** One number of the table. */
export interface CountedQueries {
  readonly transport: Transport;
  readonly what: 'type' | 'rcode';
  /** `A`, `NXDOMAIN`; `other` of types that have no name here; `limited` of answers that were held back. */
  readonly name: string;
  readonly count: number;
}

/** Reads the table: takes over what was added since the last time. */
export class QueryTotals {
  readonly #words: Uint32Array;
  readonly #seen: Uint32Array;

  constructor(counts: SharedArrayBuffer) {
    this.#words = new Uint32Array(counts);
    this.#seen = new Uint32Array(this.#words.length);
  }

  /** What is new since the last call, no zeros among it. */
  take(): CountedQueries[] {
    const added: CountedQueries[] = [];
    for (let index = 0; index < this.#words.length; index++) {
      // An aligned word is written at once; a count that is missed now is taken the next time.
      const now = this.#words[index] as number;
      const seen = this.#seen[index] as number;
      if (now === seen) continue;
      this.#seen[index] = now;
      // Modulo 2^32, as they are counted.
      added.push({ ...meaningOf(index), count: (now - seen) >>> 0 });
    }
    return added;
  }
}

const TRANSPORTS = Object.keys(TRANSPORT) as Transport[];
const NAMED_TYPES: ReadonlySet<number> = new Set(Object.values(TYPE));
const NAMED_RCODES: ReadonlySet<number> = new Set(Object.values(RCODE));

function meaningOf(index: number): Omit<CountedQueries, 'count'> {
  const transport = TRANSPORTS[Math.floor(index / WORDS)] as Transport;
  const word = index % WORDS;
  if (word < FIRST_RCODE)
    return { transport, what: 'type', name: NAMED_TYPES.has(word) ? formatType(word) : 'other' };
  const rcode = word - FIRST_RCODE;
  if (rcode === LIMITED) return { transport, what: 'rcode', name: 'limited' };
  return { transport, what: 'rcode', name: NAMED_RCODES.has(rcode) ? formatRcode(rcode) : 'other' };
}
