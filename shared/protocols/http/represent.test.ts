import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { Response } from './message.ts';
import { respond } from './respond.ts';
import { fieldIn, NOW, open, siteOf } from './testing/site.ts';

const MODIFIED = 1_793_521_815_000;
const DATE = 'Sun, 01 Nov 2026 08:30:15 GMT';
const EARLIER = 'Sun, 01 Nov 2026 08:30:14 GMT';
const LATER = 'Sun, 01 Nov 2026 08:30:16 GMT';
const OBSOLETE_FORM = 'Sunday, 01-Nov-26 08:30:15 GMT';
const ASCTIME = 'Sun Nov  1 08:30:15 2026';

/** Stand-ins: what counts is which bytes are chosen. */
const PLAIN = 'the text as it is, 32 bytes long';
const GZIP = 'gzip: sixteen by';
const BR = 'brotli10by';
const site = siteOf(
  Object.entries({
    'index.html': '',
    'a.css': PLAIN,
    'a.css.gz': GZIP,
    'a.css.br': BR,
    'a.png': PLAIN,
    'only.css.br': BR,
  }).map(([path, text]) => ({ path, bytes: encodeUtf8(text), modifiedMs: MODIFIED })),
);

function ask(target: string, fields: Record<string, string> = {}, method = 'GET'): Response {
  return open(respond(site, { method, target, fields }, NOW));
}
const bodyOf = (response: Response): string => decodeUtf8(concatBytes(response.body));
const tagOf = (coding: string): string => fieldIn(ask('/a.css', { 'accept-encoding': coding }), 'etag') ?? '';
const TAGS: Record<string, string> = { IDENTITY: tagOf('identity'), GZIP: tagOf('gzip'), BR: tagOf('br') };
/** `{GZIP}` in a table stands for the tag of that coding. */
const filled = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value.replace(/\{(\w+)\}/g, (_, coding: string) => TAGS[coding] ?? ''),
    ]),
  );

describe('a coded representation', () => {
  it.each([
    ['identity', undefined, PLAIN],
    ['gzip', 'gzip', GZIP],
    ['br', 'br', BR],
    ['gzip, br', 'br', BR],
    ['zstd', undefined, PLAIN],
  ])('for %s has its coding, length, tag and Vary', (acceptEncoding, coding, body) => {
    const response = ask('/a.css', { 'accept-encoding': acceptEncoding });
    expect(bodyOf(response)).toBe(body);
    expect(fieldIn(response, 'content-encoding')).toBe(coding);
    expect(fieldIn(response, 'content-length')).toBe(String(body.length));
    expect(fieldIn(response, 'content-type')).toBe('text/css; charset=utf-8');
    expect(fieldIn(response, 'vary')).toBe('accept-encoding');
  });

  it('has a tag of its own (RFC 9110 §8.8.3.3)', () => {
    expect(new Set(Object.values(TAGS)).size).toBe(3);
  });

  it('does not make the others vary', () => {
    const response = ask('/a.png', { 'accept-encoding': 'gzip, br' });
    expect([bodyOf(response), fieldIn(response, 'vary')]).toEqual([PLAIN, undefined]);
  });

  it('that is all there is goes to who can read it, and 406 to who cannot', () => {
    expect(bodyOf(ask('/only.css', { 'accept-encoding': 'br' }))).toBe(BR);
    const refused = ask('/only.css', { 'accept-encoding': 'gzip' });
    expect([refused.status, fieldIn(refused, 'vary')]).toEqual([406, 'accept-encoding']);
    expect(ask('/only.css').status).toBe(406);
  });

  it('304 varies as 200 does (RFC 9110 §15.4.5)', () => {
    const response = ask('/a.css', filled({ 'accept-encoding': 'gzip', 'if-none-match': '{GZIP}' }));
    expect([response.status, fieldIn(response, 'vary'), fieldIn(response, 'etag')]).toEqual([
      304,
      'accept-encoding',
      TAGS['GZIP'],
    ]);
    expect(fieldIn(response, 'content-encoding')).toBeUndefined();
  });
});

