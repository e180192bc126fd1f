import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { HttpResponse } from '../devices/http.ts';
import { ResponseDecoder } from './http-response.ts';

const chunked =
  'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n' +
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-a: 1\r\nX-A: 2\r\n\r\n' +
  '4;note=x\r\nwiki\r\n6\r\npedia \r\n3\r\n\r\n!\r\n0\r\ntrailer: t\r\n\r\n';

describe('ResponseDecoder', () => {
  it('decodes the same however the bytes are cut', () => {
    const bytes = encodeUtf8(chunked);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: bytes.length }), sizes => {
        const decoder = new ResponseDecoder('GET', 1_000);
        let response: HttpResponse | undefined;
        for (let start = 0; start < bytes.length; start += sizes.shift() ?? 1)
          response = decoder.step(bytes.slice(start, start + (sizes[0] ?? 1)));
        expect(response?.status).toBe(200);
        expect(response?.headers['x-a']).toBe('1, 2');
        expect(decodeUtf8(response?.body ?? new Uint8Array())).toBe('wikipedia \r\n!');
      }),
    );
  });

  it('throws DeviceError alone, whatever the bytes', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'transfer-encoding: chunked\r\n',
        'content-length: 5\r\n',
        '\r\n',
        '5\r\n',
        '0\r\n',
      ),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const decoder = new ResponseDecoder('GET', 100);
        try {
          for (const text of pieces) if (decoder.step(encodeUtf8(text)) !== undefined) return;
          decoder.end();
        } catch (error) {
          expect(error).toBeInstanceOf(DeviceError);
        }
      }),
    );
  });

  it('a HEAD response and a 304 have no body, whatever their length says', () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n';
    expect(new ResponseDecoder('HEAD', 10).step(encodeUtf8(head))?.body.length).toBe(0);
    const notModified = 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n';
    expect(new ResponseDecoder('GET', 10).step(encodeUtf8(notModified))?.body.length).toBe(0);
  });

  it('a body cut short is a reset', () => {
    const decoder = new ResponseDecoder('GET', 10);
    decoder.step(encodeUtf8('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc'));
    expect(() => decoder.end()).toThrow(expect.objectContaining({ kind: 'reset' }) as Error);
  });
});
