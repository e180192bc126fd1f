import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, decodeUtf8 } from '../../base/bytes.ts';
import { RequestStream } from './request-stream.ts';
import { HOST, REFUSED, TAKEN } from './testing/corpus.ts';

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
    open: stream.refused === undefined && (stream.inContent || stream.reading === 'more'),
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

const CHUNKED_POST = `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;

describe('RequestStream takes', () => {
  it.each(TAKEN)('%s', (_, request) => {
    const { requests, refused, open } = readText(request);
    expect([requests.length, refused, open]).toEqual([1, undefined, false]);
  });
});

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
