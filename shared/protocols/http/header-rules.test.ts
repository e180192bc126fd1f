import { describe, expect, it } from 'vitest';
import {
  changeFields,
  HEADER_RULES_MAX,
  headerChangeOf,
  matchHeaderRules,
  parseHeaderRules,
} from './header-rules.ts';

function rulesOf(text: string) {
  const parsed = parseHeaderRules(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}
const apply = (text: string, path: string, fields: readonly string[] = ['a', '1']): readonly string[] =>
  changeFields(fields, headerChangeOf(matchHeaderRules(rulesOf(text), path)));

describe('_headers', () => {
  it.each<[string, string, string, string[]]>([
    ['a path with fields', '/x\n  B: 2\n  C: 3', 'x', ['a', '1', 'b', '2', 'c', '3']],
    ['another path', '/x\n  B: 2', 'y', ['a', '1']],
    ['every path', '/*\n  B: 2', 'y/z', ['a', '1', 'b', '2']],
    ['comments, empty lines, CRLF', '# c\r\n\r\n/*\r\n  # d\r\n  B: 2\r\n', '', ['a', '1', 'b', '2']],
    ['no indentation', '/*\nB: 2', '', ['a', '1', 'b', '2']],
    ['a value in place of ours', '/*\n  A: 2', '', ['a', '2']],
    ['several values of one name', '/*\n  B: 2\n  b: 3', '', ['a', '1', 'b', '2, 3']],
    ['several rules for one path', '/*\n  B: 2\n/x\n  B: 3', 'x', ['a', '1', 'b', '2, 3']],
    [
      'cookies stay apart',
      '/*\n  Set-Cookie: x=1\n  Set-Cookie: y=2',
      '',
      ['a', '1', 'set-cookie', 'x=1', 'set-cookie', 'y=2'],
    ],
    ['a field taken away', '/*\n  ! A', '', []],
    ['a value with colons', '/*\n  Link: </x>; rel="a:b"', '', ['a', '1', 'link', '</x>; rel="a:b"']],
    ['a pattern within', '/*.js\n  B: 2', 'd/x.js', ['a', '1', 'b', '2']],
  ])('%s', (_name, text, path, expected) => {
    expect(apply(text, path)).toEqual(expected);
  });

  it('adds to Vary and never takes from it', () => {
    expect(apply('/*\n  Vary: Origin', '', ['vary', 'accept-encoding'])).toEqual([
      'vary',
      'accept-encoding, Origin',
    ]);
    expect(apply('/*\n  ! Vary', '', ['vary', 'accept-encoding'])).toEqual(['vary', 'accept-encoding']);
  });

  it.each<[string, number, RegExp]>([
    ['B: 2\n/x', 1, /before the first path/],
    ['/x\n  B 2', 2, /neither a path/],
    ['/x\n  B:', 2, /neither a path/],
    ['/x\n  B é: 2', 2, /neither a path/],
    ['/x\n  B: é', 2, /cannot carry/],
    ['/x\n  B: a\u0000b', 2, /cannot carry/],
    ['/x\n\n  Content-Length: 2', 3, /content-length is set by the server/],
    ['/x\n  Transfer-Encoding: chunked', 2, /transfer-encoding/],
    ['/x\n  Connection: close', 2, /connection/],
    ['/x\n  ETag: "x"', 2, /etag/],
    ['/x/*/*\n  B: 2', 1, /more than one \*/],
    ['https://example.org/\n  B: 2', 1, /before the first path|cannot|neither|slash/],
  ])('%j is a fault in line %i', (text, line, reason) => {
    const parsed = parseHeaderRules(text);
    if (parsed.ok) throw new Error('no fault');
    expect(parsed.error[0]).toMatchObject({ file: '_headers', line });
    expect(parsed.error[0]?.reason).toMatch(reason);
  });

  it('tells all faults at once', () => {
    const parsed = parseHeaderRules('/x\n  B\n  C\n');
    expect(parsed.ok ? [] : parsed.error.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('refuses too many', () => {
    expect(parseHeaderRules('/x\n'.repeat(HEADER_RULES_MAX + 1)).ok).toBe(false);
  });
});
