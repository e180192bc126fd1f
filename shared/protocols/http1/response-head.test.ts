import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../base/bytes.ts';
import { DATE_BYTES, dateOffsetOf, encodeInterim, encodeResponseHead } from './response-head.ts';

const nowMs = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('encodeResponseHead()', () => {
  it('puts Date first, at a place that is known', () => {
    const fields = ['content-type', 'text/plain', 'content-length', '2'];
    const head = encodeResponseHead({ status: 200, fields, body: [] }, { nowMs });
    expect(decodeUtf8(head)).toBe(
      'HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n',
    );
    const at = dateOffsetOf(200);
    expect(decodeUtf8(head.subarray(at, at + DATE_BYTES))).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  });

  it.each([
    [200, 'content-length: 3'],
    [404, 'content-length: 3'],
  ])('tells the length of a %i that has none', (status, line) => {
    const response = { status, fields: [], body: [new Uint8Array(1), new Uint8Array(2)] };
    expect(decodeUtf8(encodeResponseHead(response, { nowMs }))).toContain(`${line}\r\n`);
    expect(decodeUtf8(encodeResponseHead(response, { nowMs, toHead: true }))).not.toContain('content-length');
  });

  it.each([204, 304])('tells none for %i (RFC 9110 §8.6, §15.4.5)', status => {
    const head = encodeResponseHead({ status, fields: [], body: [] }, { nowMs });
    expect(decodeUtf8(head)).not.toContain('content-length');
  });

  it('says when the connection ends (RFC 9112 §9.6)', () => {
    const head = encodeResponseHead({ status: 204, fields: [], body: [] }, { nowMs, connection: 'close' });
    expect(decodeUtf8(head)).toMatch(/\r\nconnection: close\r\n\r\n$/);
  });

  it('takes no line end in a field', () => {
    const response = { status: 200, fields: ['location', '/\r\nset-cookie: a=b'], body: [] };
    expect(() => encodeResponseHead(response, { nowMs })).toThrow('one line');
  });
});

it('encodeInterim() is a head alone (RFC 8297)', () => {
  expect(decodeUtf8(encodeInterim(100))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  expect(decodeUtf8(encodeInterim(103, ['link', '</a.css>; rel=preload']))).toBe(
    'HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n',
  );
});
