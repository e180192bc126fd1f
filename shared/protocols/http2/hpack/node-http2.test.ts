import { connect } from 'node:http2';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HpackDecoder } from './decoder.ts';

const PREFACE_BYTES = 24;
const FRAME_HEADER_BYTES = 9;
const HEADERS = 1;
const END_HEADERS = 0x4;
const PRIORITY = 0x20;
const PRIORITY_BYTES = 5;

/** The header blocks that node's client, which is nghttp2, writes for these lists, one request after another. */
async function blocksOf(lists: readonly (readonly string[])[]): Promise<Uint8Array[]> {
  const written: Uint8Array[] = [];
  const transport = new Duplex({
    read: () => undefined,
    write: (chunk: Uint8Array, _encoding, done) => {
      written.push(chunk);
      done();
    },
  });
  const session = connect('http://h', { createConnection: () => transport });
  for (const list of lists) {
    const request = session.request([
      ':method',
      'GET',
      ':scheme',
      'http',
      ':authority',
      'h',
      ':path',
      '/',
      ...list,
    ]);
    request.on('error', () => undefined);
    // Each in a turn of its own, so that none overtakes another.
    await new Promise(setImmediate);
  }
  await new Promise(setImmediate);
  session.destroy();
  return headerBlocks(Buffer.concat(written));
}

function headerBlocks(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = PREFACE_BYTES; at < bytes.length;) {
    const [high = 0, middle = 0, low = 0, type = 0, flags = 0] = bytes.subarray(at);
    const start = at + FRAME_HEADER_BYTES;
    at = start + ((high << 16) | (middle << 8) | low);
    if (type !== HEADERS) continue;
    expect(flags & END_HEADERS).not.toBe(0);
    blocks.push(bytes.subarray(start + ((flags & PRIORITY) === 0 ? 0 : PRIORITY_BYTES), at));
  }
  return blocks;
}

const name = fc.oneof(
  fc.constantFrom('accept', 'cookie', 'authorization', 'user-agent', 'if-none-match', 'x-one', 'x-two'),
  fc.stringMatching(/^x-[a-z0-9-]{1,20}$/),
);
const value = fc.oneof(
  fc.constantFrom('', 'gzip, deflate', 'a'.repeat(1_500)),
  fc.stringMatching(/^[!-~]([ -~]{0,60}[!-~])?$/),
);
// The client has some of them once alone.
const list = fc
  .uniqueArray(fc.tuple(name, value), { maxLength: 10, selector: ([text]) => text })
  .map(pairs => pairs.flat());

it('reads what nghttp2 writes, with its table and its codes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(list, { minLength: 1, maxLength: 8 }), async lists => {
      const decoder = new HpackDecoder(4096);
      const blocks = await blocksOf(lists);
      const read = blocks.map(block => {
        const texts: string[] = [];
        const fault = decoder.decode(
          block,
          0,
          block.length,
          (text, content) => texts.push(text, content) > 0,
        );
        return fault ?? texts.slice(8);
      });
      expect(read).toEqual(lists);
    }),
    { numRuns: 50 },
  );
});
