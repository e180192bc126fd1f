import { expect, it } from 'vitest';
import { encodeUtf8 } from '../../../base/bytes.ts';
import { MALFORMED } from './field.ts';
import { substitution } from './substitution.ts';

function isTaken(text: string): boolean {
  const bytes = Uint8Array.of(text.length, ...encodeUtf8(text));
  return substitution('regular expression').end(bytes, 0) !== MALFORMED;
}

it('a substitution has three delimiters, closed groups and what it refers to (RFC 3402 §3.2)', () => {
  const right = [
    '',
    '!^.*$!sip:info@example.com!',
    '!^.*$!sip:info@example.com!i',
    '/(a)(b)/\\2\\1/',
    '/a\\/b/c\\/d/',
    '|[)(]|x|',
    '|[^])]|x|',
    '|[[:digit:])]+|x|',
    '/\\(/x/',
    '/a/\\//',
    '/a)/b/',
  ];
  const wrong = [
    '!a!b',
    '!a',
    '!',
    '!a!b!c!',
    '!a!b!x',
    '1a1b1',
    'iaibi',
    '\\a\\b\\',
    '/(a/b/',
    '/)(/b/',
    '/[a/b/',
    '/a/\\1/',
    '/(a)/\\0/',
    '/(a)/\\2/',
    '/a/b/\\',
    '/a\0/b/',
  ];
  expect(right.filter(text => !isTaken(text))).toEqual([]);
  expect(wrong.filter(isTaken)).toEqual([]);
});