type Row = [fields: Record<string, string>, status: number, body: string];
const G = { 'accept-encoding': 'gzip' };

describe('conditions hold against what would be sent (RFC 9110 §13.1)', () => {
  it.each<Row>([
    [{ ...G, 'if-none-match': '{GZIP}' }, 304, ''],
    [{ ...G, 'if-none-match': 'W/{GZIP}' }, 304, ''],
    [{ ...G, 'if-none-match': '{IDENTITY}' }, 200, GZIP],
    [{ ...G, 'if-none-match': '{BR}' }, 200, GZIP],
    [{ ...G, 'if-none-match': '{BR}, {IDENTITY}, {GZIP}' }, 304, ''],
    [{ ...G, 'if-none-match': '*' }, 304, ''],
    [{ 'if-none-match': '{GZIP}' }, 200, PLAIN],
    [{ 'if-none-match': '{IDENTITY}' }, 304, ''],
    [{ ...G, 'if-match': '{GZIP}' }, 200, GZIP],
    [{ ...G, 'if-match': '{IDENTITY}' }, 412, ''],
    [{ ...G, 'if-match': 'W/{GZIP}' }, 412, ''],
    [{ ...G, 'if-match': '*' }, 200, GZIP],
    [{ ...G, 'if-modified-since': DATE }, 304, ''],
    [{ ...G, 'if-modified-since': OBSOLETE_FORM }, 304, ''],
    [{ ...G, 'if-modified-since': ASCTIME }, 304, ''],
    [{ ...G, 'if-modified-since': EARLIER }, 200, GZIP],
    [{ ...G, 'if-unmodified-since': DATE }, 200, GZIP],
    [{ ...G, 'if-unmodified-since': EARLIER }, 412, ''],
  ])('%j: %i', (fields, status, body) => {
    const response = ask('/a.css', filled(fields));
    expect(response.status).toBe(status);
    if (status !== 412) expect(bodyOf(response)).toBe(body);
    expect(ask('/a.css', filled(fields), 'HEAD')).toEqual({ ...response, body: [] });
  });
});

describe('the order of RFC 9110 §13.2.2', () => {
  const CONDITIONS = {
    'if-match': [undefined, '{IDENTITY}', '"other"'],
    'if-unmodified-since': [undefined, DATE, EARLIER],
    'if-none-match': [undefined, '{IDENTITY}', '"other"'],
    'if-modified-since': [undefined, DATE, EARLIER],
  } as const;

  /** The five steps, written down once more as the RFC tells them. */
  function expected(fields: Record<string, string>): number {
    if ('if-match' in fields) {
      if (fields['if-match'] === '"other"') return 412;
    } else if (fields['if-unmodified-since'] === EARLIER) return 412;
    if ('if-none-match' in fields) return fields['if-none-match'] === '"other"' ? 200 : 304;
    return fields['if-modified-since'] === DATE ? 304 : 200;
  }

  const defined = (fields: Record<string, string | undefined>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );

  const rows = CONDITIONS['if-match'].flatMap(match =>
    CONDITIONS['if-unmodified-since'].flatMap(unmodified =>
      CONDITIONS['if-none-match'].flatMap(none =>
        CONDITIONS['if-modified-since'].map(modified => {
          const all: Record<string, string | undefined> = {
            'if-match': match,
            'if-unmodified-since': unmodified,
            'if-none-match': none,
            'if-modified-since': modified,
          };
          return [defined(all)] as const;
        }),
      ),
    ),
  );

  it.each(rows)('%j', (fields: Record<string, string>) => {
    const status = expected(fields);
    expect(ask('/a.png', filled(fields)).status).toBe(status);
    expect(ask('/a.png', filled(fields), 'HEAD').status).toBe(status);
    // Step 5 comes last: a range is looked at where the others let the request through, and for GET alone.
    const ranged = { ...filled(fields), range: 'bytes=0-3' };
    expect(ask('/a.png', ranged).status).toBe(status === 200 ? 206 : status);
    expect(ask('/a.png', ranged, 'HEAD').status).toBe(status);
    const beyond = { ...filled(fields), range: 'bytes=99-' };
    expect(ask('/a.png', beyond).status).toBe(status === 200 ? 416 : status);
  });
});

