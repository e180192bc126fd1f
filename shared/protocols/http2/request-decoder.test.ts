import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOf, IndexingEncoder, type Field } from './hpack/testing/indexing-encoder.ts';
import { RequestDecoder, type DecodedRequest, type RequestMessage } from './request-decoder.ts';

const LIMITS = { headerBytes: 1_000, headerFields: 8 };
const GET: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'h'],
  [':path', '/a?b'],
];

function read(
  fields: readonly Field[],
  decoder: RequestDecoder = new RequestDecoder(LIMITS),
): DecodedRequest {
  const block = blockOf(fields);
  return decoder.readRequest(block, 0, block.length);
}

function message(decoded: DecodedRequest): RequestMessage {
  if (decoded.kind !== 'request') throw new Error(JSON.stringify(decoded));
  return decoded;
}

/** The fields of a request that has these besides the pseudo-header fields. */
function fieldsOf(...fields: Field[]): Record<string, unknown> {
  return { ...message(read([...GET, ...fields])).request.fields };
}

/** A GET without some of its fields, and with others before or after the rest. */
function changed(without: string, ...others: Field[]): Field[] {
  return [...GET.filter(([name]) => name !== without), ...others];
}

describe('a request', () => {
  it('has the authority as its host, and no pseudo-header fields among the others', () => {
    const { request, contentLength, expectsContinue, isRepeated } = message(read(GET));
    expect(request).toEqual({ method: 'GET', target: '/a?b', fields: { host: 'h' } });
    expect([contentLength, expectsContinue, isRepeated]).toEqual([undefined, false, false]);
    expect(Object.getPrototypeOf(Object.getPrototypeOf(request.fields))).toBeNull();
    expect('constructor' in request.fields).toBe(false);
  });

  it('may have Host for :authority (RFC 9113 §8.3.1)', () => {
    expect(message(read(changed(':authority', ['host', 'g']))).request.fields['host']).toBe('g');
  });

  it('may have the same host twice, in another form (RFC 3986 §6.2)', () => {
    expect(fieldsOf(['host', 'H:443'])['host']).toBe('h');
    const plain: Field[] = [
      ...GET.filter(([name]) => name !== ':scheme'),
      [':scheme', 'http'],
      ['host', 'h:80'],
    ];
    expect(read(plain).kind).toBe('request');
  });

  it('is told what repeated fields come to', () => {
    expect(fieldsOf(['cookie', 'a=b'], ['accept', 'x'], ['cookie', 'c=d'], ['accept', 'y'])).toEqual({
      host: 'h',
      cookie: 'a=b; c=d',
      accept: 'x, y',
    });
    expect(fieldsOf(['user-agent', 'one'], ['user-agent', 'two'])['user-agent']).toBe('one');
  });

  it('tells its length, expectation and priority', () => {
    const decoded = read([
      ...GET,
      ['content-length', '12'],
      ['expect', '100-Continue'],
      ['priority', 'u=1, i'],
    ]);
    expect(decoded).toMatchObject({
      contentLength: 12,
      expectsContinue: true,
      priority: { urgency: 1, incremental: true },
    });
    expect(message(read(GET)).priority).toEqual({ urgency: 3, incremental: false });
  });

  it('expects nothing before no content (RFC 9110 §10.1.1)', () => {
    const decoded = read([...GET, ['expect', '100-continue'], ['content-length', '0']]);
    expect(message(decoded).expectsContinue).toBe(false);
  });

  it('has nothing of the one before', () => {
    const decoder = new RequestDecoder(LIMITS);
    read([[':method', 'CONNECT'], [':protocol', 'websocket'], ...GET.slice(1), ['a', 'b']], decoder);
    expect(message(read(GET, decoder)).request).toEqual(message(read(GET)).request);
    expect(read([[':method', 'GET']], decoder).kind).toBe('malformed');
  });

  it('may be OPTIONS of the whole server', () => {
    const options: Field[] = [
      [':method', 'OPTIONS'],
      [':scheme', 'https'],
      [':path', '*'],
    ];
    expect(message(read(options)).request.target).toBe('*');
  });

  it('may be CONNECT, of both kinds (RFC 9113 §8.5, RFC 8441 §4)', () => {
    const plain: Field[] = [
      [':method', 'CONNECT'],
      [':authority', 'h:1'],
    ];
    expect(message(read(plain)).request).toEqual({
      method: 'CONNECT',
      target: 'h:1',
      fields: { host: 'h:1' },
    });
    const extended: Field[] = [[':method', 'CONNECT'], [':protocol', 'websocket'], ...GET.slice(1)];
    expect(message(read(extended)).request).toEqual({
      method: 'CONNECT',
      target: '/a?b',
      fields: { host: 'h' },
    });
  });

  it('may say TE: trailers, and no more of it (RFC 9113 §8.2.2)', () => {
    expect(fieldsOf(['te', 'trailers'])['te']).toBe('trailers');
    expect(read([...GET, ['te', 'gzip, trailers']]).kind).toBe('malformed');
  });
});

