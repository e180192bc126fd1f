/** What a name in a record's data means to those who handle the data without knowing its type. */
export interface NameRules {
  /** RFC 3597 §4: names in the types of RFC 1035 may be written compressed. */
  readonly compressible: boolean;
  /** RFC 3597 §4: names in these and some later types may come compressed. */
  readonly decompress: boolean;
  /** RFC 4034 §6.2, as amended by RFC 6840 §5.1: in canonical form the name is in lower case. */
  readonly lowerCase: boolean;
}

/** One field of a type's data. */
export interface Field {
  /** In the words of its RFC. */
  readonly name: string;
  /** The offset after the field that begins at `offset`, or {@link MALFORMED}; never beyond the data. */
  end(data: Uint8Array, offset: number): number;
  /** Only where the whole field is one domain name. */
  readonly rules?: NameRules;
}

export const MALFORMED = -1;
