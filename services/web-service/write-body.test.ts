import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { WRITE_CHUNK_BYTES } from './limits.ts';
import { writeBody } from './write-body.ts';

async function received(body: readonly Uint8Array[]): Promise<Uint8Array> {
  const stream = new PassThrough();
  writeBody(stream, body);
  return Buffer.concat(await stream.toArray());
}

describe('writeBody()', () => {
  it.each([[[]], [[10]], [[0]], [[WRITE_CHUNK_BYTES]], [[WRITE_CHUNK_BYTES + 1]], [[1_000_000, 3, 200_000]]])(
    'sends parts of %j bytes',
    async (sizes: number[]) => {
      const parts = sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
      expect(Buffer.compare(await received(parts), Buffer.concat(parts))).toBe(0);
    },
  );

  it('gives a stopped reader one chunk and waits', () => {
    const writes: number[] = [];
    const stopped = new Writable({
      highWaterMark: 16 * 1024,
      write: (chunk: Uint8Array) => void writes.push(chunk.length),
    });
    writeBody(stopped, [new Uint8Array(50_000_000)]);
    expect(writes).toEqual([WRITE_CHUNK_BYTES]);
    expect(stopped.writableLength).toBe(WRITE_CHUNK_BYTES);
  });

  it('tells what went on its way', async () => {
    const stream = new PassThrough({ highWaterMark: 1024 });
    const sent: number[] = [];
    writeBody(stream, [new Uint8Array(100_000)], bytes => void sent.push(bytes));
    expect(sent).toEqual([WRITE_CHUNK_BYTES]);
    await stream.toArray();
    expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBe(100_000);
    writeBody(new PassThrough(), [new Uint8Array(7)], bytes => void sent.push(bytes));
    expect(sent.at(-1)).toBe(7);
  });

  it('copies nothing', () => {
    const content = new Uint8Array(200_000);
    const buffers = new Set<ArrayBufferLike>();
    const reader = new Writable({
      write(chunk: Uint8Array, _encoding, done) {
        buffers.add(chunk.buffer);
        done();
      },
    });
    writeBody(reader, [content]);
    expect([...buffers]).toEqual([content.buffer]);
  });

  it('stops when the reader has gone', async () => {
    const gone = new PassThrough({ highWaterMark: 1 });
    writeBody(gone, [new Uint8Array(1_000_000)]);
    gone.destroy();
    await new Promise(resolve => gone.once('close', resolve));
    expect(gone.writableEnded).toBe(false);
  });
});
