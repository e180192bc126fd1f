import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockWriter } from './block-writer.ts';
import { HpackDecoder } from './decoder.ts';
import { encodeInterimBlock, encodeResponseBlock } from './encoder.ts';

const nowMs = Date.UTC(1994, 10, 6, 8, 49, 37);
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';

function read(block: Uint8Array): string[] {
  const decoder = new HpackDecoder(4096);
  const lines: string[] = [];
  const fault = decoder.decode(block, 0, block.length, (name, value) => lines.push(`${name}: ${value}`) > 0);
  expect(fault).toBeUndefined();
  // No table, so that a block is the same for every client.
  expect(decoder.generation).toBe(0);
  return lines;
}

describe('integers (RFC 7541 C.1)', () => {
  it.each([
    [10, 0x1f, '0a'],
    [1337, 0x1f, '1f9a0a'],
    [42, 0xff, '2a'],
    [31, 0x1f, '1f00'],
    [128 + 31, 0x1f, '1f8001'],
  ])('%i', (value, prefix, hex) => {
    const block = new BlockWriter(8);
    block.integer(value, 0, prefix);
    expect(block.finish().toHex()).toBe(hex);
  });
});

describe('encodeResponseBlock()', () => {
  it('puts the status first, then the date, as it is and at a place that is told', () => {
    const { bytes, dateOffset } = encodeResponseBlock(200, ['content-type', 'text/plain'], { nowMs });
    expect(bytes[0]).toBe(0x88);
    expect(String.fromCharCode(...bytes.subarray(dateOffset, dateOffset + DATE.length))).toBe(DATE);
    expect(read(bytes)).toEqual([':status: 200', `date: ${DATE}`, 'content-type: text/plain']);
    bytes.set(
      Uint8Array.from('Mon, 07', character => character.charCodeAt(0)),
      dateOffset,
    );
    expect(read(bytes)[1]).toBe('date: Mon, 07 Nov 1994 08:49:37 GMT');
  });

  it('tells a length that the fields do not', () => {
    const { bytes } = encodeResponseBlock(404, [], { nowMs, contentLength: 0 });
    expect(read(bytes)).toEqual([':status: 404', `date: ${DATE}`, 'content-length: 0']);
  });

  it('codes a text where that is shorter', () => {
    const plain = encodeResponseBlock(200, ['etag', '"\\\\\\\\"'], { nowMs }).bytes;
    expect(plain.subarray(-7).toHex()).toBe('06225c5c5c5c22');
    const coded = encodeResponseBlock(200, ['etag', 'www.example.com'], { nowMs }).bytes;
    expect(coded.subarray(-13).toHex()).toBe('8cf1e3c2e5f23a6ba0ab90f4ff');
  });

  it('uses a whole entry where the static table has it, and a name where it has that', () => {
    expect(encodeInterimBlock(103, ['accept-encoding', 'gzip, deflate']).toHex()).toMatch(/90$/);
    expect(encodeInterimBlock(103, ['age', '1']).toHex()).toMatch(/0f06(0131|81..)$/);
  });

  it('forbids others to keep a cookie in a table (RFC 7541 §7.1.3)', () => {
    expect(encodeInterimBlock(103, ['set-cookie', '"']).toHex()).toMatch(/1f280122$/);
  });

  it('leaves out what stands around a value (RFC 9113 §8.2.1)', () => {
    expect(read(encodeInterimBlock(103, ['x', '\t a b '])).at(-1)).toBe('x: a b');
  });

  it.each([
    ['a line end', 'location', '/\r\nset-cookie: a=b'],
    ['NUL', 'x', 'a\0'],
    ['what is no byte', 'x', '€'],
    ['upper case', 'X', 'a'],
    ['a colon', ':path', 'a'],
    ['no name', '', 'a'],
    ['what speaks of a connection', 'connection', 'close'],
  ])('takes no %s in a field', (_, name, value) => {
    expect(() => encodeResponseBlock(200, [name, value], { nowMs })).toThrow('an answer has fields');
  });

  it('is read as it was meant', () => {
    const status = fc.integer({ min: 200, max: 599 });
    const name = fc.oneof(
      fc.constantFrom('etag', 'vary', 'set-cookie'),
      fc.stringMatching(/^[a-z-]{1,200}$/),
    );
    const value = fc.stringMatching(/^([!-~\x80-\xff]([\t -~\x80-\xff]{0,300}[!-~\x80-\xff])?)?$/);
    const pairs = fc.array(
      fc.tuple(
        name.filter(text => !/^(connection|keep-alive|upgrade)$/.test(text)),
        value,
      ),
    );
    fc.assert(
      fc.property(status, pairs, (code, fields) => {
        const { bytes } = encodeResponseBlock(code, fields.flat(), { nowMs });
        const lines = fields.map(([fieldName, text]) => `${fieldName}: ${text}`);
        expect(read(bytes)).toEqual([`:status: ${code}`, `date: ${DATE}`, ...lines]);
      }),
    );
  });
});

it('encodeInterimBlock() has no date (RFC 8297)', () => {
  expect(read(encodeInterimBlock(100, []))).toEqual([':status: 100']);
  expect(read(encodeInterimBlock(103, ['link', '</a.css>; rel=preload']))).toEqual([
    ':status: 103',
    'link: </a.css>; rel=preload',
  ]);
});
