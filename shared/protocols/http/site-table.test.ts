import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Response } from './message.ts';
import { answer, type SiteTable } from './site-table.ts';
import { fieldIn, filesOf, NOW, siteOf } from './testing/site.ts';

const home = siteOf(filesOf({ 'index.html': 'home', 'in/a.txt': '' }), { lockedFolders: [['in']] });
const photos = siteOf(filesOf({ 'index.html': 'photos!' }));
const TABLE: SiteTable = {
  hosts: new Map([
    ['example.org', { kind: 'site', index: 0, site: home }],
    ['www.example.org', { kind: 'alias', index: 0, origin: 'https://example.org:444' }],
    ['photos.example.org', { kind: 'site', index: 1, site: photos }],
    ['lan.example.org', { kind: 'backend', index: 2 }],
  ]),
  fallback: undefined,
  laterPaths: ['.well-known/pull'],
};

function ask(fields: Record<string, string>, target = '/', table = TABLE): Response | 'later' {
  return answer(table, { method: 'GET', target, fields }, NOW);
}
function said(response: Response | 'later'): string {
  if (response === 'later') return 'later';
  return `${response.status} ${response.site ?? '-'} ${fieldIn(response, 'location') ?? ''}`.trim();
}

/** RFC 9110 §5.5: what a field's value may be made of. */
const FIT = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

describe('answer()', () => {
  it.each<[Record<string, string>, string, string]>([
    [{ host: 'example.org' }, '/', '200 0'],
    [{ host: 'EXAMPLE.org:443' }, '/', '200 0'],
    [{ host: 'example.org.' }, '/', '200 0'],
    [{ ':authority': 'photos.example.org' }, '/', '200 1'],
    [{ ':authority': 'photos.example.org', host: 'example.org' }, '/', '200 1'],
    [{ host: 'example.org' }, 'https://photos.example.org/', '200 1'],
    [{ host: 'www.example.org' }, '/a?b', '308 0 https://example.org:444/a?b'],
    [{ host: 'www.example.org' }, 'http://www.example.org/a', '308 0 https://example.org:444/a'],
    [{ host: 'www.example.org' }, '//evil.example', '308 0 https://example.org:444//evil.example'],
    [{ host: 'www.example.org' }, '/%00', '400 0'],
    [{ host: 'lan.example.org' }, '/', 'later'],
    [{ host: 'example.org' }, '/in/a.txt', 'later'],
    [{ host: 'example.org' }, '/.well-known/pull', 'later'],
    [{ host: 'photos.example.org' }, '/.well-known/%70ull', 'later'],
    [{ host: 'example.org' }, '/.well-known/pull/', '404 0'],
    [{ host: 'other.example' }, '/', '421 -'],
    [{ host: '192.0.2.1' }, '/', '421 -'],
    [{ host: '[2001:db8::1]:443' }, '/', '421 -'],
    [{ host: 'constructor' }, '/', '421 -'],
    [{}, '/', '421 -'],
    [{ host: '' }, '/', '421 -'],
  ])('%j %s gives %s', (fields, target, expected) => {
    expect(said(ask(fields, target))).toBe(expected);
  });

  it('a site without names is there for every other name', () => {
    const open: SiteTable = { ...TABLE, fallback: { kind: 'site', index: 3, site: photos } };
    for (const host of ['other.example', '192.0.2.1', ''])
      expect(said(ask({ host }, '/', open))).toBe('200 3');
    expect(said(ask({}, '/', open))).toBe('200 3');
    expect(said(ask({ host: 'example.org' }, '/', open))).toBe('200 0');
  });

  it('is the same in a worker', () => {
    const cloned = structuredClone(TABLE);
    for (const host of ['example.org', 'www.example.org', 'lan.example.org', 'x'])
      expect(ask({ host }, '/', cloned)).toEqual(ask({ host }));
  });

  it('never throws; what it says is fit for a header, and a locked folder stays locked', () => {
    const ruled = siteOf(
      filesOf({
        'index.html': 'home',
        'a.html': 'a',
        'in/secret.html': 'secret',
        '404.html': 'lost',
        _redirects:
          '/r/* /in/:splat 200\n/x/:a/* https://example.net/:a?b=:splat 302!\n/:any /in/secret.html 404\n',
        _headers: '/*\n  Link: </a>; rel=preload\n',
      }),
      { lockedFolders: [['in']], listing: true, cleanUrls: 'redirect', fallbackPage: 'index.html' },
    );
    const hosts = new Map(TABLE.hosts).set('example.org', { kind: 'site', index: 0, site: ruled });
    const table: SiteTable = { ...TABLE, hosts, fallback: hosts.get('example.org') };
    const part = fc.constantFrom(
      '/',
      'in',
      'in/secret',
      '.html',
      'r/',
      'x/',
      'a',
      '..',
      '%2e',
      '%2f',
      '?',
      '//',
      '%',
      'é',
      '\0',
      'http://',
      'www.example.org',
    );
    const target = fc.oneof(
      fc.string(),
      fc.array(part).map(parts => `/${parts.join('')}`),
      fc.array(part).map(parts => parts.join('')),
    );
    const fields = fc.dictionary(
      fc.constantFrom(
        'host',
        ':authority',
        'range',
        'if-range',
        'if-none-match',
        'accept-encoding',
        'sec-fetch-mode',
      ),
      fc.oneof(
        fc.string(),
        fc.constantFrom('example.org', 'www.example.org', 'navigate', 'bytes=0-1,3-', '*'),
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'X'),
        target,
        fields,
        (method, path, given) => {
          const response = answer(table, { method, target: path, fields: given }, NOW);
          if (response === 'later') return;
          expect(response.fields.filter(text => !FIT.test(text))).toEqual([]);
          expect(Buffer.concat(response.body).toString()).not.toContain('secret');
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
