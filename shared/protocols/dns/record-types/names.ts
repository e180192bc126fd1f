import { ok } from '../../../base/result.ts';
import { formatAbsoluteName, parseNameAt } from '../absolute-name.ts';
import { decodeName, LABEL_MAX_BYTES, NAME_MAX_BYTES, nameInWire } from '../name.ts';
import { MALFORMED, type Field, type NameRules } from './field.ts';

const FORM = 'a domain name, with a final dot or to stand below the origin';

/** One whole domain name. */
export function domainName(name: string, rules: NameRules): Field {
  return {
    name,
    rules,
    form: FORM,
    end: nameEnd,
    parse(tokens) {
      const word = tokens.takeWord(FORM);
      if (!word.ok) return word;
      const parsed = parseNameAt(word.value, tokens.origin);
      return parsed.ok ? ok(nameInWire(parsed.value)) : parsed;
    },
    format: formatWireName,
  };
}

/**
 * The signer's name of RRSIG, whose fourth byte is the number of the owner's labels. RFC 4034 §3.1.7: the signer is the zone of
 * what is signed, so that it has no more labels.
 */
export function signerName(name: string, rules: NameRules): Field {
  return {
    ...domainName(name, rules),
    form: 'a domain name of no more labels than the labels field says',
    end(data, offset) {
      const end = nameEnd(data, offset);
      return end === MALFORMED || countLabels(data, offset) > (data[3] as number) ? MALFORMED : end;
    },
  };
}

/** Of a whole name, the root not counted. */
function countLabels(data: Uint8Array, offset: number): number {
  let count = 0;
  for (let length = data[offset] ?? 0; length !== 0; length = data[offset] ?? 0) {
    count++;
    offset += 1 + length;
  }
  return count;
}

/** The offset after the whole name at `offset`, or {@link MALFORMED}: also where it has a pointer in it. */
export function nameEnd(data: Uint8Array, offset: number): number {
  const start = offset;
  for (;;) {
    const length = data[offset];
    if (length === undefined || length > LABEL_MAX_BYTES) return MALFORMED;
    offset += 1 + length;
    if (offset - start > NAME_MAX_BYTES) return MALFORMED;
    if (length === 0) return offset;
  }
}

/** The whole name that fills `bytes`, as {@link nameEnd} found it. */
export function formatWireName(bytes: Uint8Array): string {
  const decoded = decodeName(bytes, 0);
  return decoded.ok ? formatAbsoluteName(decoded.value.name) : '';
}
