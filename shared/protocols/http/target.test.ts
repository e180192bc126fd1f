import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPath, isReachable, parseTarget, plainPath, TARGET_MAX_CHARS } from './target.ts';

/** Header bytes as node hands them over: one character each. */
const latin1 = fc.uint8Array({ maxLength: 60 }).map(bytes => String.fromCharCode(...bytes));

function parsed(target: string) {
  const result = parseTarget(target);
  return result.ok ? result.value.segments.join('/') + result.value.query : result.error;
}

describe('parseTarget()', () => {
  it.each([
    ['/', ''],
    ['/a', 'a'],
    ['/a/b/', 'a/b/'],
    ['/a?x=../..', 'a?x=../..'],
    ['/a?', 'a?'],
    ['/%61%2D', 'a-'],
    ['/caf%C3%A9', 'café'],
    ['/cafe%CC%81', 'café'],
    ['/a%20b', 'a b'],
    ['/a+b', 'a+b'],
    ['/a%252e%252e', 'a%2e%2e'],
    ['/a..b', 'a..b'],
    ['/.well-known/security.txt', '.well-known/security.txt'],
    ['http://example.org/a?b', 'a?b'],
    ['HTTPS://example.org', ''],
    ['https://example.org?b', '?b'],
  ])('%s is %j', (target, expected) => {
    expect(parsed(target)).toBe(expected);
  });

  it.each([
    '/..',
    '/../etc/passwd',
    '/a/../b',
    '/./a',
    '/%2e%2e/etc/passwd',
    '/%2E./a',
    '/.git/config',
    '/a/.htaccess',
    '/.well-known/.secret',
    '/a/.well-known/x',
    '/a%2fb',
    '/..%2f..%2fetc/passwd',
    '/a%5cb',
    '/..\\..\\etc',
    '//etc/passwd',
    '/a//b',
  ])('%s is not found', target => {
    expect(parsed(target)).toBe(404);
  });

  it.each([
    '',
    'a',
    '*',
    '/a#b',
    '/a b',
    '/a\tb',
    '/caf\u00e9',
    '/%',
    '/%4',
    '/%zz',
    '/%00',
    '/a%00.html',
    '/%0d%0aset-cookie:x',
    '/%7f',
    '/%c0%ae%c0%ae/',
    '/%e0%80%af',
    '/%ff',
    '/%ed%a0%80',
    'ftp://example.org/a',
  ])('%j is a bad request', target => {
    expect(parsed(target)).toBe(400);
  });

  it('refuses a target that is too long', () => {
    expect(parsed(`/${'a'.repeat(TARGET_MAX_CHARS)}`)).toBe(414);
  });

  it('never throws, and what it lets through names a file below the folder', () => {
    const target = fc.oneof(
      latin1,
      fc
        .array(fc.constantFrom('/', '.', '%2e', '%2f', '%5c', '\\', '%00', 'a', '%c0%ae', '%25', '?'))
        .map(parts => `/${parts.join('')}`),
    );
    fc.assert(
      fc.property(target, text => {
        const result = parseTarget(text);
        if (!result.ok) return;
        const path = result.value.segments.filter(name => name !== '').join('/');
        expect(path === '' || isReachable(path)).toBe(true);
        expect(path).not.toMatch(/(^|\/)\.\.?(\/|$)|\0|\\/);
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with plainPath() on what needs no decoding', () => {
    const target = fc
      .array(fc.constantFrom('/', '.', '..', 'a', 'B-_', '%61', '?', '~', 'é'))
      .map(parts => `/${parts.join('')}`);
    fc.assert(
      fc.property(target, text => {
        const plain = plainPath(text);
        const result = parseTarget(text);
        if (plain !== undefined && result.ok)
          expect(result.value).toEqual({ segments: plain.split('/'), query: '' });
        // What is refused names nothing that could be in an index.
        if (plain !== undefined && !result.ok) expect(isReachable(plain)).toBe(false);
      }),
    );
  });

  it('reads back every path that formatPath() writes', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .map(text => text.normalize('NFC'))
      .filter(isReachable)
      .filter(text => !/[\x00-\x1f\x7f/]/.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), segments => {
        const result = parseTarget(formatPath(segments));
        expect(result.ok && result.value.segments).toEqual(segments);
      }),
    );
  });
});
