import { request as plainRequest } from 'node:http';
import { Agent, request as secureRequest } from 'node:https';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ask, Reply } from './client.ts';
import { ARGUMENTS, type Difference } from './differences.ts';
import { startNginx, type Nginx } from './nginx.ts';
import { startWebServer, type WebServer } from './server.ts';

const TEXT = 'body { margin: 0 } /* long enough to be worth it */\n'.repeat(40);
const FILES = {
  'index.html': '<h1>home</h1>',
  'about.html': 'about',
  'ten.txt': '0123456789',
  'empty.txt': '',
  'style.css': TEXT,
  'style.css.gz': gzipSync(TEXT),
  'app.js': 'let a',
  'photo.png': Buffer.alloc(300_000, 'photo'),
  LICENSE: 'may',
  'docs/index.html': 'docs',
  'a b/ü.txt': 'names',
  '.hidden/x.txt': 'secret',
};
const DATE = 'Sun, 01 Nov 2026 08:30:15 GMT';
const EARLIER = 'Sun, 01 Nov 2026 08:30:14 GMT';
const LATER = 'Sun, 01 Nov 2026 08:30:16 GMT';

let ours: WebServer;
let theirs: Nginx;

const secureAgent = new Agent({ keepAlive: true, maxSockets: 16, rejectUnauthorized: false });

