import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryReader, type Entry } from './entry-reader.ts';
import { ENTRY_TOKENS_MAX, WORD_MAX_CHARACTERS } from './limits.ts';

function readAll(text: string): { entries: Entry[]; faults: string[] } {
  const entries: Entry[] = [];
  const faults: string[] = [];
  const reader = new EntryReader(text, (line, message) => faults.push(`${line}: ${message}`));
  for (let entry = reader.next(); entry !== undefined; entry = reader.next()) entries.push(entry);
  return { entries, faults };
}

/** Words as they stand, quoted ones in quotation marks; entries by line, indented ones with `>`. */
function show(text: string): string[] {
  const { entries, faults } = readAll(text);
  expect(faults).toEqual([]);
  return entries.map(
    ({ line, indented, tokens }) =>
      `${line}${indented ? '>' : ':'} ${tokens.map(token => (token.quoted ? `"${token.text}"` : token.text)).join('|')}`,
  );
}

describe('the entries of a master file (RFC 1035 §5.1)', () => {
  it.each([
    ['words, and the blank that stands for an owner', 'a  b\tc\n\td e\n', ['1: a|b|c', '2> d|e']],
    ['comments and empty lines', '; x\n\n  ; y\na ;z "(\nb;c\n', ['4: a', '5: b']],
    ['lines joined by parentheses', 'a (b ; (\n c\n)d\ne', ['1: a|b|c|d', '4: e']],
    ['an owner before a parenthesis that begins a line', '(\n a\n)\nb', ['1: a', '4: b']],
    ['strings', 'a "b c" ";()" ""', ['1: a|"b c"|";()"|""']],
    ['escapes, left as they are', 'a\\ b\\;c "d\\"e" \\(f\\\\', ['1: a\\ b\\;c|"d\\"e"|\\(f\\\\']],
    ['values of SVCB (RFC 9460 §2.1)', 'a alpn="h2,h3 ;(" b="x\\"y"', ['1: a|alpn="h2,h3 ;("|b="x\\"y"']],
    ['line ends of Windows', 'a b\r\n\tc\r\n', ['1: a|b', '2> c']],
    ['no line end at the end', 'a b', ['1: a|b']],
  ])('have %s', (_what, text, shown) => {
    expect(show(text)).toEqual(shown);
  });

  it.each([
    ['a ( b\nc\n', '1: a parenthesis that is never closed'],
    ['a b )\n', '1: a closing parenthesis without an opening one'],
    ['a ( b (\n) )\n', '1: parentheses within parentheses'],
    ['a "b\nc', '1: a string in quotation marks ends on the line where it begins'],
    ['a (\n"b\n)', '2: a string in quotation marks ends on the line where it begins'],
    ['a b="c\n', '1: a value in quotation marks ends on the line where it begins'],
    ['a "b"c', '1: a blank is missing behind a quotation mark'],
    ['a "b""c"', '1: a blank is missing behind a quotation mark'],
    ['a b"c"', '1: a quotation mark within a word: write \\"'],
    ['a b\\\n', '1: a backslash at the end of a line'],
    ['a b\\', '1: a backslash at the end of a line'],
    ['a b\u0001', '1: the byte 1 in a word: write it as \\001'],
    ['a "b\u007f"', '1: the byte 127 in a string: write it as \\127'],
    ['a b\rc', '1: a carriage return within a line'],
  ])('do not come of %j', (text, fault) => {
    const { entries, faults } = readAll(text);
    expect(faults).toEqual([fault]);
    expect(entries.filter(({ line }) => line === 1)).toEqual([]);
  });

  it('go on with the next line behind a broken one', () => {
    const { entries, faults } = readAll('a "b\nc d\ne )\nf g\n');
    expect(entries.map(({ line, tokens }) => [line, tokens.length])).toEqual([
      [2, 2],
      [4, 2],
    ]);
    expect(faults).toHaveLength(2);
  });

  it('are of bounded size, whatever stands in parentheses', () => {
    expect(readAll(`( ${'a '.repeat(ENTRY_TOKENS_MAX)})\nb`).faults).toEqual([]);
    const { entries, faults } = readAll(`( ${'a '.repeat(ENTRY_TOKENS_MAX + 1)})\nb`);
    expect(faults).toEqual([`1: a record of more than ${ENTRY_TOKENS_MAX} words`]);
    expect(entries.map(({ line }) => line)).toEqual([2]);
    expect(readAll(`a ${'x'.repeat(WORD_MAX_CHARACTERS)}`).faults).toEqual([]);
    expect(readAll(`a ${'x'.repeat(WORD_MAX_CHARACTERS + 1)}`).faults).toEqual([
      `1: a word of more than ${WORD_MAX_CHARACTERS} characters`,
    ]);
  });

  it('come to an end and never throw, whatever the text', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '\n',
      '"',
      '\\',
      '(',
      ')',
      ';',
      '=',
      '\r',
      '\t',
      '\u0000',
      'é',
      '1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
        const text = pieces.join('');
        const { entries } = readAll(text);
        const lines = entries.map(({ line }) => line);
        expect(lines).toEqual([...lines].sort((left, right) => left - right));
        expect(lines.every(line => line <= text.split('\n').length)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
