import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { Response } from './message.ts';
import { respond } from './respond.ts';
import type { SiteFile } from './index-content.ts';
import { faultsOf, fieldIn as field, NOW, open, siteOf } from './testing/site.ts';

const MODIFIED = Date.UTC(2026, 10, 1, 8, 30, 15);
const TEN = '0123456789';
const FILES: readonly SiteFile[] = [
  { path: 'index.html', bytes: encodeUtf8('home'), modifiedMs: MODIFIED + 417 },
  { path: 'ten.txt', bytes: encodeUtf8(TEN), modifiedMs: MODIFIED },
  { path: 'undated.txt', bytes: encodeUtf8(TEN) },
  { path: 'empty.txt', bytes: new Uint8Array() },
  { path: 'docs/index.html', bytes: encodeUtf8('docs') },
  { path: 'ünï/index.html', bytes: encodeUtf8('uni') },
  { path: '404.html', bytes: encodeUtf8('lost') },
  { path: '.git/config', bytes: encodeUtf8('secret') },
  { path: '.well-known/security.txt', bytes: encodeUtf8('contact') },
];
const DATE = 'Sun, 01 Nov 2026 08:30:15 GMT';
const EARLIER = 'Sun, 01 Nov 2026 08:30:14 GMT';
const LATER = 'Sun, 01 Nov 2026 08:30:16 GMT';

const site = siteOf(FILES);
const TAG = field(open(respond(site, { method: 'GET', target: '/ten.txt', fields: {} }, NOW)), 'etag') ?? '';

function ask(target: string, fields: Record<string, string> = {}, method = 'GET'): Response {
  return open(respond(site, { method, target, fields }, NOW));
}
function bodyOf(response: Response): string {
  return decodeUtf8(concatBytes(response.body));
}
describe('respond() finds files', () => {
  it.each([
    ['/', 200, 'home'],
    ['/index.html', 200, 'home'],
    ['/?utm=1', 200, 'home'],
    ['/docs/', 200, 'docs'],
    ['/%C3%BCn%C3%AF/', 200, 'uni'],
    ['/.well-known/security.txt', 200, 'contact'],
    ['/nothing', 404, 'lost'],
    ['/docs/index.html/', 404, 'lost'],
    ['/.git/config', 404, 'lost'],
    ['/%2e%2e/secret', 404, 'lost'],
    ['/%00', 400, '400 Bad Request\n'],
    [`/${'a'.repeat(9000)}`, 414, '414 URI Too Long\n'],
  ])('GET %s gives %i', (target, status, body) => {
    const response = ask(target);
    expect(response.status).toBe(status);
    expect(bodyOf(response)).toBe(body);
    expect(field(response, 'content-length')).toBe(String(body.length));
    expect(field(response, 'x-content-type-options')).toBe('nosniff');
  });

  it('sends a folder without its slash to the one with it, query and all', () => {
    expect(ask('/docs?a=b')).toMatchObject({ status: 308, body: [] });
    expect(field(ask('/docs?a=b'), 'location')).toBe('/docs/?a=b');
    expect(field(ask('/%C3%BCn%C3%AF'), 'location')).toBe('/%C3%BCn%C3%AF/');
  });

  it('says a short 404 where the site has no page for it', () => {
    const bare = siteOf([{ path: 'index.html', bytes: encodeUtf8('home') }]);
    const response = open(respond(bare, { method: 'GET', target: '/x', fields: {} }, NOW));
    expect(bodyOf(response)).toBe('404 Not Found\n');
  });

  it('gives type, tag, date and freshness', () => {
    const response = ask('/');
    expect(field(response, 'content-type')).toBe('text/html; charset=utf-8');
    expect(field(response, 'etag')).toMatch(/^"[\w-]{22}"$/);
    expect(field(response, 'last-modified')).toBe(DATE);
    expect(field(response, 'cache-control')).toBe('no-cache');
    expect(field(response, 'accept-ranges')).toBe('bytes');
    expect(field(ask('/undated.txt'), 'last-modified')).toBeUndefined();
  });

  it('gives the same tag to the same bytes and another to others', () => {
    expect(field(ask('/undated.txt'), 'etag')).toBe(TAG);
    expect(field(ask('/'), 'etag')).not.toBe(TAG);
  });
});