describe('ranges are of the coded bytes (RFC 9110 §14.2)', () => {
  it.each<Row>([
    [{ ...G, range: 'bytes=0-3' }, 206, 'gzip'],
    [{ ...G, range: 'bytes=-2' }, 206, 'by'],
    [{ ...G, range: 'bytes=16-' }, 416, ''],
    [{ range: 'bytes=16-18' }, 206, PLAIN.slice(16, 19)],
    [{ ...G, range: 'bytes=0-3', 'if-range': '{GZIP}' }, 206, 'gzip'],
    [{ ...G, range: 'bytes=0-3', 'if-range': '{IDENTITY}' }, 200, GZIP],
    [{ ...G, range: 'bytes=0-3', 'if-range': 'W/{GZIP}' }, 200, GZIP],
    [{ range: 'bytes=0-2', 'if-range': '{IDENTITY}' }, 206, 'the'],
    [{ range: 'bytes=0-2', 'if-range': '{GZIP}' }, 200, PLAIN],
    // A date does not tell which coding a client has begun with.
    [{ ...G, range: 'bytes=0-3', 'if-range': DATE }, 200, GZIP],
    [{ range: 'bytes=0-3', 'if-range': DATE }, 200, PLAIN],
  ])('%j: %i', (fields, status, body) => {
    const response = ask('/a.css', filled(fields));
    expect(response.status).toBe(status);
    if (status !== 416) expect(bodyOf(response)).toBe(body);
    if (status !== 206) return;
    const coding = 'accept-encoding' in fields ? 'gzip' : undefined;
    expect(fieldIn(response, 'content-encoding')).toBe(coding);
    expect(fieldIn(response, 'etag')).toBe(TAGS[coding === undefined ? 'IDENTITY' : 'GZIP']);
    expect(fieldIn(response, 'vary')).toBe('accept-encoding');
    expect(fieldIn(response, 'content-range')).toMatch(/\/(16|32)$/);
  });

  it.each<Row>([
    [{ range: 'bytes=0-2', 'if-range': DATE }, 206, 'the'],
    [{ range: 'bytes=0-2', 'if-range': OBSOLETE_FORM }, 206, 'the'],
    [{ range: 'bytes=0-2', 'if-range': ASCTIME }, 206, 'the'],
    [{ range: 'bytes=0-2', 'if-range': LATER }, 200, PLAIN],
    [{ range: 'bytes=0-2', 'if-range': EARLIER }, 200, PLAIN],
    [{ range: 'bytes=0-2', 'if-range': '' }, 200, PLAIN],
    [{ range: 'bytes=0-2', 'if-range': '*' }, 200, PLAIN],
    [{ range: 'bytes=0-2', 'if-range': '{IDENTITY}, "x"' }, 200, PLAIN],
  ])('of a file in one form, by date as well: %j: %i', (fields, status, body) => {
    const response = ask('/a.png', filled(fields));
    expect([response.status, bodyOf(response)]).toEqual([status, body]);
  });
});

