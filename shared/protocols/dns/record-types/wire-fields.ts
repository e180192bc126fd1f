import { MALFORMED, type Field, type NameRules } from './field.ts';
import { LABEL_MAX_BYTES, NAME_MAX_BYTES } from '../name.ts';

/** A field of `bytes` bytes. */
export function fixed(name: string, bytes: number): Field {
  return { name, end: (data, offset) => (offset + bytes <= data.length ? offset + bytes : MALFORMED) };
}

/** RFC 1035 §3.3: a length byte and as many bytes. */
export function characterString(name: string): Field {
  return {
    name,
    end(data, offset) {
      const end = offset + 1 + (data[offset] ?? 0);
      return end <= data.length ? end : MALFORMED;
    },
  };
}

/** Whatever is left. */
export function rest(name: string): Field {
  return { name, end: data => data.length };
}

/** One whole domain name, without pointers. */
export function domainName(name: string, rules: NameRules): Field {
  return { name, rules, end: nameEnd };
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