/** Ours on connections that stay open. nginx closes its own behind a 412 without having said so. */
function ask(where: 'ours' | 'theirs', { method = 'GET', path, headers }: Ask): Promise<Reply> {
  const options = { host: '127.0.0.1', method, path, headers };
  return new Promise((resolve, reject) => {
    const sent =
      where === 'ours'
        ? secureRequest({ ...options, port: ours.httpsPort, agent: secureAgent })
        : plainRequest({ ...options, port: theirs.port, agent: false });
    sent.on('error', reject);
    sent.on('response', response => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
    sent.end();
  });
}

const COMPARED = [
  'content-type',
  'content-length',
  'content-range',
  'content-encoding',
  'last-modified',
  'accept-ranges',
  'location',
  'vary',
];

/** What of an answer both should agree on. Words of refusals are everybody's own. */
function pointsOf({ status, headers, body }: Reply): Record<string, string | undefined> {
  if (status >= 400) return { status: String(status) };
  const type = String(headers['content-type']);
  const boundary = /boundary=(.*)/.exec(type)?.[1];
  const points: Record<string, string | undefined> = { status: String(status) };
  if (status < 300) points['body'] = boundary === undefined ? body : partsOf(body, boundary);
  for (const name of COMPARED) {
    const value = headers[name];
    points[name] = value === undefined ? undefined : String(value).toLowerCase();
  }
  points['content-type'] = status < 300 ? type.replace(/;.*/, '') : undefined;
  if (status >= 300 || boundary !== undefined) points['content-length'] = undefined;
  points['etag'] = headers['etag'] === undefined ? undefined : 'a tag';
  return points;
}

function partsOf(body: string, boundary: string): string {
  const parts = body.split(`--${boundary}`).slice(1, -1);
  return parts
    .map(part => {
      const [head = '', ...content] = part.trimStart().split('\r\n\r\n');
      return `${/bytes [\d\-/]+/.exec(head)?.[0]}: ${content.join('\r\n\r\n').replace(/\r\n$/, '')}`;
    })
    .join('\n');
}

/** `{TAG}` stands for the tag that the same server gives to the same path under the same Accept-Encoding. */
async function filled(where: 'ours' | 'theirs', request: Ask): Promise<Ask> {
  const { headers = {}, path } = request;
  if (!JSON.stringify(headers).includes('{TAG}')) return request;
  const accept = headers['accept-encoding'];
  const plain = await ask(where, {
    path,
    headers: accept === undefined ? {} : { 'accept-encoding': accept },
  });
  const tag = String(plain.headers['etag']).replace(/^W\//, '');
  const values = Object.entries(headers).map(([name, value]) => [name, value.replaceAll('{TAG}', tag)]);
  return { ...request, headers: Object.fromEntries(values) as Record<string, string> };
}

async function compare(request: Ask): Promise<Difference[]> {
  const [left, right] = await Promise.all(
    (['ours', 'theirs'] as const).map(async where =>
      pointsOf(await ask(where, await filled(where, request))),
    ),
  );
  const points = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  // Where the status differs the rest does of course.
  const compared = left?.['status'] === right?.['status'] ? [...points] : ['status'];
  return compared
    .filter(point => left?.[point] !== right?.[point])
    .map(point => ({ ask: request, point, ours: left?.[point], theirs: right?.[point] }));
}

const PATHS = ['/', '/ten.txt', '/empty.txt', '/style.css', '/photo.png', '/docs/', '/nothing'];
const RANGES = [
  'bytes=0-0',
  'bytes=0-',
  'bytes=2-4',
  'bytes=-3',
  'bytes=-0',
  'bytes=-99999999',
  'bytes=8-99999999',
  'bytes=99999999-',
  'bytes=0-2,5-6',
  'bytes=5-6,0-2',
  'bytes=0-0,-1',
  'bytes=0-4,2-5',
  'bytes=0-99999999,0-99999999',
  'bytes=5-2',
  'bytes=abc',
  'bytes=-',
  'bytes=,',
  'bytes=',
  'bytes=0-2,x',
  'bytes=0-2,5-3',
  'bytes=0--2',
  'bytes=0-2, 4-5',
  'items=0-2',
  'bytes',
  'bytes=0-2,99999999-',
  'bytes=99999999-,99999998-',
];
const ENCODINGS = [
  undefined,
  'gzip',
  'gzip, deflate',
  'deflate',
  'identity',
  'gzip;q=0',
  'gzip;q=0.5',
  'gzip;q=0.000',
  'gzip;q=1.000',
  'GZIP',
  '',
  '*',
  '*;q=0',
  'identity;q=0',
  'identity;q=0, gzip',
  'identity, gzip;q=0.5',
  'x-gzip',
  'deflate;q=1, gzip;q=0.1',
];
const CONDITIONS: Record<string, string>[] = [
  {},
  { 'if-none-match': '{TAG}' },
  { 'if-none-match': 'W/{TAG}' },
  { 'if-none-match': '"x", {TAG}' },
  { 'if-none-match': '"x"' },
  { 'if-none-match': '*' },
  { 'if-match': '{TAG}' },
  { 'if-match': '"x"' },
  { 'if-match': '"x", {TAG}' },
  { 'if-match': '*' },
  { 'if-match': 'W/{TAG}' },
  { 'if-modified-since': DATE },
  { 'if-modified-since': EARLIER },
  { 'if-modified-since': LATER },
  { 'if-modified-since': 'x' },
  { 'if-unmodified-since': DATE },
  { 'if-unmodified-since': EARLIER },
  { 'if-unmodified-since': LATER },
  { 'if-unmodified-since': 'x' },
  { 'if-match': '{TAG}', 'if-unmodified-since': EARLIER },
  { 'if-none-match': '{TAG}', 'if-modified-since': EARLIER },
  { 'if-none-match': '"x"', 'if-modified-since': DATE },
  { 'if-match': '"x"', 'if-none-match': '{TAG}' },
  { 'if-match': '{TAG}', 'if-none-match': '{TAG}' },
];
const IF_RANGES = [
  '{TAG}',
  '"x"',
  'W/{TAG}',
  DATE,
  EARLIER,
  LATER,
  'Sunday, 01-Nov-26 08:30:15 GMT',
  'x',
  '*',
];
const TARGETS = [
  '/index.html',
  '/docs',
  '/docs/index.html',
  '/docs/nothing',
  '/ten.txt/',
  '/index.html/',
  '/TEN.TXT',
  '/a%20b/%C3%BC.txt',
  '/a%20b',
  '/LICENSE',
  '/app.js',
  '/style.css.gz',
  '/ten.txt?x=../..',
  '/%74en.txt',
  '/about',
  '/about/',
  '/.hidden/x.txt',
  '/.hidden/',
  '/docs/../ten.txt',
  '/docs//index.html',
  '//ten.txt',
  '/docs/%2e%2e/ten.txt',
  '/docs%2findex.html',
  '/./ten.txt',
  '/../../etc/passwd',
  '/%00',
  '/%',
  '/%zz',
  '/%ff',
  '/%c0%ae%c0%ae/',
  '/a%0ab',
  '/%01',
  '/nothing%7f',
];

function* requests(): Generator<Ask> {
  for (const path of PATHS) {
    for (const range of RANGES)
      for (const method of ['GET', 'HEAD']) yield { method, path, headers: { range } };
    for (const headers of CONDITIONS)
      for (const method of ['GET', 'HEAD'])
        for (const more of [{}, { range: 'bytes=0-1' }, { 'accept-encoding': 'gzip' }])
          yield { method, path, headers: { ...headers, ...more } as Record<string, string> };
    for (const encoding of ENCODINGS)
      for (const range of [undefined, 'bytes=0-3', 'bytes=-3'])
        yield {
          path,
          headers: {
            ...(encoding === undefined ? {} : { 'accept-encoding': encoding }),
            ...(range === undefined ? {} : { range }),
          },
        };
    for (const ifRange of IF_RANGES)
      for (const range of ['bytes=0-1', 'bytes=99999999-'])
        for (const more of [{}, { 'accept-encoding': 'gzip' }])
          yield { path, headers: { range, 'if-range': ifRange, ...more } as Record<string, string> };
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'BREW'])
      yield { method, path };
  }
  for (const path of TARGETS) for (const method of ['GET', 'HEAD']) yield { method, path };
}

function formatDifference({
  ask: { method = 'GET', path, headers = {} },
  point,
  ours,
  theirs,
}: Difference): string {
  const said = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} ${path}`, ...said].join(', ')} → ${point} ${ours}, nginx ${theirs}`.slice(0, 300);
}

describe.each(['direct', 'node'])('beside nginx, by the engine %s', engine => {
  beforeAll(async () => {
    ours = await startWebServer(FILES, { engine });
    theirs = await startNginx(join(ours.folder, 'web-service/site'));
  });
  afterAll(async () => {
    await theirs[Symbol.asyncDispose]();
    await ours[Symbol.asyncDispose]();
  });

  it('every difference is one that we have argued for, and each of those shows', async () => {
    const all = [...requests()];
    expect(all.length).toBeGreaterThan(1_500);
    const found: Difference[] = [];
    for (let from = 0; from < all.length; from += 32)
      found.push(...(await Promise.all(all.slice(from, from + 32).map(compare))).flat());
    const unexplained = found.filter(difference => !ARGUMENTS.some(({ explains }) => explains(difference)));
    expect(unexplained.map(formatDifference)).toEqual([]);
    const stale = ARGUMENTS.filter(({ explains }) => !found.some(explains));
    expect(stale.map(({ because }) => because)).toEqual([]);
  });
});