describe('Range by its grammar (RFC 9110 §14.1)', () => {
  const WHOLE = [200, PLAIN] as const;
  it.each<readonly [string, number, string]>([
    ['bytes=0-', 206, PLAIN],
    ['bytes=0-31', 206, PLAIN],
    ['bytes=0-32', 206, PLAIN],
    ['bytes=0-99999999999999999999', 206, PLAIN],
    ['bytes=31-31', 206, 'g'],
    ['bytes=31-', 206, 'g'],
    ['bytes=-1', 206, 'g'],
    ['bytes=-32', 206, PLAIN],
    ['bytes=-33', 206, PLAIN],
    ['bytes=-99999999999999999999', 206, PLAIN],
    ['BYTES=0-2', 206, 'the'],
    ['Bytes=0-2', 206, 'the'],
    ['bytes=00-02', 206, 'the'],
    ['bytes= 0-2', 206, 'the'],
    ['bytes=0-2 ', 206, 'the'],
    ['bytes=0-2,', 206, 'the'],
    ['bytes=,0-2', 206, 'the'],
    ['bytes=0-2,99-', 206, 'the'],
    ['bytes=99-,0-2', 206, 'the'],
    ['bytes=-0,0-2', 206, 'the'],
    ['bytes=32-', 416, ''],
    ['bytes=32-40', 416, ''],
    ['bytes=99999999999999999999-', 416, ''],
    ['bytes=-0', 416, ''],
    ['bytes=40-,50-', 416, ''],
    ['bytes=5-2', ...WHOLE],
    ['bytes=', ...WHOLE],
    ['bytes=-', ...WHOLE],
    ['bytes=,', ...WHOLE],
    ['bytes', ...WHOLE],
    ['bytes 0-2', ...WHOLE],
    ['bytes =0-2', ...WHOLE],
    ['bytes=a-b', ...WHOLE],
    ['bytes=0x0-0x2', ...WHOLE],
    ['bytes=1.0-2', ...WHOLE],
    ['bytes=+0-2', ...WHOLE],
    ['bytes=--2', ...WHOLE],
    ['bytes=0--2', ...WHOLE],
    ['bytes=0-2-4', ...WHOLE],
    ['bytes=0 - 2', ...WHOLE],
    ['bytes=0-2;4-6', ...WHOLE],
    ['bytes=0-2,x', ...WHOLE],
    ['bytes=0-2,5-3', ...WHOLE],
    ['bytes=0-20,10-31', ...WHOLE],
    [`bytes=${'0-0,'.repeat(33)}`, ...WHOLE],
    ['items=0-2', ...WHOLE],
    ['none', ...WHOLE],
    ['', ...WHOLE],
  ])('%j: %i', (range, status, body) => {
    const response = ask('/a.png', { range });
    expect(response.status).toBe(status);
    if (status !== 416) expect(bodyOf(response)).toBe(body);
    else expect(fieldIn(response, 'content-range')).toBe('bytes */32');
    expect(ask('/a.png', { range }, 'HEAD').status).toBe(200);
  });
});

describe('any request', () => {
  it('gets an answer whose content decodes to the page, and whose length is what it says', () => {
    const fields = fc.dictionary(
      fc.constantFrom(
        'range',
        'if-range',
        'if-match',
        'if-none-match',
        'if-modified-since',
        'if-unmodified-since',
        'accept-encoding',
        'sec-fetch-mode',
      ),
      fc.oneof(
        fc.string(),
        fc.constantFrom('gzip', 'br;q=0, *', 'bytes=0-3', 'bytes=1-2,4-5', '*', DATE, ...Object.values(TAGS)),
      ),
    );
    const WHOLES: Record<string, string> = { identity: PLAIN, gzip: GZIP, br: BR };
    fc.assert(
      fc.property(fields, fc.constantFrom('GET', 'HEAD'), (given, method) => {
        const response = ask('/a.css', given, method);
        expect([200, 206, 304, 412, 416]).toContain(response.status);
        const length = fieldIn(response, 'content-length');
        if (method === 'GET' && length !== undefined) expect(bodyOf(response).length).toBe(Number(length));
        if (method === 'GET' && response.status === 200)
          expect(bodyOf(response)).toBe(WHOLES[fieldIn(response, 'content-encoding') ?? 'identity']);
      }),
      { numRuns: 1_000 },
    );
  });
});
