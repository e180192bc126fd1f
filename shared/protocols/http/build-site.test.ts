import { describe, expect, it } from 'vitest';
import { concatBytes, decodeUtf8 } from '../../base/bytes.ts';
import type { SiteOptions } from './build-site.ts';
import type { Response } from './message.ts';
import { respond } from './respond.ts';
import { faultsOf, fieldIn, filesOf, NOW, open, siteOf } from './testing/site.ts';

const FILES = {
  'index.html': 'home',
  'about.html': 'about',
  'docs/index.html': 'docs',
  'docs/deep.html': 'deep',
  'both.html': 'file',
  'both/index.html': 'folder',
  plain: 'plain',
  'plain.html': 'plain html',
  'ten.txt': '0123456789',
};

function asker(files: Readonly<Record<string, string>>, options: Partial<SiteOptions> = {}) {
  const site = siteOf(filesOf(files), options);
  return (target: string, fields: Record<string, string> = {}): Response =>
    open(respond(site, { method: 'GET', target, fields }, NOW));
}
const bodyOf = (response: Response): string => decodeUtf8(concatBytes(response.body));
/** The status and what is shown, or where it leads. */
const said = (response: Response): string =>
  `${response.status} ${fieldIn(response, 'location') ?? bodyOf(response)}`;

describe('clean URLs', () => {
  it.each<[SiteOptions['cleanUrls'], string, string]>([
    ['serve', '/about', '200 about'],
    ['serve', '/about.html', '200 about'],
    ['serve', '/about/', '308 /about'],
    ['serve', '/about/?q=1', '308 /about?q=1'],
    ['serve', '/docs/deep', '200 deep'],
    ['serve', '/docs/deep/', '308 /docs/deep'],
    ['serve', '/docs', '308 /docs/'],
    ['serve', '/docs/', '200 docs'],
    ['serve', '/docs/index.html', '200 docs'],
    ['serve', '/docs/index', '404 404 Not Found\n'],
    ['serve', '/both', '200 file'],
    ['serve', '/both/', '200 folder'],
    ['serve', '/plain', '200 plain'],
    ['serve', '/plain.html', '200 plain html'],
    ['serve', '/ABOUT', '404 404 Not Found\n'],
    ['redirect', '/about', '200 about'],
    ['redirect', '/about.html', '308 /about'],
    ['redirect', '/about.html?q=1', '308 /about?q=1'],
    ['redirect', '/index.html', '308 /'],
    ['redirect', '/docs/index.html', '308 /docs/'],
    ['redirect', '/both.html', '308 /both'],
    ['redirect', '/plain.html', '200 plain html'],
    ['off', '/about', '404 404 Not Found\n'],
    ['off', '/about/', '404 404 Not Found\n'],
    ['off', '/about.html', '200 about'],
    ['off', '/docs', '308 /docs/'],
  ])('%s: %s gives %j', (cleanUrls, target, expected) => {
    expect(said(asker(FILES, { cleanUrls })(target))).toBe(expected);
  });

  it('no redirection leads to another one', () => {
    for (const cleanUrls of ['serve', 'redirect', 'off'] as const) {
      const site = siteOf(filesOf(FILES), { cleanUrls });
      for (const route of site.routes.values()) {
        if (route.kind === 'page') continue;
        const next = open(respond(site, { method: 'GET', target: route.location, fields: {} }, NOW));
        expect(next.status).toBe(200);
      }
    }
  });

  it('a forced rule on the short form does not run in a circle with them', () => {
    const files = { ...FILES, _redirects: '/about /about.html 301!' };
    const ask = asker(files, { cleanUrls: 'redirect' });
    expect(said(ask('/about'))).toBe('301 /about.html');
    expect(said(ask('/about.html'))).toBe('200 about');
  });
});