describe('a request is malformed (RFC 9113 §8.1.1)', () => {
  const cases: [string, readonly Field[]][] = [
    ['without :method', changed(':method')],
    ['without :scheme', changed(':scheme')],
    ['without :path', changed(':path')],
    ['with an empty path', changed(':path', [':path', ''])],
    ['with a path that is none', changed(':path', [':path', 'a'])],
    ['with * for GET', changed(':path', [':path', '*'])],
    ['with a path of other bytes', changed(':path', [':path', '/\xe9'])],
    ['with a space in the path', changed(':path', [':path', '/a b'])],
    ['with an empty method', changed(':method', [':method', ''])],
    ['with a method that is none', changed(':method', [':method', 'G T'])],
    ['with a scheme that is none', changed(':scheme', [':scheme', '1'])],
    ['with two of :method', [...GET, [':method', 'GET']]],
    ['with two of :scheme', [...GET, [':scheme', 'https']]],
    ['with two of :authority', [...GET, [':authority', 'h']]],
    ['with two of :path', [...GET, [':path', '/']]],
    [
      'with two of :protocol',
      [[':method', 'CONNECT'], [':protocol', 'a'], [':protocol', 'a'], ...GET.slice(1)],
    ],
    ['with a pseudo-header field after others', [['a', 'b'], ...GET]],
    ['with a pseudo-header field of answers', [...GET, [':status', '200']]],
    ['with an unknown pseudo-header field', [...GET, [':x', '']]],
    ['with :protocol, but for CONNECT', [...GET, [':protocol', 'websocket']]],
    [
      'that is CONNECT with a path',
      [
        [':method', 'CONNECT'],
        [':authority', 'h'],
        [':path', '/'],
      ],
    ],
    [
      'that is CONNECT with a scheme',
      [
        [':method', 'CONNECT'],
        [':authority', 'h'],
        [':scheme', 'https'],
      ],
    ],
    ['that is CONNECT without authority', [[':method', 'CONNECT']]],
    [
      'that is extended CONNECT without a path',
      [
        [':method', 'CONNECT'],
        [':protocol', 'a'],
        [':scheme', 'https'],
      ],
    ],
    ['with user information', changed(':authority', [':authority', 'u@h'])],
    ['with a host that is none', changed(':authority', ['host', 'a/b'])],
    ['with two hosts', changed(':authority', ['host', 'h'], ['host', 'h'])],
    ['with a host that is another', [...GET, ['host', 'g']]],
    ['with a host of another port', [...GET, ['host', 'h:80']]],
    ['with two lengths', [...GET, ['content-length', '1'], ['content-length', '1']]],
    ['with a length that is none', [...GET, ['content-length', '+1']]],
    ['with an empty length', [...GET, ['content-length', '']]],
    ['with a name in upper case', [...GET, ['Accept', 'a']]],
    ['with an empty name', [...GET, ['', 'a']]],
    ['with a space in a name', [...GET, ['a b', 'a']]],
    ['with a colon in a name', [...GET, ['a:b', 'a']]],
    ['with a name beyond ASCII', [...GET, ['\xe9', 'a']]],
    ['with NUL in a value', [...GET, ['a', 'b\0']]],
    ['with LF in a value', [...GET, ['a', 'b\nc']]],
    ['with CR in a value', [...GET, ['a', 'b\rc']]],
    ['with a value that begins by a space', [...GET, ['a', ' b']]],
    ['with a value that ends by a tab', [...GET, ['a', 'b\t']]],
    ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'].map(
      (name): [string, Field[]] => [`with ${name}`, [...GET, [name, 'x']]],
    ),
  ];
  it.each(cases)('%s', (_, fields) => {
    expect(read(fields).kind).toBe('malformed');
  });
});

