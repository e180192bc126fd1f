import { characterString } from './strings.ts';
import { MALFORMED, type Field } from './field.ts';

const DIGIT = /[0-9]/;

/** NAPTR's regular expression, empty or a substitution as in `!^.*$!sip:info@example.com!i`: RFC 3402 §3.2. */
export function substitution(name: string): Field {
  const field = characterString(name);
  return {
    ...field,
    form: 'a substitution such as !^.*$!sip:info@example.com!, or ""',
    end(data, offset) {
      const end = field.end(data, offset);
      if (end === MALFORMED || end === offset + 1) return end;
      return isSubstitution(String.fromCharCode(...data.subarray(offset + 1, end))) ? end : MALFORMED;
    },
  };
}

/** A character for each byte. */
function isSubstitution(text: string): boolean {
  const delimiter = text[0] as string;
  if (DIGIT.test(delimiter) || delimiter === '\\' || delimiter === 'i' || text.includes('\0')) return false;
  const parts = splitUnescaped(text.slice(1), delimiter);
  const [expression = '', replacement = '', flags, more] = parts;
  if (flags === undefined || more !== undefined || !/^i*$/.test(flags)) return false;
  const groups = countGroups(expression);
  // What the replacement refers to must be there; there is no group 0.
  const references = [...replacement.matchAll(/\\(.)/gs)].map(([, character = '']) => character);
  return (
    groups !== undefined &&
    references
      .filter(character => DIGIT.test(character))
      .every(digit => digit !== '0' && Number(digit) <= groups)
  );
}

/** The parts between delimiters that have no backslash before them; nothing where a backslash ends the text. */
function splitUnescaped(text: string, delimiter: string): string[] {
  const parts = [''];
  for (let index = 0; index < text.length; index++) {
    const character = text[index] as string;
    if (character === delimiter) parts.push('');
    else if (character !== '\\') parts[parts.length - 1] += character;
    else if (++index === text.length) return [];
    else parts[parts.length - 1] += `\\${text[index]}`;
  }
  return parts;
}

/** The groups of a POSIX extended regular expression; undefined where a parenthesis or bracket stays open. */
function countGroups(expression: string): number | undefined {
  let open = 0;
  let groups = 0;
  // A bracket expression may begin with ^ and with ], and has classes such as [:digit:] in it.
  const tokens = /\\.|\[\^?\]?(?:\[[:.=].*?[:.=]\]|[^\]])*\]|[[()]/gs;
  for (const [token] of expression.matchAll(tokens)) {
    if (token === '[') return undefined;
    if (token === '(') [open, groups] = [open + 1, groups + 1];
    // POSIX leaves open what one too many means; it stands for itself to BIND.
    if (token === ')' && open > 0) open--;
  }
  return open === 0 ? groups : undefined;
}
