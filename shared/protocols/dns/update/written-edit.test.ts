import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatName } from '../name.ts';
import { formatType } from '../record-types/mnemonics.ts';
import { formatData } from '../record-types/presentation.ts';
import { ORIGIN } from '../zone-file/testing/read-text.ts';
import { readEdit, type WrittenEdit } from './written-edit.ts';

/** In one line, or the error. */
function read(written: Partial<WrittenEdit>): string {
  const edit = readEdit({ action: 'set', name: 'www', type: 'A', values: ['192.0.2.1'], ...written }, ORIGIN);
  if (!edit.ok) return edit.error;
  const { owner, type, data, ttlSeconds } = edit.value;
  return [formatName(owner), ttlSeconds, formatType(type), ...data.map(one => formatData(type, one))].join(
    ' ',
  );
}

describe('readEdit()', () => {
  it.each(['www', 'www.example.org', 'WWW.example.ORG.'])('takes %s for a name of the zone', name => {
    expect(read({ name }).toLowerCase()).toBe('www.example.org 3600 a 192.0.2.1');
  });

  it('takes the zone itself as @ and by its name', () => {
    expect([read({ name: '@' }), read({ name: 'example.org' })]).toEqual([
      'example.org 3600 A 192.0.2.1',
      'example.org 3600 A 192.0.2.1',
    ]);
  });

  it('reads values as in a master file of the zone, each record once', () => {
    expect(read({ type: 'mx', values: ['10 mail', '10 MAIL.example.org.'], ttl: '1h30m' })).toMatch(
      /^www\.example\.org 5400 MX 10 mail\.example\.org\.$/i,
    );
    expect(read({ type: 'TYPE65280', values: ['\\# 1 00'] })).toBe('www.example.org 3600 TYPE65280 \\# 1 00');
  });

  it('takes a text for one string, unless it has quotation marks, and splits a long one', () => {
    expect(read({ type: 'TXT', values: ['v=spf1 -all', '"a" "b"'] })).toBe(
      'www.example.org 3600 TXT "v=spf1 -all" "a" "b"',
    );
    expect(read({ type: 'TXT', values: ['k'.repeat(300)] })).toBe(
      `www.example.org 3600 TXT "${'k'.repeat(255)}" "${'k'.repeat(45)}"`,
    );
  });

  it.each<[Partial<WrittenEdit>, string]>([
    [{ values: ['192.0.2.300'] }, 'A, address: '],
    [{ type: 'FOO' }, 'there is no record type FOO'],
    [{ type: 'ANY' }, 'there is no record type ANY'],
    [{ type: 'RRSIG' }, 'RRSIG records are made by the server when it signs'],
    [{ type: 'SOA' }, 'the server counts its serial'],
    [{ values: ['192.0.2.1\nb A 192.0.2.2'] }, 'a value is the data of one record'],
    [{ values: [''] }, 'a value is the data of one record'],
    [{ values: ['( 192.0.2.1'] }, 'a parenthesis that is never closed'],
    [{ values: [] }, 'set takes a type and at least one value'],
    [{ type: undefined }, 'set takes a type'],
    [{ action: 'unset', type: undefined }, 'values need their type'],
    [{ name: 'www.other.test.' }, 'www.other.test. is not in the zone example.org.'],
    [{ name: 'a..b' }, "'a..b' is no name"],
    [{ ttl: 'soon' }, 'soon is no time'],
    [{ values: Array.from({ length: 101 }, (_, index) => `192.0.2.${index}`) }, '101 values; 100 at most'],
  ])('refuses %o', (written, message) => {
    expect(read(written)).toContain(message);
  });

  it('gives an edit or a sentence for any text', () => {
    const text = fc.string({ maxLength: 12 });
    const type = fc.constantFrom('A', 'TXT', 'SVCB', 'CAA');
    fc.assert(
      fc.property(text, type, text, (name, of, value) => read({ name, type: of, values: [value] }) !== ''),
    );
  });
});
