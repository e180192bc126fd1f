import { err, ok, type Result } from '../../../base/result.ts';
import type { Token } from '../record-types/presentation.ts';
import { typeNumber } from '../record-types/mnemonics.ts';
import { EntryReader } from './entry-reader.ts';

/** What a `$GENERATE` line stands for. */
export interface Generation {
  readonly range: GenerateRange;
  /** The words of the record for one number of the range. */
  readonly tokensFor: (number: number) => Result<readonly Token[], string>;
}

/** As BIND defines it: range, owner, TTL and class where wanted, type, and the data as one word or quoted text. */
export function readGenerate(values: readonly Token[]): Result<Generation, string> {
  const [rangeToken, ownerToken, ...rest] = values;
  const dataToken = rest.pop();
  const typeToken = rest.at(-1);
  if (rangeToken === undefined || ownerToken === undefined || dataToken === undefined || !isType(typeToken))
    return err(
      'right is: $GENERATE start-stop[/step] owner [ttl] [class] type data, the data in quotation marks where it has blanks',
    );
  const range = parseGenerateRange(rangeToken.text);
  if (!range.ok) return range;
  const owner = parseGenerateTemplate(ownerToken.text);
  if (!owner.ok) return owner;
  const data = parseGenerateTemplate(unquote(dataToken));
  if (!data.ok) return data;
  return ok({
    range: range.value,
    tokensFor(number) {
      const name = fillTemplate(owner.value, number);
      if (!name.ok) return name;
      const text = fillTemplate(data.value, number);
      if (!text.ok) return text;
      const words = readWords(text.value);
      return words.ok ? ok([{ text: name.value, quoted: false }, ...rest, ...words.value]) : words;
    },
  });
}

function isType(token: Token | undefined): boolean {
  return token !== undefined && typeNumber(token.text) !== undefined;
}

/** What quotation marks hold is a line of its own, in which the escaped marks are marks. */
function unquote({ text, quoted }: Token): string {
  return quoted ? text.replace(/\\(.)/gs, (escape, character) => (character === '"' ? '"' : escape)) : text;
}

function readWords(text: string): Result<readonly Token[], string> {
  let fault: string | undefined;
  const entry = new EntryReader(text, (_line, message) => (fault = message)).next();
  return fault === undefined ? ok(entry?.tokens ?? []) : err(fault);
}

/** The range of a `$GENERATE`, as BIND defines the directive: `start-stop` or `start-stop/step`. */
export interface GenerateRange {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

export function parseGenerateRange(text: string): Result<GenerateRange, string> {
  const [, start, stop, step = '1'] = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(text) ?? [];
  if (start === undefined || stop === undefined)
    return err(`the range is start-stop or start-stop/step, as in 1-254, not ${text}`);
  const range = { start: Number(start), stop: Number(stop), step: Number(step) };
  if (Math.max(range.start, range.stop, range.step) > NUMBER_MAX)
    return err(`the numbers of a range end at ${NUMBER_MAX}`);
  if (range.stop < range.start) return err(`the range ${text} ends before it begins`);
  if (range.step === 0) return err('the step of a range is 1 or more');
  return ok(range);
}

export function countOf({ start, stop, step }: GenerateRange): number {
  return Math.floor((stop - start) / step) + 1;
}

/** A template's text between its places for the number: `parts[0]`, number, `parts[1]`, number, `parts[2]` … */
export interface GenerateTemplate {
  readonly parts: readonly string[];
  readonly numbers: readonly NumberFormat[];
}

interface NumberFormat {
  readonly offset: number;
  readonly width: number;
  /** `d`, `o`, `x`, `X`: decimal, octal, hexadecimal. `n`, `N`: its hexadecimal digits, last first, with dots between. */
  readonly base: string;
}

/** `$` and `${offset,width,base}` are the number, `$$` and `\$` a dollar sign. */
export function parseGenerateTemplate(text: string): Result<GenerateTemplate, string> {
  const parts: string[] = [];
  const numbers: NumberFormat[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\\') {
      // Whatever the backslash guards is for the record's own parser.
      part += text.slice(at, at + 2);
      at++;
    } else if (character !== '$') part += character;
    else if (text[at + 1] === '$') {
      part += '\\$';
      at++;
    } else {
      const format = parseNumberFormat(text.slice(at + 1));
      if (!format.ok) return format;
      parts.push(part);
      numbers.push(format.value);
      part = '';
      at += format.value.length;
    }
  }
  parts.push(part);
  return ok({ parts, numbers });
}

function parseNumberFormat(text: string): Result<NumberFormat & { length: number }, string> {
  if (!text.startsWith('{')) return ok({ offset: 0, width: 0, base: 'd', length: 0 });
  const match = /^\{([+-]?\d{1,10})(?:,(\d{1,10})(?:,([doxXnN]))?)?\}/.exec(text);
  if (match === null)
    return err(
      'behind $ stands {offset}, {offset,width} or {offset,width,base}, the base one of d o x X n N',
    );
  const [{ length }, offset = '', width = '0', base = 'd'] = match;
  if (Math.abs(Number(offset)) > NUMBER_MAX) return err(`an offset is at most ${NUMBER_MAX}`);
  if (Number(width) > WIDTH_MAX) return err(`a width is at most ${WIDTH_MAX}`);
  return ok({ offset: Number(offset), width: Number(width), base, length });
}

/** The template with the number put in. Negative numbers have no form that a name could hold. */
export function fillTemplate({ parts, numbers }: GenerateTemplate, number: number): Result<string, string> {
  let text = parts[0] ?? '';
  for (const [index, format] of numbers.entries()) {
    const value = number + format.offset;
    if (value < 0) return err(`${number} with the offset ${format.offset} is below 0`);
    text += formatNumber(value, format) + (parts[index + 1] ?? '');
  }
  return ok(text);
}

function formatNumber(value: number, { width, base }: NumberFormat): string {
  if (base === 'n' || base === 'N') return formatNibbles(value, width, base === 'N');
  const digits = value.toString(base === 'd' ? 10 : base === 'o' ? 8 : 16);
  return (base === 'X' ? digits.toUpperCase() : digits).padStart(width, '0');
}

/** As ip6.arpa writes them. The width counts the dots too. */
function formatNibbles(value: number, width: number, upperCase: boolean): string {
  const digits = value.toString(16).padStart(Math.ceil(width / 2), '0');
  const dotted = Array.from(digits).toReversed().join('.');
  // An even width ends in a dot, as in BIND: what follows in the template is the next label.
  const text = width > dotted.length ? `${dotted}.` : dotted;
  return upperCase ? text.toUpperCase() : text;
}

/** BIND's numbers have 31 bits. */
const NUMBER_MAX = 0x7fff_ffff;

/** A name has 255 bytes: wider numbers fit nowhere. */
const WIDTH_MAX = 255;
