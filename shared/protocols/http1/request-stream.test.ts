import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, decodeUtf8 } from '../../base/bytes.ts';
import { RequestStream } from './request-stream.ts';

const LIMITS = { headerBytes: 512, headerFields: 8 };

interface Seen {
  readonly requests: {
    method: string;
    target: string;
    fields: object;
    keepAlive: boolean;
    content: string;
  }[];
  readonly refused: number | undefined;
  /** Whether a request was begun and not ended. */
  readonly open: boolean;
}

/** Reads the pieces one after another, as a connection does. */
function read(pieces: readonly Uint8Array[]): Seen {
  const stream = new RequestStream(LIMITS);
  const requests: (Seen['requests'][number] & { parts: Uint8Array[] })[] = [];
  for (const piece of pieces)
    for (let at = 0; at < piece.length && stream.refused === undefined;) {
      at = stream.read(piece, at, piece.length);
      const parts = requests.at(-1)?.parts;
      if (stream.reading === 'content' || stream.reading === 'end')
        parts?.push(piece.slice(stream.contentStart, stream.contentEnd));
      if (stream.reading !== 'head') continue;
      const { request, keepAlive } = stream.head!;
      requests.push({ ...request, fields: { ...request.fields }, keepAlive, content: '', parts: [] });
    }
  return {
    requests: requests.map(({ parts, ...request }) => ({
      ...request,
      content: decodeUtf8(concatBytes(parts)),
    })),
    refused: stream.refused?.status,
    open: stream.refused === undefined && stream.inRequest,
  };
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}

function readText(text: string): Seen {
  return read([bytesOf(text)]);
}

function statusOf(text: string): number | undefined {
  return readText(text).refused;
}

