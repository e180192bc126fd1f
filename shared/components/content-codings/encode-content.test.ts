import { brotliCompressSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { Jobs } from '../../devices/jobs.ts';
import { CODED, type SiteFile } from '../../protocols/http/index-content.ts';
import { CODECS } from './codecs.ts';
import { encodeContent } from './encode-content.ts';
import { encodeFile, type EncodeInput } from './encode-file.ts';

/** Runs the job in place and counts. */
function createJobs(): Pick<Jobs, 'run'> & { count: number } {
  const jobs = {
    count: 0,
    run: <Output>(_name: string, input: unknown): Promise<Output> => {
      jobs.count++;
      return Promise.resolve(encodeFile(input as EncodeInput) as Output);
    },
  };
  return jobs;
}

const TEXT = 'A calm page about a house and its gods. '.repeat(50);
const OTHER = TEXT.replaceAll('calm', 'loud');
const file = (path: string, content: string | Uint8Array): SiteFile => ({
  path,
  bytes: typeof content === 'string' ? encodeUtf8(content) : content,
});

/** What was added, by path. */
async function added(...files: SiteFile[]): Promise<Record<string, Uint8Array>> {
  const encoded = await encodeContent(files, createJobs());
  expect(encoded.slice(0, files.length)).toEqual(files);
  return Object.fromEntries(encoded.slice(files.length).map(({ path, bytes }) => [path, bytes]));
}

describe('encodeContent()', () => {
  it('makes every coding of text, in one block of shared memory', async () => {
    const made = await added(file('a/x.html', TEXT), file('style.css', OTHER));
    expect(Object.keys(made)).toEqual([
      '.codings/br/a/x.html',
      '.codings/br/style.css',
      '.codings/gzip/a/x.html',
      '.codings/gzip/style.css',
      '.codings/zstd/a/x.html',
      '.codings/zstd/style.css',
    ]);
    for (const coding of CODED) {
      const bytes = made[`.codings/${coding}/a/x.html`] ?? new Uint8Array();
      expect(decodeUtf8(CODECS[coding].decode(bytes, TEXT.length))).toBe(TEXT);
    }
    const memories = new Set(Object.values(made).map(({ buffer }) => buffer));
    expect([...memories][0]).toBeInstanceOf(SharedArrayBuffer);
    expect(memories.size).toBe(1);
  });

  it.each([
    ['a picture', file('a.png', TEXT)],
    ['a hidden file', file('.env.txt', TEXT)],
    ['a few bytes', file('a.txt', 'short')],
  ])('leaves %s alone', async (_name, given) => {
    expect(await added(given)).toEqual({});
  });

  it('remembers what is not worth having', async () => {
    const noise = gzipSync(TEXT + OTHER.split('').toReversed().join(''));
    const bytes = new Uint8Array(Array.from({ length: 600 }, (_, index) => noise[index % noise.length] ?? 0));
    const random = bytes.map((byte, index) => byte ^ ((index * index * 31 + index * 7) & 0xff));
    const made = await added(file('noise.txt', random.subarray(0, 300)));
    expect(Object.values(made).map(({ length }) => length)).toEqual([0, 0, 0]);
  });

  it('does nothing twice', async () => {
    const jobs = createJobs();
    const once = await encodeContent([file('a.html', TEXT), file('b.css.gz', gzipSync(TEXT))], jobs);
    expect(jobs.count).toBe(2);
    expect(await encodeContent(once, jobs)).toEqual(once);
    expect(jobs.count).toBe(2);
  });

  it('keeps the owner’s coding where it is one, and replaces it where it is stale', async () => {
    const made = await added(
      file('a.css', TEXT),
      file('a.css.gz', gzipSync(TEXT)),
      file('a.css.br', brotliCompressSync(OTHER)),
    );
    expect(Object.keys(made)).toEqual(['.codings/br/a.css', '.codings/zstd/a.css']);
    expect(decodeUtf8(CODECS.br.decode(made['.codings/br/a.css'] ?? new Uint8Array(), 10_000))).toBe(TEXT);
  });

  it('makes the file from a coding that stands alone', async () => {
    const made = await added(file('a.css.zst', zstdCompressSync(TEXT)));
    expect(Object.keys(made)).toEqual(['.codings/identity/a.css']);
    expect(decodeUtf8(new Uint8Array(made['.codings/identity/a.css'] ?? []))).toBe(TEXT);
  });

  it('shows nothing under the name of a coding that is none', async () => {
    const made = await added(
      file('a.css.br', 'this is not brotli'),
      file('b.css', TEXT),
      file('b.css.gz', TEXT),
    );
    expect(made['.codings/br/a.css']).toHaveLength(0);
    expect(made['.codings/identity/a.css']).toBeUndefined();
    expect(decodeUtf8(gunzipSync(made['.codings/gzip/b.css'] ?? ''))).toBe(TEXT);
  });
});

describe('every coding', () => {
  it.each(CODED)('%s gives back what it was given', coding => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), bytes => {
        const decoded = CODECS[coding].decode(CODECS[coding].encode(bytes, 'best'), bytes.length);
        expect(Buffer.compare(decoded, bytes)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it.each(CODED)('%s stops at the size allowed', coding => {
    const bomb = CODECS[coding].encode(new Uint8Array(10_000_000), 'quick');
    expect(bomb.length).toBeLessThan(20_000);
    expect(() => CODECS[coding].decode(bomb, 9_999_999)).toThrow();
  });

  it.each(CODED)('%s takes anything for input', coding => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        for (const identity of [undefined, bytes])
          for (const [, made] of encodeFile({
            own: [[coding, bytes]],
            quality: 'quick',
            ...(identity === undefined ? {} : { identity }),
          }))
            expect(made).toBeInstanceOf(Uint8Array);
      }),
      { numRuns: 50 },
    );
  });

  it('zstd keeps to the window of RFC 9659', () => {
    // RFC 8878 §3.1.1.1.2: without Single_Segment, the byte behind the descriptor holds the window's exponent.
    const frame = CODECS.zstd.encode(
      new Uint8Array(9 * 1024 * 1024).map((_, index) => (index * index) >> 7),
      'best',
    );
    const singleSegment = ((frame[4] ?? 0) & 0x20) !== 0;
    expect(singleSegment).toBe(false);
    expect(10 + ((frame[5] ?? 0) >> 3)).toBeLessThanOrEqual(23);
  });
});