describe('the limits', () => {
  it('are of the list as RFC 9113 §6.5.2 counts it', () => {
    const used = GET.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    const rest = LIMITS.headerBytes - used - 33;
    expect(read([...GET, ['a', 'b'.repeat(rest)]]).kind).toBe('request');
    expect(read([...GET, ['a', 'b'.repeat(rest + 1)]]).kind).toBe('too-large');
  });

  it('are of the number of fields', () => {
    const fields = Array.from({ length: 12 }, (): Field => ['a', '']);
    expect(read([...GET, ...fields.slice(0, LIMITS.headerFields)]).kind).toBe('request');
    expect(read([...GET, ...fields]).kind).toBe('too-large');
  });

  it('leave the table right for the next request', () => {
    const decoder = new RequestDecoder(LIMITS);
    const encoder = new IndexingEncoder(4096);
    for (const field of [...GET, ['a', 'b'.repeat(900)] as const, ['c', 'd'] as const]) encoder.add(field);
    const large = encoder.finish();
    expect(decoder.readRequest(large, 0, large.length).kind).toBe('too-large');
    for (const field of [...GET, ['c', 'd'] as const]) encoder.add(field);
    const next = encoder.finish();
    expect(message(decoder.readRequest(next, 0, next.length)).request.fields['c']).toBe('d');
  });
});

it('a block that is none is a fault of the connection (RFC 9113 §4.3)', () => {
  const decoder = new RequestDecoder(LIMITS);
  expect(decoder.readRequest(Uint8Array.of(0x80), 0, 1).kind).toBe('compression');
  expect(decoder.readTrailers(Uint8Array.of(0x80), 0, 1)).toBe('compression');
});

describe('readTrailers()', () => {
  const trailers = (...fields: Field[]) => {
    const block = blockOf(fields);
    return new RequestDecoder(LIMITS).readTrailers(block, 0, block.length);
  };

  it('takes fields', () => {
    expect(trailers()).toBe('ok');
    expect(trailers(['checksum', 'x'])).toBe('ok');
  });

  it.each<Field>([
    [':path', '/'],
    ['Checksum', 'x'],
    ['connection', 'close'],
    ['checksum', 'x'.repeat(LIMITS.headerBytes)],
  ])('refuses %s (RFC 9113 §8.1)', (name, value) => {
    expect(trailers([name, value])).toBe('malformed');
    expect(trailers([name, value], ['checksum', 'x'])).toBe('malformed');
  });
});