describe('_redirects', () => {
  const ask = asker({
    ...FILES,
    'gone.html': 'gone',
    _redirects: `
/old            /about
/about          /elsewhere                   # there is such a page: not forced
/ten.txt        /other.txt            302!
/blog/*         https://blog.example/:splat
/app/*          /docs/index.html      200
/missing/*      /nowhere/:splat       200
/shop/*         /gone.html            404
/closed         /gone.html            410
/self           /self                 301!
/p id=:id       /product/:id          307
/*              /docs/                303
`,
  });

  it.each([
    ['/old', '301 /about'],
    ['/old/', '301 /about'],
    ['/old?x=1', '301 /about?x=1'],
    ['/about', '200 about'],
    ['/ten.txt', '302 /other.txt'],
    ['/blog/2026/x', '301 https://blog.example/2026/x'],
    ['/blog', '301 https://blog.example/'],
    ['/app/a/b', '200 docs'],
    ['/missing/x', '404 404 Not Found\n'],
    ['/shop/x', '404 gone'],
    ['/closed', '410 gone'],
    ['/self', '303 /docs/'],
    ['/p?id=7', '307 /product/7?id=7'],
    ['/p', '303 /docs/'],
    ['/anything', '303 /docs/'],
    ['/docs/', '200 docs'],
    ['/_redirects', '303 /docs/'],
    ['/.git/config', '404 404 Not Found\n'],
  ])('%s gives %j', (target, expected) => {
    expect(said(ask(target))).toBe(expected);
  });

  it('a page under another status has no validators, and conditions do not count', () => {
    const response = ask('/shop/x', { 'if-none-match': '*', range: 'bytes=0-0' });
    expect([response.status, fieldIn(response, 'etag'), fieldIn(response, 'accept-ranges')]).toEqual([
      404,
      undefined,
      undefined,
    ]);
    expect(fieldIn(response, 'cache-control')).toBe('no-cache');
  });

  it('a rewrite has the validators of what it shows', () => {
    expect(fieldIn(ask('/app/x'), 'etag')).toBe(fieldIn(ask('/docs/'), 'etag'));
  });

  it('finds rewrites to names that are no UTF-8', () => {
    const files = filesOf({ 'index.html': '', _redirects: '/a /%ff 200\n' });
    expect(faultsOf(files)).toMatchObject([{ file: '_redirects', line: 1 }]);
  });

  it('finds rewrites to pages that are not there', () => {
    expect(faultsOf(filesOf({ 'index.html': '', _redirects: '/a /b\n/c /d.html 200\n' }))).toEqual([
      { file: '_redirects', line: 2, reason: '/d.html is not a page of this site' },
    ]);
  });
});

describe('fallback page', () => {
  const ask = asker({ ...FILES, '404.html': 'lost' }, { fallbackPage: 'index.html', cleanUrls: 'redirect' });
  it.each([
    ['/made/up', '200 home'],
    ['/made/up/', '200 home'],
    ['/picture.png', '404 lost'],
    ['/v1.2/made-up', '200 home'],
    ['/ten.txt', '200 0123456789'],
    ['/..%2f', '404 lost'],
  ])('%s gives %j', (target, expected) => {
    expect(said(ask(target))).toBe(expected);
  });

  it('must be there', () => {
    expect(faultsOf(filesOf(FILES), { fallbackPage: 'app.html' })).toMatchObject([{ file: 'app.html' }]);
  });
});

describe('error pages', () => {
  it.each([
    ['404.html', '/x', '404 own'],
    ['4xx.html', '/x', '404 own'],
    ['4xx.html', '/%00', '400 own'],
    ['500.html', '/x', '404 404 Not Found\n'],
  ])('%s for %s', (file, target, expected) => {
    expect(said(asker({ 'index.html': '', [file]: 'own' })(target))).toBe(expected);
  });

  it('50x.html stands for the statuses without a page of their own', () => {
    const site = siteOf(filesOf({ 'index.html': '', '50x.html': 'x', '503.html': 'y' }));
    const paths = [500, 502, 503, 504].map(status => site.errorPages.get(status)?.path);
    expect(paths).toEqual(['50x.html', '50x.html', '503.html', '50x.html']);
    expect(site.errorPages.get(404)).toBeUndefined();
  });
});

describe('listing', () => {
  const files = {
    'a b/<x>&"\'.txt': '12345',
    'a b/sub/y.txt': '',
    'a b/10.txt': '',
    'z/index.html': 'z',
    '.well-known/security.txt': '',
  };
  const ask = asker(files, { listing: true });

  it('shows folders without an index, folders first, escaped', () => {
    const html = bodyOf(ask('/a%20b/'));
    expect(html).toContain('<title>/a b/</title>');
    expect([...html.matchAll(/<a href="([^"]*)">([^<]*)</g)].map(([, href, text]) => [href, text])).toEqual([
      ['../', '../'],
      ['./sub/', 'sub/'],
      ['./10.txt', '10.txt'],
      ['./%3Cx%3E%26%22&#39;.txt', '&lt;x&gt;&amp;&quot;&#39;.txt'],
    ]);
    expect(html).toContain('5 B');
  });

  it('shows the top, and sends to the slash', () => {
    expect(bodyOf(ask('/'))).not.toContain('../');
    expect(bodyOf(ask('/'))).not.toContain('.well-known');
    expect(said(ask('/a%20b'))).toBe('308 /a%20b/');
    expect(said(ask('/z/'))).toBe('200 z');
    expect(ask('/a%20b/sub/').status).toBe(200);
    expect(ask('/none/').status).toBe(404);
  });

  it('is an answer like any other', () => {
    const tag = fieldIn(ask('/'), 'etag') ?? '';
    expect(ask('/', { 'if-none-match': tag }).status).toBe(304);
  });

  it('is off unless wanted', () => {
    expect(faultsOf(filesOf(files))).toMatchObject([{ reason: /no index.html/ }]);
  });
});

