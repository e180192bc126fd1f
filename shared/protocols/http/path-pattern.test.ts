import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchPath, parsePathPattern } from './path-pattern.ts';

function match(pattern: string, path: string): Record<string, string> | undefined {
  const parsed = parsePathPattern(pattern);
  if (!parsed.ok) throw new Error(parsed.error);
  const values = matchPath(parsed.value, path);
  return values === undefined ? undefined : Object.fromEntries(values);
}

describe('a path pattern', () => {
  it.each<[string, string, Record<string, string> | undefined]>([
    ['/', '', {}],
    ['/', 'a', undefined],
    ['/a', 'a', {}],
    ['/a', 'a/', {}],
    ['/a/', 'a', {}],
    ['/a', 'ab', undefined],
    ['/a', 'b/a', undefined],
    ['/a.html', 'axhtml', undefined],
    ['/a+b(c)|d-e', 'a+b(c)|d-e', {}],
    ['/caf%C3%A9', 'café', {}],
    ['/café', 'café', {}],
    ['/*', '', { splat: '' }],
    ['/*', 'a/b/', { splat: 'a/b/' }],
    ['/news/*', 'news', { splat: '' }],
    ['/news/*', 'news/', { splat: '' }],
    ['/news/*', 'news/2026/x', { splat: '2026/x' }],
    ['/news/*', 'newsletter', undefined],
    ['/*.js', 'a/b.js', { splat: 'a/b' }],
    ['/*.js', 'a/b.json', undefined],
    ['/im*', 'images/x', { splat: 'ages/x' }],
    ['/a/*/z', 'a/b/c/z', { splat: 'b/c' }],
    ['/:year/:month', '2026/11', { year: '2026', month: '11' }],
    ['/:year/:month', '2026', undefined],
    ['/:year/:month', '2026/11/23', undefined],
    ['/:a/*', 'x/y/z', { a: 'x', splat: 'y/z' }],
    ['/a:b', 'a:b', {}],
  ])('%s on %j', (pattern, path, expected) => {
    expect(match(pattern, path)).toEqual(expected);
  });

  it.each([['a'], [''], ['/*/*'], ['/%zz'], ['/:a/:a'], ['/%ff'], ['/:splat/*']])(
    '%j is refused',
    pattern => {
      expect(parsePathPattern(pattern).ok).toBe(false);
    },
  );

  it('can be cloned to another thread', () => {
    const parsed = parsePathPattern('/:a/*');
    if (!parsed.ok) throw new Error(parsed.error);
    expect(Object.fromEntries(matchPath(structuredClone(parsed.value), 'x/y') ?? [])).toEqual({
      a: 'x',
      splat: 'y',
    });
  });

  it('never throws, and matches itself where it is literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        const pattern = parsePathPattern(`/${text}`);
        if (!pattern.ok || /[*:%]|^\/|\/$/.test(text)) return;
        expect(matchPath(pattern.value, text.normalize('NFC'))).toBeDefined();
      }),
    );
  });

  it('ends soon whatever is asked', () => {
    const start = performance.now();
    match('/:a/:b/:c/*/x', `${'a/'.repeat(4_000)}y`);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
