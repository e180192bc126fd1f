import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redirectToHttps } from './redirect-to-https.ts';

/** Header bytes as node hands them over: one character each. */
const latin1 = fc.uint8Array({ maxLength: 60 }).map(bytes => String.fromCharCode(...bytes));

function location(target: string, host: string, place = { names: [] as string[], port: 443 }) {
  const response = redirectToHttps({ method: 'GET', target, fields: { host } }, place);
  return response.status === 308 ? response.fields[1] : response.status;
}

describe('redirectToHttps()', () => {
  it.each([
    ['/', 'example.org', 'https://example.org/'],
    ['/a/b?c=d', 'example.org:80', 'https://example.org/a/b?c=d'],
    ['/', 'EXAMPLE.org', 'https://example.org/'],
    ['/', '192.0.2.1:8080', 'https://192.0.2.1/'],
    ['/', '[2001:db8::1]:80', 'https://[2001:db8::1]/'],
    ['/%C3%BC', 'localhost', 'https://localhost/%C3%BC'],
    ['//evil.example/', 'example.org', 'https://example.org//evil.example/'],
    ['http://other.example/a', 'example.org', 'https://example.org/a'],
    ['*', 'example.org', 'https://example.org/'],
  ])('%s at %s', (target, host, expected) => {
    expect(location(target, host)).toBe(expected);
  });

  it.each(['', 'a b', 'user@example.org', 'example.org/x', 'exa\u00e4mple', '-a.org', 'a..b', '[::1', '<b>'])(
    'host %j is refused',
    host => {
      expect(location('/', host)).toBe(400);
    },
  );

  it('prefers the names of the site and its port', () => {
    const place = { names: ['example.org', 'www.example.org'], port: 4443 };
    expect(location('/a', 'www.example.org:8080', place)).toBe('https://www.example.org:4443/a');
    expect(location('/a', 'evil.example', place)).toBe('https://example.org:4443/a');
    expect(location('/a', '<b>', place)).toBe('https://example.org:4443/a');
  });

  it('whatever comes in, the location is a URL of this host without control characters', () => {
    fc.assert(
      fc.property(latin1, fc.string(), (host, path) => {
        const value = location(`/${path}`, host);
        if (typeof value === 'string') expect(value).toMatch(/^https:\/\/[a-z0-9.:[\]-]+\/[\x21-\x7e]*$/);
      }),
      { numRuns: 500 },
    );
  });
});
