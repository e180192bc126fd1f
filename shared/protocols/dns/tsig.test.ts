import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, encodeUtf8, parseHex, viewOf } from '../../base/bytes.ts';
import { encodeMessage } from './encode-message.ts';
import { CLASS_IN, decodeMessage, FLAG, RCODE, TYPE } from './message.ts';
import { parseName, type Name } from './name.ts';
import type { TsigKey } from './tsig-mac.ts';
import { signMessage, verifyResponse } from './tsig.ts';
import { encodeTsigRecord } from './tsig-record.ts';

function named(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const NOW_MS = Date.UTC(2026, 10, 23);
const key: TsigKey = {
  name: named('Acme.Lares.test'),
  algorithm: 'hmac-sha256',
  secret: encodeUtf8('a secret of both'),
};
const message = encodeMessage({
  id: 0x1234,
  flags: FLAG.QR,
  questions: [{ name: named('lares.test'), type: TYPE.SOA, class: CLASS_IN }],
});
const requestMac = new Uint8Array(32).fill(7);
const response = signMessage(message, key, NOW_MS, requestMac);

/** A TSIG record of an unsigned error, as RFC 8945 §5.3.2 lets a server send. */
function withError(error: number): Uint8Array {
  const record = encodeTsigRecord(key.name, {
    algorithm: named('hmac-sha256'),
    timeSignedSeconds: 0,
    fudgeSeconds: 300,
    mac: new Uint8Array(),
    originalId: 0x1234,
    error,
    otherData: new Uint8Array(),
  });
  const bytes = concatBytes([message, record]);
  viewOf(bytes).setUint16(10, 1);
  return bytes;
}

describe('TSIG', () => {
  it('digests what RFC 8945 §4.3 says, written out here by hand', () => {
    const variables = [
      '0461636d65056c61726573047465737400', // key name, lower case
      '00ff00000000', // class ANY, TTL 0
      '0b686d61632d73686132353600', // hmac-sha256.
      `0000${Math.floor(NOW_MS / 1000).toString(16)}`, // 48 bits of seconds
      '012c00000000', // fudge, error, length of other data
    ].join('');
    const input = concatBytes([Uint8Array.of(0, 32), requestMac, message, parseHex(variables)!]);
    expect(new Uint8Array(response.mac)).toEqual(
      new Uint8Array(createHmac('sha256', key.secret).update(input).digest()),
    );
  });

  it.each(['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const)(
    'verifies what was signed with %s, and gives the message back as it was',
    algorithm => {
      const signed = signMessage(message, { ...key, algorithm }, NOW_MS, requestMac);
      expect(decodeMessage(signed.bytes)).toMatchObject({
        ok: true,
        value: { additionals: [{ type: 250 }] },
      });
      expect(verifyResponse(signed.bytes, { ...key, algorithm }, NOW_MS, requestMac)).toEqual({
        ok: true,
        value: message,
      });
    },
  );

  it('does not mind another id on the way: the original one was signed', () => {
    const forwarded = response.bytes.slice();
    viewOf(forwarded).setUint16(0, 0x4321);
    expect(verifyResponse(forwarded, key, NOW_MS, requestMac)).toEqual({ ok: true, value: message });
  });

  it.each([
    ['another secret', { key: { ...key, secret: encodeUtf8('another') } }, 'BADSIG'],
    ['another request', { requestMac: new Uint8Array(32) }, 'BADSIG'],
    ['another key', { key: { ...key, name: named('other') } }, 'BADKEY'],
    ['another algorithm', { key: { ...key, algorithm: 'hmac-sha512' as const } }, 'BADKEY'],
    ['a time 301 s later', { nowMs: NOW_MS + 301_000 }, 'BADTIME'],
    ['a time 301 s before', { nowMs: NOW_MS - 301_000 }, 'BADTIME'],
    ['no signature', { bytes: message }, 'unsigned'],
    ['a record after the signature', { bytes: trailing() }, 'FORMERR'],
  ] as const)('refuses %s', (_what, change, error) => {
    const wrong = { bytes: response.bytes, key, nowMs: NOW_MS, requestMac, ...change };
    const verified = verifyResponse(wrong.bytes, wrong.key, wrong.nowMs, wrong.requestMac);
    expect(verified).toMatchObject({ ok: false, error: { error, fromPeer: false } });
  });

  it('takes a time that differs by the fudge exactly', () => {
    expect(verifyResponse(response.bytes, key, NOW_MS + 300_000, requestMac).ok).toBe(true);
  });

  it.each([
    ['BADKEY', RCODE.BADKEY],
    ['BADSIG', RCODE.BADSIG],
    ['BADTRUNC', RCODE.BADTRUNC],
  ] as const)('hears %s from a server that cannot sign', (error, rcode) => {
    expect(verifyResponse(withError(rcode), key, NOW_MS, requestMac)).toEqual({
      ok: false,
      error: { error, fromPeer: true },
    });
  });

  it('never takes an unsigned answer for a signed one, whatever its error field says', () => {
    expect(verifyResponse(withError(RCODE.NOERROR), key, NOW_MS, requestMac).ok).toBe(false);
    expect(verifyResponse(withError(RCODE.BADTIME), key, NOW_MS, requestMac).ok).toBe(false);
  });

  it('refuses every change of a signed byte, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(response.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = response.bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ bits;
        const verified = verifyResponse(changed, key, NOW_MS, requestMac);
        // The id is not signed (the original one is), nor is the record's TTL, and names are equal in either case.
        if (verified.ok) expect(verified.value).toEqual(message);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        bytes => !verifyResponse(bytes, key, NOW_MS, requestMac).ok,
      ),
    );
  });
});

function trailing(): Uint8Array {
  const record = Uint8Array.of(0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0);
  const bytes = concatBytes([response.bytes, record]);
  viewOf(bytes).setUint16(10, 2);
  return bytes;
}
