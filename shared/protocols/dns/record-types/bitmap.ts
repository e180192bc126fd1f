import { err, ok } from '../../../base/result.ts';
import { decodeTypeBitmap, encodeTypeBitmap } from '../type-bitmap.ts';
import { MALFORMED, type Field } from './field.ts';
import { formatType, typeNumber } from './mnemonics.ts';

/** The types that there are, to the end of the data: RFC 4034 §4.1.2. */
export function typeBitmap(name: string, { mayBeEmpty }: { readonly mayBeEmpty: boolean }): Field {
  const form = `${mayBeEmpty ? 'any number of' : 'one or more'} record types' mnemonics`;
  return {
    name,
    form,
    end(data, offset) {
      if (offset === data.length && !mayBeEmpty) return MALFORMED;
      return decodeTypeBitmap(data.subarray(offset)) === undefined ? MALFORMED : data.length;
    },
    parse(tokens) {
      const words = tokens.takeWords(form);
      if (!words.ok) return words;
      const types = words.value.map(typeNumber);
      const unknown = words.value[types.indexOf(undefined)];
      if (unknown !== undefined)
        return err(`${JSON.stringify(unknown)} is not a record type's mnemonic, nor TYPE and a number`);
      return ok(encodeTypeBitmap(types as number[]));
    },
    format: bytes => (decodeTypeBitmap(bytes) ?? []).map(formatType).join(' '),
  };
}