describe('a block that came before', () => {
  /** What becomes of a list that is sent several times over one connection. */
  function repeat(
    fields: readonly Field[],
    times = 4,
    decoder = new RequestDecoder(LIMITS),
  ): RequestMessage[] {
    const encoder = new IndexingEncoder(4096);
    return Array.from({ length: times }, () => {
      for (const field of fields) encoder.add(field, field[0] === ':path' ? 'literal' : 'indexed');
      const block = encoder.finish();
      return message(decoder.readRequest(block, 0, block.length));
    });
  }

  it('is the same request', () => {
    const [first, second, third, fourth] = repeat([...GET, ['accept', 'x']]);
    expect([first, second, third, fourth].map(each => each?.isRepeated)).toEqual([false, false, true, true]);
    expect(third?.request).toBe(second?.request);
    expect(fourth).toBe(third);
    expect({ ...second, isRepeated: true }).toEqual(third);
  });

  it.each(['cookie', 'authorization', 'proxy-authorization'])('is not kept with %s', name => {
    expect(repeat([...GET, [name, 'x']]).map(({ isRepeated }) => isRepeated)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('is not kept where it is long', () => {
    const long = changed(':path', [':path', `/${'~'.repeat(600)}`]);
    expect(repeat(long).some(({ isRepeated }) => isRepeated)).toBe(false);
  });

  it('is another request where the table changed in between', () => {
    const decoder = new RequestDecoder(LIMITS);
    const block = Uint8Array.fromHex('828684be');
    const add = (authority: string) => {
      const bytes = blockOf([...GET.slice(0, 2), [':path', '/'], [':authority', authority]]);
      decoder.readRequest(bytes, 0, bytes.length);
    };
    const hosts = ['a', 'b'].map(authority => {
      add(authority);
      decoder.readRequest(block, 0, 4);
      const { request, isRepeated } = message(decoder.readRequest(block, 0, 4));
      return [request.fields['host'], isRepeated];
    });
    expect(hosts).toEqual([
      ['a', true],
      ['b', true],
    ]);
  });

  it('is not what came to stand in its place', () => {
    const decoder = new RequestDecoder(LIMITS);
    const buffer = Uint8Array.fromHex('828784');
    decoder.readRequest(buffer, 0, 3);
    buffer.set([0x85], 2);
    const { request, isRepeated } = message(decoder.readRequest(buffer, 0, 3));
    expect([request.target, isRepeated]).toEqual(['/index.html', false]);
  });

  it('is known among the last eight', () => {
    const decoder = new RequestDecoder(LIMITS);
    const ask = (path: string) => {
      const block = Uint8Array.fromHex(`82870401${path}`);
      return message(decoder.readRequest(block, 0, block.length));
    };
    const paths = Array.from({ length: 9 }, (_, index) => (0x2f).toString(16) + (index + 0x30).toString(16));
    const block = (path: string) => Uint8Array.fromHex(`82870402${path}`);
    const read9 = () => paths.map(path => message(decoder.readRequest(block(path), 0, 6)).isRepeated);
    expect(ask('2f').isRepeated).toBe(false);
    expect(ask('2f').isRepeated).toBe(true);
    expect(read9()).not.toContain(true);
    expect(ask('2f').isRepeated).toBe(false);
    expect(message(decoder.readRequest(block(paths[8] as string), 0, 6)).isRepeated).toBe(true);
  });

  it('is read as without memory', () => {
    const field = fc.constantFrom<Field>(
      ['accept', 'a'],
      ['accept', 'b'],
      ['cookie', 'c'],
      ['Bad', ''],
      ['x', 'y'],
    );
    const list = fc.tuple(fc.constantFrom('/', '/a', '/b', 'bad'), fc.array(field, { maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(list, { maxLength: 20 }), lists => {
        const encoder = new IndexingEncoder(150);
        const decoder = new RequestDecoder(LIMITS);
        encoder.resize(150);
        for (const [path, fields] of lists) {
          const all = [...GET.slice(0, 3), [':path', path] as const, ...fields];
          for (const each of all) encoder.add(each, each[0] === ':path' ? 'literal' : 'indexed');
          const block = encoder.finish();
          const decoded = decoder.readRequest(block, 0, block.length);
          const fresh = read(all);
          expect({ ...decoded, isRepeated: false }).toEqual({ ...fresh, isRepeated: false });
        }
      }),
    );
  });
});

it('takes any bytes without throwing', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), blocks => {
      const decoder = new RequestDecoder(LIMITS);
      for (const block of blocks) {
        decoder.readRequest(block, 0, block.length);
        decoder.readTrailers(block, 0, block.length);
      }
    }),
  );
});
