import { parseName, formatName, lowerName, type Name } from '../../shared/protocols/dns/name.ts';
import { typeNumber } from '../../shared/protocols/dns/record-types/mnemonics.ts';
import { parseData } from '../../shared/protocols/dns/record-types/presentation.ts';
import { compareCanonical, compareData, type RRset, type Zone } from '../../shared/protocols/dns/rrset.ts';

/** Gathers records by text into a zone in canonical order. */
export class ZoneBuilder {
  readonly apex: Name;
  readonly #rrsets = new Map<string, RRset>();
  readonly #types = new Map<string, Set<string>>();

  constructor(apex: Name) {
    this.apex = apex;
  }

  /** The types at a name. */
  typesAt(owner: Name): ReadonlySet<string> {
    return this.#types.get(keyOf(owner)) ?? new Set();
  }

  /** One more record; its data has whole names. The TTL of an RRset is that of its first record. */
  add(owner: Name, ttlSeconds: number, type: string, text: string): void {
    const number = typeNumber(type);
    if (number === undefined) throw new Error(`no type ${type}`);
    const tokens = text.split(' ').map(text => ({ text, quoted: false }));
    const data = parseData(number, tokens, this.apex);
    if (!data.ok) throw new Error(`${type} ${text}: ${data.error}`);
    const key = `${keyOf(owner)}/${number}`;
    const rrset = this.#rrsets.get(key) ?? { owner, type: number, ttlSeconds, data: [] };
    const isThere = rrset.data.some(one => compareData(number, one, data.value) === 0);
    this.#rrsets.set(key, isThere ? rrset : { ...rrset, data: [...rrset.data, data.value] });
    this.#types.set(keyOf(owner), new Set([...this.typesAt(owner), type]));
  }

  build(): Zone {
    const order = (left: RRset, right: RRset): number =>
      compareCanonical(left.owner, right.owner) || left.type - right.type;
    return { apex: this.apex, rrsets: [...this.#rrsets.values()].sort(order) };
  }
}

function keyOf(name: Name): string {
  return formatName(lowerName(name));
}

/** @throws Error where the text is no name */
export function nameOf(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`);
  return parsed.value;
}
