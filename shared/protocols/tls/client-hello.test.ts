import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeUtf8 } from '../../base/bytes.ts';
import { CLIENT_HELLO_MAX_BYTES, parseClientHello } from './client-hello.ts';
import {
  encodeAlpn,
  encodeClientHello,
  encodeExtension,
  encodeHello,
  encodeRecords,
  encodeServerNames,
} from './encode-client-hello.ts';
import {
  acmeHello,
  chromiumHello,
  curlHello,
  nodeHello,
  opensslHello,
  plainHello,
} from './testing/real-hellos.ts';

const h2AndHttp1 = ['h2', 'http/1.1'];

describe('a ClientHello of a real client', () => {
  it.each([
    ['openssl', opensslHello, 'example.org', h2AndHttp1],
    ['an authority that validates', acmeHello, 'example.org', ['acme-tls/1']],
    ['one without name and protocol', plainHello, undefined, undefined],
    ['curl', curlHello, 'example.org', h2AndHttp1],
    ['node', nodeHello, 'example.org', ['http/1.1']],
    ['chromium', chromiumHello, 'example.org', h2AndHttp1],
  ])('%s', (_client, bytes, serverName, alpnProtocols) => {
    expect(parseClientHello(bytes)).toEqual({ serverName, alpnProtocols });
  });

  it('wants more at every byte before its end, and the bytes after it change nothing', () => {
    for (const hello of [opensslHello, chromiumHello]) {
      for (let length = 0; length < hello.length; length++)
        expect(parseClientHello(hello.subarray(0, length))).toBe('more');
      expect(parseClientHello(concatBytes([hello, Uint8Array.of(20, 3, 3, 0, 1, 1)]))).toEqual(
        parseClientHello(hello),
      );
    }
  });

  it('is the same in records of any size (RFC 8446 §5.1)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), size => {
        const records = encodeRecords(opensslHello.subarray(5), size);
        expect(parseClientHello(records)).toEqual(parseClientHello(opensslHello));
      }),
    );
  });
});

describe('what is no ClientHello', () => {
  it.each([
    ['HTTP', encodeUtf8('GET / HTTP/1.1\r\n'), 'not-tls'],
    ['SSH', encodeUtf8('SSH-2.0-OpenSSH\r\n'), 'not-tls'],
    ['an SSLv2 hello', Uint8Array.of(0x80, 0x2e, 1, 3, 1), 'not-tls'],
    ['a handshake record of version 4.1', Uint8Array.of(22, 4), 'not-tls'],
    ['an empty record', Uint8Array.of(22, 3, 1, 0, 0), 'malformed'],
    ['a record above 2^14', Uint8Array.of(22, 3, 1, 0x40, 1), 'malformed'],
    ['another message than ClientHello', Uint8Array.of(22, 3, 1, 0, 4, 2), 'malformed'],
    ['a message above the limit', Uint8Array.of(22, 3, 1, 1, 0, 1, 0, 0x40, 0), 'malformed'],
    ['more in the record than the message', Uint8Array.of(22, 3, 1, 1, 0, 1, 0, 0, 9), 'malformed'],
    ['another record within the message', Uint8Array.of(22, 3, 1, 0, 1, 1, 23, 3, 3), 'malformed'],
  ])('%s', (_what, bytes, expected) => {
    expect(parseClientHello(bytes)).toBe(expected);
  });

  it('is a message that dribbles in as tiny records beyond the limit', () => {
    const message = concatBytes([Uint8Array.of(1, 0, 0x3f, 0), new Uint8Array(0x3f00)]);
    const records = encodeRecords(message, 1);
    expect(records.length).toBeGreaterThan(CLIENT_HELLO_MAX_BYTES);
    expect(parseClientHello(records)).toBe('malformed');
  });
});

describe('the extensions', () => {
  it.each([
    ['two names', [encodeServerNames(['a.test', 'b.test'])], 'malformed'],
    ['no name in the list', [encodeServerNames([])], 'malformed'],
    ['an empty name', [encodeServerNames([''])], 'malformed'],
    ['a name that is not ASCII', [encodeServerNames(['bücher.test'])], 'malformed'],
    ['a name with a zero byte', [encodeServerNames(['a.test\0.b.test'])], 'malformed'],
    ['the extension twice', [encodeServerNames(['a.test']), encodeServerNames(['a.test'])], 'malformed'],
    ['an empty protocol', [encodeExtension(16, Uint8Array.of(0, 1, 0))], 'malformed'],
    ['no protocol', [encodeExtension(16, Uint8Array.of(0, 0))], 'malformed'],
    ['bytes behind the protocols', [encodeExtension(16, Uint8Array.of(0, 2, 1, 65, 9))], 'malformed'],
    ['a list longer than its extension', [encodeExtension(16, Uint8Array.of(0, 3, 1, 65))], 'malformed'],
    [
      'a protocol of any bytes',
      [encodeExtension(16, Uint8Array.of(0, 2, 1, 0xfa))],
      { serverName: undefined, alpnProtocols: ['\u00fa'] },
    ],
    ['capitals', [encodeServerNames(['A.Test'])], { serverName: 'a.test', alpnProtocols: undefined }],
  ])('%s', (_what, extensions, expected) => {
    expect(parseClientHello(encodeHello(extensions))).toEqual(expected);
  });

  it('may be missing altogether (RFC 5246 §7.4.1.2)', () => {
    expect(parseClientHello(encodeHello(undefined))).toEqual({
      serverName: undefined,
      alpnProtocols: undefined,
    });
  });

  it('end where the message ends', () => {
    const hello = encodeHello([encodeServerNames(['a.test']), encodeAlpn(['h2'])]);
    // One byte less in the list than there is in the message.
    const lengthAt = 5 + 4 + 2 + 32 + 7;
    hello[lengthAt + 1] = (hello[lengthAt + 1] ?? 0) - 1;
    expect(parseClientHello(hello)).toBe('malformed');
  });

  it('come back as they were encoded', () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?$/);
    const protocols = fc.array(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' }), {
      minLength: 1,
    });
    const anyHello = fc.record({
      serverName: fc.option(name, { nil: undefined }),
      alpnProtocols: fc.option(protocols, { nil: undefined }),
    });
    fc.assert(
      fc.property(anyHello, hello => {
        expect(parseClientHello(encodeClientHello(hello))).toEqual(hello);
      }),
    );
  });
});

/** Any bytes, and real hellos with some bytes changed. */
const anything = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom(opensslHello, curlHello, chromiumHello, acmeHello),
      fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 6 }),
    )
    .map(([hello, changes]) => {
      const changed = Uint8Array.from(hello);
      for (const [at, value] of changes) changed[at % changed.length] = value;
      return changed;
    }),
);

describe('any bytes', () => {
  it('never throw, and their first answer stands whatever comes later', () => {
    fc.assert(
      fc.property(anything, fc.nat(2_000), (bytes, at) => {
        const whole = parseClientHello(bytes);
        const part = parseClientHello(bytes.subarray(0, at % (bytes.length + 1)));
        if (part !== 'more') expect(part).toEqual(whole);
      }),
      { numRuns: 3_000 },
    );
  });
});