describe('RequestStream reads requests', () => {
  it('one without content', () => {
    expect(readText('GET /a?b HTTP/1.1\r\nHost: h\r\nAccept:  x \t\r\n\r\n')).toEqual({
      requests: [
        { method: 'GET', target: '/a?b', fields: { host: 'h', accept: 'x' }, keepAlive: true, content: '' },
      ],
      refused: undefined,
      open: false,
    });
  });

  it('several, with content by length and in chunks (RFC 9112 §6, §7.1)', () => {
    const { requests, open } = readText(
      'POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello' +
        '\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3;x="y"\r\nabc\r\n0a \r\n0123456789\r\n0\r\nt: x\r\n\r\n' +
        'GET /3 HTTP/1.0\r\n\r\n',
    );
    expect(requests.map(({ target, content, keepAlive }) => [target, content, keepAlive])).toEqual([
      ['/1', 'hello', true],
      ['/2', 'abc0123456789', true],
      ['/3', '', false],
    ]);
    expect(open).toBe(false);
  });

  it.each([
    ['HTTP/1.1', 'close', false],
    ['HTTP/1.1', 'Foo, CLOSE', false],
    ['HTTP/1.0', 'Keep-Alive', true],
    ['HTTP/1.0', 'x', false],
    ['HTTP/1.1', 'x', true],
  ])('%s with Connection: %s persists: %s (RFC 9112 §9.3)', (version, connection, keepAlive) => {
    const { requests } = readText(`GET / ${version}\r\nHost: h\r\nConnection: ${connection}\r\n\r\n`);
    expect(requests[0]?.keepAlive).toBe(keepAlive);
  });

  it('repeated fields as one list, cookies by their own separator (RFC 9110 §5.3)', () => {
    const { requests } = readText(
      'GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\na: 2\r\ncookie: x\r\nCookie: y\r\nUser-Agent: u\r\nuser-agent: v\r\n\r\n',
    );
    expect(requests[0]?.fields).toEqual({ host: 'h', a: '1, 2', cookie: 'x; y', 'user-agent': 'u' });
  });

  it('names that mean something to JavaScript', () => {
    const { requests } = readText('GET / HTTP/1.1\r\nHost: h\r\n__proto__: x\r\nconstructor: y\r\n\r\n');
    expect(Object.entries(requests[0]!.fields)).toEqual([
      ['host', 'h'],
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});

const HOST = 'Host: h\r\n';

/** Each of these is refused, and its connection closed. */
const REFUSED: readonly (readonly [what: string, status: number, request: string])[] = [
  ['a bare LF', 400, `GET / HTTP/1.1\n${HOST}\r\n`],
  ['a bare CR', 400, `GET / HTTP/1.1\r\nA: x\ry\r\n${HOST}\r\n`],
  ['a bare LF as the end', 400, `GET / HTTP/1.1\r\n${HOST}\n`],
  ['NUL in a value', 400, `GET / HTTP/1.1\r\n${HOST}A: x\0y\r\n\r\n`],
  ['a space before the colon', 400, `GET / HTTP/1.1\r\n${HOST}A : x\r\n\r\n`],
  ['an obs-fold', 400, `GET / HTTP/1.1\r\n${HOST}A: x\r\n y\r\n\r\n`],
  ['whitespace before the first field', 400, `GET / HTTP/1.1\r\n A: x\r\n${HOST}\r\n`],
  ['a field without a name', 400, `GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`],
  ['a field without a colon', 400, `GET / HTTP/1.1\r\n${HOST}abc\r\n\r\n`],
  ['no Host', 400, 'GET / HTTP/1.1\r\n\r\n'],
  ['two Hosts', 400, `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`],
  ['a Host with a path', 400, 'GET / HTTP/1.1\r\nHost: h/x\r\n\r\n'],
  ['a Host with user information', 400, 'GET / HTTP/1.1\r\nHost: a@h\r\n\r\n'],
  ['both lengths', 400, `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`],
  [
    'both lengths in turn',
    400,
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n`,
  ],
  ['two lengths', 400, `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`],
  ['a length with a sign', 400, `POST / HTTP/1.1\r\n${HOST}Content-Length: +3\r\n\r\n`],
  ['a list of lengths', 400, `POST / HTTP/1.1\r\n${HOST}Content-Length: 3, 3\r\n\r\n`],
  ['a hexadecimal length', 400, `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x3\r\n\r\n`],
  ['an empty length', 400, `POST / HTTP/1.1\r\n${HOST}Content-Length: \r\n\r\n`],
  ['an endless length', 400, `POST / HTTP/1.1\r\n${HOST}Content-Length: ${'9'.repeat(30)}\r\n\r\n`],
  ['chunked twice', 400, `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, chunked\r\n\r\n`],
  ['chunked not last', 400, `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, gzip\r\n\r\n`],
  ['chunked with a trick', 400, `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n`],
  ['a coding besides chunked', 501, `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ['chunked from 1.0', 400, 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['two spaces', 400, `GET  / HTTP/1.1\r\n${HOST}\r\n`],
  ['a tab for a space', 400, `GET\t/ HTTP/1.1\r\n${HOST}\r\n`],
  ['no version', 400, `GET /\r\n${HOST}\r\n`],
  ['a version in lower case', 400, `GET / http/1.1\r\n${HOST}\r\n`],
  ['a version of two digits', 400, `GET / HTTP/1.10\r\n${HOST}\r\n`],
  ['another major version', 505, `GET / HTTP/3.0\r\n${HOST}\r\n`],
  ['an unknown expectation', 417, `GET / HTTP/1.1\r\n${HOST}Expect: tea\r\n\r\n`],
  ['the first bytes of TLS', 400, '\x16\x03\x01\x02\0'],
  ['many empty lines', 400, '\r\n'.repeat(5)],
  ['a long target', 414, `GET /${'a'.repeat(600)}`],
  ['a long field', 431, `GET / HTTP/1.1\r\nA: ${'a'.repeat(600)}`],
  ['many fields', 431, `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(9)}\r\n`],
];

const CHUNKED_POST = `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;

describe('RequestStream refuses', () => {
  it.each(REFUSED)('%s by %i', (_, status, request) => {
    expect(statusOf(request)).toBe(status);
  });

  it.each([
    '\r\n',
    'x\r\n',
    '-1\r\n',
    '3\nabc\r\n',
    '3\r\nabcd\r\n',
    '3\r\nabc\n',
    '0\r\n\n',
    '1234567890abc\r\n',
    ' 3\r\n',
    '0\r\na: \0\r\n',
    '0\r\n x: y\r\n',
    '3;\n',
  ])('the chunk %j', chunk => {
    expect(statusOf(`${CHUNKED_POST}${chunk}`)).toBe(400);
  });

  it('endless chunk extensions and trailers', () => {
    expect(statusOf(`${CHUNKED_POST}1;${'a'.repeat(5000)}`)).toBe(400);
    expect(statusOf(`${CHUNKED_POST}0\r\n${'a: b\r\n'.repeat(2000)}`)).toBe(400);
  });
});

/** Texts near HTTP: whole requests, refused ones, and pieces of both. */
const nearlyHttp = fc
  .array(
    fc.oneof(
      fc.constantFrom(...REFUSED.map(([, , request]) => request)),
      fc.constantFrom(
        `GET / HTTP/1.1\r\n${HOST}\r\n`,
        `${CHUNKED_POST}3\r\nabc\r\n0\r\n\r\n`,
        `POST / HTTP/1.1\r\n${HOST}Content-Length: 4\r\n\r\nabcd`,
        '\r\n',
        '\r',
        '0\r\n',
      ),
      fc.string({ maxLength: 20 }),
    ),
    { maxLength: 5 },
  )
  .map(parts => bytesOf(parts.join('')));

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [0, ...places.map(place => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return cuts.slice(1).map((cut, index) => bytes.slice(cuts[index], cut));
}

describe('RequestStream, whatever comes', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 700 }), nearlyHttp), bytes => void read([bytes])),
    );
  });

  it('finds the same in any pieces', () => {
    fc.assert(
      fc.property(nearlyHttp, fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
        expect(read(cutAt(bytes, places))).toEqual(read([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('finds the same byte by byte', () => {
    fc.assert(
      fc.property(nearlyHttp, bytes => {
        expect(read([...bytes].map(byte => Uint8Array.of(byte)))).toEqual(read([bytes]));
      }),
    );
  });
});