describe('fields of pages', () => {
  const html = {
    'index.html': '<p>',
    'a.css': '',
    'logo.svg': '<svg/>',
    'app.3f2a9c1b.js': '',
    'v.3f2a9c1b.html': '',
  };
  const ask = asker({
    ...html,
    _headers: `
/*
  X-All: 1
/a.css
  Cache-Control: max-age=60
/logo.svg
  ! X-Frame-Options
  ! Content-Security-Policy
/index.html
  X-Long: 1
/
  X-Short: 1
  Link: </a.css>; rel=preload; as=style
`,
  });

  it('nobody frames documents of ours unless the owner says so', () => {
    expect(fieldIn(ask('/'), 'x-frame-options')).toBe('SAMEORIGIN');
    expect(fieldIn(ask('/'), 'content-security-policy')).toBe("frame-ancestors 'self'");
    expect(fieldIn(ask('/a.css'), 'x-frame-options')).toBeUndefined();
    expect(fieldIn(ask('/logo.svg'), 'content-security-policy')).toBeUndefined();
    for (const path of ['/', '/a.css', '/nothing'])
      expect(fieldIn(ask(path), 'x-content-type-options')).toBe('nosniff');
  });

  it('rules go by the URL that was asked', () => {
    expect([fieldIn(ask('/'), 'x-short'), fieldIn(ask('/'), 'x-long'), fieldIn(ask('/'), 'x-all')]).toEqual([
      '1',
      undefined,
      '1',
    ]);
    expect([fieldIn(ask('/index.html'), 'x-short'), fieldIn(ask('/index.html'), 'x-long')]).toEqual([
      undefined,
      '1',
    ]);
    expect(fieldIn(ask('/nothing'), 'x-all')).toBeUndefined();
  });

  it('a 304 has what a cache needs, and no metadata of the content', () => {
    const whole = ask('/');
    const response = ask('/', { 'if-none-match': fieldIn(whole, 'etag') ?? '' });
    expect(response.status).toBe(304);
    for (const name of ['etag', 'cache-control', 'x-all', 'x-short'])
      expect(fieldIn(response, name)).toBe(fieldIn(whole, name));
    for (const name of ['content-type', 'content-length', 'accept-ranges', 'link'])
      expect(fieldIn(response, name)).toBeUndefined();
  });

  it('hints early to browsers that open a page', () => {
    expect(ask('/', { 'sec-fetch-mode': 'navigate' }).interim).toEqual([
      ['link', '</a.css>; rel=preload; as=style'],
    ]);
    expect(ask('/').interim).toBeUndefined();
    expect(ask('/a.css', { 'sec-fetch-mode': 'navigate' }).interim).toBeUndefined();
  });

  it('the same answer has the same array of fields', () => {
    expect(ask('/').fields).toBe(ask('/').fields);
  });

  it.each([
    ['/', 'no-cache'],
    ['/a.css', 'max-age=60'],
    ['/app.3f2a9c1b.js', 'public, max-age=31536000, immutable'],
    ['/v.3f2a9c1b.html', 'no-cache'],
  ])('%s may be kept: %s', (path, expected) => {
    expect(fieldIn(ask(path), 'cache-control')).toBe(expected);
  });

  it('HSTS is said everywhere once it is wanted', () => {
    const strict = asker(
      { ...html, '404.html': 'x', _redirects: '/r /' },
      { strictTransportSecurity: 'max-age=1' },
    );
    for (const path of ['/', '/nothing', '/r', '/%00'])
      expect(fieldIn(strict(path), 'strict-transport-security')).toBe('max-age=1');
    expect(fieldIn(ask('/'), 'strict-transport-security')).toBeUndefined();
  });
});

describe('folders behind a password', () => {
  const site = siteOf(
    filesOf({
      'index.html': 'home',
      'in/index.html': 'inside',
      'in/deep/a.txt': 'deep',
      'in.html': 'beside',
      'other/a.txt': 'other',
      _redirects: '/way /in/deep/a.txt 200\n/lost/* /in/index.html 404\n/out/* /:splat 200',
    }),
    { lockedFolders: [['in'], ['in', 'deep'], ['other']], listing: true },
  );
  const ask = (target: string, entered: number[] = []): string | number => {
    const answer = respond(site, { method: 'GET', target, fields: {} }, NOW, entered);
    return 'lockedFolder' in answer ? `locked ${answer.lockedFolder}` : answer.status;
  };

  it.each<[string, number[], string | number]>([
    ['/', [], 200],
    ['/in', [], 'locked 0'],
    ['/in/', [], 'locked 0'],
    ['/in/index.html', [], 'locked 0'],
    ['/in/nothing', [], 'locked 0'],
    ['/%69n/', [], 'locked 0'],
    ['/in/deep/a.txt', [], 'locked 0'],
    ['/in/deep/a.txt', [0], 'locked 1'],
    ['/in/deep/a.txt', [0, 1], 200],
    ['/in/deep/', [0, 1], 200],
    ['/in/', [0], 200],
    ['/in.html', [], 200],
    ['/way', [], 'locked 0'],
    ['/way', [0], 'locked 1'],
    ['/lost/x', [], 'locked 0'],
    ['/out/in/deep/a.txt', [0], 'locked 1'],
    ['/out/other/a.txt', [], 'locked 2'],
    ['/other/', [0, 1], 'locked 2'],
    ['/inside', [], 404],
  ])('%s for one who entered %j: %s', (target, entered, expected) => {
    expect(ask(target, entered)).toBe(expected);
  });
});
