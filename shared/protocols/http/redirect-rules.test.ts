import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTarget, matchRule, parseRedirectRules, REDIRECT_RULES_MAX } from './redirect-rules.ts';

function ruleOf(text: string) {
  const parsed = parseRedirectRules(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const [rule] = parsed.value;
  if (rule === undefined) throw new Error('no rule');
  return rule;
}

/** Where a rule leads, or undefined. */
function follow(text: string, path: string, query = ''): string | undefined {
  const rule = ruleOf(text);
  const values = matchRule(rule, path, query);
  if (values === undefined) return undefined;
  const filled = fillTarget(rule.to, values, query);
  return rule.to.origin + filled.path + filled.query + rule.to.fragment;
}

describe('_redirects', () => {
  it.each<[string, string, string, string | undefined]>([
    ['/a /b', 'a', '', '/b'],
    ['/a /b', 'a/', '', '/b'],
    ['/a /b', 'c', '', undefined],
    ['/a https://example.net/b', 'a', '', 'https://example.net/b'],
    ['/a https://example.net', 'a', '', 'https://example.net/'],
    ['/a http://example.net:8080/b', 'a', '', 'http://example.net:8080/b'],
    ['/a /b#c', 'a', '', '/b#c'],
    ['/* /new/:splat', 'x/y', '', '/new/x/y'],
    ['/old/* /new/:splat', 'old', '', '/new/'],
    ['/:year/:slug /:slug-:year', '2026/x', '', '/x-2026'],
    ['/* https://example.net/:splat 301', 'a b/ü', '', 'https://example.net/a%20b/%C3%BC'],
    // The query goes along unless the target has one.
    ['/a /b', 'a', '?x=1', '/b?x=1'],
    ['/a /b?y=2', 'a', '?x=1', '/b?y=2'],
    // Parameters.
    ['/s id=:id /p/:id', 's', '?id=7', '/p/7?id=7'],
    ['/s id=:id /p?q=:id', 's', '?id=7', '/p?q=7'],
    ['/s id=:id /p/:id', 's', '', undefined],
    ['/s id=:id /p/:id', 's', '?ID=7', undefined],
    ['/s id=7 /p', 's', '?id=7', '/p?id=7'],
    ['/s id=7 /p', 's', '?id=8', undefined],
    ['/s a=:a b=:b /p?c=:a&d=:b', 's', '?b=2&a=1', '/p?c=1&d=2'],
    ['/s q=:q /p?q=:q', 's', '?q=a+b%26c', '/p?q=a%20b%26c'],
    ['/s q=:q /p?q=:q', 's', '?q=%ff', '/p?q=%25ff'],
    ['/s q=:q /p?q=:q', 's', '?q=1&q=2', '/p?q=1'],
    // Values cannot lead out of their place.
    ['/* /:splat', '/evil.example', '', '/evil.example'],
    ['/go/:to /:to', 'go/..', '', '/..'],
    ['/:a /x?y=:a', 'b&c=d', '', '/x?y=b%26c%3Dd'],
    ['/:a /x/:a', '\r\nset-cookie: x', '', '/x/%0D%0Aset-cookie%3A%20x'],
    ['/ü /ö', 'ü', '', '/%C3%B6'],
    // Another server may name things in other bytes than UTF-8.
    ['/a https://example.net/%ff', 'a', '', 'https://example.net/%ff'],
  ])('%s for %j%s', (text, path, query, expected) => {
    expect(follow(text, path, query)).toBe(expected);
  });

  it.each<[string, number, boolean]>([
    ['/a /b', 301, false],
    ['/a /b 302', 302, false],
    ['/a /b 302!', 302, true],
    ['/a /b 200', 200, false],
    ['/a /b 404', 404, false],
    ['/a /b 410!', 410, true],
    ['/a /b 303 # why', 303, false],
    ['# a\n\n/a /b 307\n', 307, false],
    ['/a\t/b   308\r\n', 308, false],
  ])('%j has status %i', (text, status, forced) => {
    expect(ruleOf(text)).toMatchObject({ status, forced });
  });

  it.each<[string, number, RegExp]>([
    ['/a', 1, /no target/],
    ['a /b', 1, /slash/],
    ['/a b', 1, /no target/],
    ['\n/a /b 299', 2, /"299" is not one of/],
    ['/a /b 301!!', 1, /not one of/],
    ['/a /b Country=us', 1, /condition "Country=us" is not supported/],
    ['/a /b 302 Language=de', 1, /condition "Language=de"/],
    ['https://a.example/* https://b.example/:splat', 1, /other hosts/],
    ['/a https://backend.example/ 200', 1, /backend/],
    ['/a /:b', 1, /:b, which nothing/],
    ['/a https://:b/', 1, /neither a path nor/],
    ['/:b https://example.net:b/', 1, /neither a path nor|:b/],
    ['/a https://user@example.net/', 1, /neither a path nor/],
    ['/a //example.net', 1, /neither a path nor/],
    ['/*/* /b', 1, /more than one/],
    ['/a /%zz', 1, /percent-escape/],
    ['/a /%ff 200', 1, /percent-escape that is no UTF-8/],
    ['/a /%c3/:splat 404', 1, /:splat, which nothing/],
    ['/* /%c3/:splat 404', 1, /percent-escape that is no UTF-8/],
    ['/a x /b', 1, /neither a target/],
  ])('%j is a fault in line %i', (text, line, reason) => {
    const parsed = parseRedirectRules(text);
    if (parsed.ok) throw new Error('no fault');
    expect(parsed.error[0]).toMatchObject({ file: '_redirects', line });
    expect(parsed.error[0]?.reason).toMatch(reason);
  });

  it('refuses too many', () => {
    expect(parseRedirectRules('/a /b\n'.repeat(REDIRECT_RULES_MAX + 1)).ok).toBe(false);
    expect(parseRedirectRules('/a /b\n'.repeat(REDIRECT_RULES_MAX)).ok).toBe(true);
  });

  it('never throws; what a rule leads to is fit for a header and stays on its host', () => {
    const line = fc.array(
      fc.constantFrom(
        '/a',
        '/*',
        '/:x',
        '/:x/*',
        '/b/:splat',
        '/:x',
        'https://example.net/:splat',
        'q=:y',
        '?q=:y',
        ' ',
        '301',
        '200!',
        '#',
      ),
    );
    fc.assert(
      fc.property(
        line.map(words => words.join(' ')),
        fc.string(),
        fc.string(),
        (text, path, query) => {
          const parsed = parseRedirectRules(text);
          if (!parsed.ok) return;
          for (const rule of parsed.value) {
            const values = matchRule(rule, path, `?${query}`);
            if (values === undefined) continue;
            const filled = fillTarget(rule.to, values, '');
            expect(filled.path).toMatch(/^\/(?!\/)[\x21-\x7e]*$/);
            expect(filled.query).toMatch(/^[\x21-\x7e]*$/);
            expect(['', 'https://example.net']).toContain(rule.to.origin);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