describe('a site', () => {
  it.each<[string, SiteFile[], RegExp]>([
    ['nothing', [], /the site is empty/],
    ['hidden files alone', [{ path: '.env', bytes: new Uint8Array() }], /the site is empty/],
    ['no index.html', [{ path: 'a.html', bytes: new Uint8Array() }], /has no index.html/],
  ])('of %s is refused', (_name, files, reason) => {
    expect(faultsOf(files)[0]?.reason).toMatch(reason);
  });

  it('gives no date to a file that changed less than a second ago (RFC 9110 §8.8.2.2)', () => {
    const fresh = siteOf([{ path: 'index.html', bytes: new Uint8Array(), modifiedMs: NOW - 999 }]);
    const response = open(respond(fresh, { method: 'GET', target: '/', fields: {} }, NOW));
    expect(field(response, 'last-modified')).toBeUndefined();
  });
});

describe('respond() knows methods', () => {
  it('HEAD has the fields of GET and no content', () => {
    for (const target of ['/', '/docs/', '/docs', '/nothing', '/%00', '/empty.txt']) {
      const head = ask(target, {}, 'HEAD');
      expect(head.body).toEqual([]);
      expect({ ...ask(target), body: [] }).toEqual(head);
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE'])('%s is not allowed', method => {
    const response = ask('/', {}, method);
    expect(response.status).toBe(405);
    expect(field(response, 'allow')).toBe('GET, HEAD, OPTIONS');
  });

  it.each(['BREW', 'get', 'Head'])('%s is not known', method => {
    expect(ask('/', {}, method).status).toBe(501);
  });

  it.each(['/', '*', '/nothing'])('OPTIONS %s tells what is allowed', target => {
    const response = ask(target, {}, 'OPTIONS');
    expect(response.status).toBe(204);
    expect(field(response, 'allow')).toBe('GET, HEAD, OPTIONS');
  });
});

describe('respond() keeps preconditions (RFC 9110 §13.2.2)', () => {
  it.each<[string, Record<string, string>, number]>([
    ['If-Match: the tag', { 'if-match': TAG }, 200],
    ['If-Match: a list with it', { 'if-match': `"x", ${TAG}` }, 200],
    ['If-Match: *', { 'if-match': '*' }, 200],
    ['If-Match: another', { 'if-match': '"x"' }, 412],
    ['If-Match: weak (strong comparison)', { 'if-match': `W/${TAG}` }, 412],
    ['If-Match: broken', { 'if-match': 'x' }, 412],
    ['If-Unmodified-Since: then', { 'if-unmodified-since': DATE }, 200],
    ['If-Unmodified-Since: before', { 'if-unmodified-since': EARLIER }, 412],
    ['If-Unmodified-Since: no date', { 'if-unmodified-since': 'x' }, 200],
    ['If-Unmodified-Since loses to If-Match', { 'if-match': TAG, 'if-unmodified-since': EARLIER }, 200],
    ['If-None-Match: the tag', { 'if-none-match': TAG }, 304],
    ['If-None-Match: weak (weak comparison)', { 'if-none-match': `W/${TAG}` }, 304],
    ['If-None-Match: a list with it', { 'if-none-match': `"x",${TAG},"y"` }, 304],
    ['If-None-Match: *', { 'if-none-match': '*' }, 304],
    ['If-None-Match: another', { 'if-none-match': '"x"' }, 200],
    ['If-None-Match: broken', { 'if-none-match': TAG.slice(1) }, 200],
    ['If-None-Match wins over the date', { 'if-none-match': '"x"', 'if-modified-since': DATE }, 200],
    ['If-Modified-Since: then', { 'if-modified-since': DATE }, 304],
    ['If-Modified-Since: later', { 'if-modified-since': LATER }, 304],
    ['If-Modified-Since: before', { 'if-modified-since': EARLIER }, 200],
    ['If-Modified-Since: no date', { 'if-modified-since': '0' }, 200],
    ['If-Match fails before If-None-Match', { 'if-match': '"x"', 'if-none-match': TAG }, 412],
    ['If-Match holds, then If-None-Match', { 'if-match': TAG, 'if-none-match': TAG }, 304],
    ['If-None-Match before Range', { 'if-none-match': TAG, range: 'bytes=0-1' }, 304],
    ['If-Match before Range', { 'if-match': '"x"', range: 'bytes=0-1' }, 412],
  ])('%s', (_name, fields, status) => {
    expect(ask('/ten.txt', fields).status).toBe(status);
    expect(ask('/ten.txt', fields, 'HEAD').status).toBe(status);
  });

  it('ignores dates where the modification date is not known', () => {
    expect(ask('/undated.txt', { 'if-modified-since': LATER }).status).toBe(200);
    expect(ask('/undated.txt', { 'if-unmodified-since': EARLIER }).status).toBe(200);
  });

  it('a 304 has the tag and neither content nor its length', () => {
    const response = ask('/ten.txt', { 'if-none-match': TAG });
    expect(response.body).toEqual([]);
    expect(field(response, 'etag')).toBe(TAG);
    expect(field(response, 'cache-control')).toBe('no-cache');
    expect(field(response, 'content-length')).toBeUndefined();
    expect(field(response, 'content-type')).toBeUndefined();
  });

  it('are ignored where the answer would not be a 200 (RFC 9110 §13.2.1)', () => {
    expect(ask('/nothing', { 'if-match': '"x"' }).status).toBe(404);
    expect(ask('/docs', { 'if-none-match': '*' }).status).toBe(308);
  });
});

describe('respond() sends ranges (RFC 9110 §14)', () => {
  it.each([
    ['bytes=0-0', '0', '0-0'],
    ['bytes=2-4', '234', '2-4'],
    ['bytes=7-', '789', '7-9'],
    ['bytes=-3', '789', '7-9'],
    ['bytes=8-100', '89', '8-9'],
  ])('%s', (range, body, contentRange) => {
    const response = ask('/ten.txt', { range });
    expect(response.status).toBe(206);
    expect(bodyOf(response)).toBe(body);
    expect(field(response, 'content-range')).toBe(`bytes ${contentRange}/10`);
    expect(field(response, 'content-length')).toBe(String(body.length));
    expect(field(response, 'etag')).toBe(TAG);
  });

  it('several ranges come as multipart/byteranges, in the order asked', () => {
    const response = ask('/ten.txt', { range: 'bytes=8-9,0-1' });
    const boundary = `lares-${TAG.slice(1, -1)}`;
    expect(response.status).toBe(206);
    expect(field(response, 'content-type')).toBe(`multipart/byteranges; boundary=${boundary}`);
    expect(field(response, 'content-range')).toBeUndefined();
    const part = (range: string, bytes: string) =>
      `--${boundary}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-range: bytes ${range}/10\r\n\r\n${bytes}\r\n`;
    expect(bodyOf(response)).toBe(`${part('8-9', '89')}${part('0-1', '01')}--${boundary}--\r\n`);
    expect(field(response, 'content-length')).toBe(String(bodyOf(response).length));
  });

  it('one satisfiable of two is not sent as multipart', () => {
    expect(field(ask('/ten.txt', { range: 'bytes=0-1,20-30' }), 'content-range')).toBe('bytes 0-1/10');
  });

  it('416 tells the size', () => {
    const response = ask('/ten.txt', { range: 'bytes=10-' });
    expect(response.status).toBe(416);
    expect(field(response, 'content-range')).toBe('bytes */10');
  });

  it('a range copies no content', () => {
    const [slice] = ask('/ten.txt', { range: 'bytes=2-4' }).body;
    expect(slice?.buffer).toBe(FILES[1]?.bytes.buffer);
  });

  it.each<[string, string, number]>([
    ['the tag', TAG, 206],
    ['another tag', '"x"', 200],
    ['a weak tag', `W/${TAG}`, 200],
    ['the date', DATE, 206],
    ['a later date', LATER, 200],
    ['an earlier date', EARLIER, 200],
    ['nonsense', 'x', 200],
  ])('If-Range: %s', (_name, ifRange, status) => {
    expect(ask('/ten.txt', { range: 'bytes=0-1', 'if-range': ifRange }).status).toBe(status);
  });

  it('If-Range guards 416 as well', () => {
    expect(ask('/ten.txt', { range: 'bytes=20-', 'if-range': '"x"' }).status).toBe(200);
  });

  it('is for GET alone, for files alone', () => {
    expect(ask('/ten.txt', { range: 'bytes=0-1' }, 'HEAD').status).toBe(200);
    expect(ask('/nothing', { range: 'bytes=0-1' }).status).toBe(404);
    expect(ask('/empty.txt', { range: 'bytes=0-1' }).status).toBe(200);
  });
});

describe('respond() properties', () => {
  it('never throws; the length said is the length sent; names and values are fit for a header', () => {
    const names = [
      'range',
      'if-range',
      'if-match',
      'if-none-match',
      'if-modified-since',
      'if-unmodified-since',
    ];
    const values = fc.oneof(fc.string(), fc.constantFrom(TAG, DATE, '*', 'bytes=0-3,5-6', 'bytes=-2'));
    const targets = fc.oneof(
      fc.string().map(text => `/${text}`),
      fc.constantFrom('/', '/ten.txt', '/docs', '/empty.txt'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'X'),
        targets,
        fc.dictionary(fc.constantFrom(...names), values),
        (method, target, fields) => {
          const response = ask(target, fields, method);
          const length = field(response, 'content-length');
          if (method !== 'HEAD' && length !== undefined)
            expect(concatBytes(response.body).length).toBe(Number(length));
          expect(response.fields.length % 2).toBe(0);
          for (const text of response.fields) expect(text).toMatch(/^[\x21-\x7e][\x20-\x7e]*$/);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
