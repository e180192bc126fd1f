import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import type { CODED } from '../../protocols/http/index-content.ts';

export type Coded = (typeof CODED)[number];

export interface CompressInput {
  readonly bytes: Uint8Array;
  readonly codings: readonly Coded[];
}

/** Empty where a coding would save nothing worth its memory. */
export type CompressOutput = readonly (readonly [Coded, Uint8Array<ArrayBuffer>])[];

/** Up to this size the best quality costs at most about a second and a half. */
const BEST_QUALITY_MAX_BYTES = 1024 * 1024;

/** Nine tenths: a client that decodes 5 % less has gained nothing, and each coding stays in memory. */
const WORTH_IT = 0.9;

/** The job that makes a file's codings, once per release. Pure: the same bytes give the same codings. */
export function compress({ bytes, codings }: CompressInput): CompressOutput {
  return codings.map(coding => {
    const coded = COMPRESSORS[coding](bytes);
    const worthIt = coded.length <= bytes.length * WORTH_IT;
    // Its own memory: a pool's slice would carry the whole pool to the other thread.
    return [coding, worthIt ? new Uint8Array(coded) : new Uint8Array()];
  });
}

const COMPRESSORS: Readonly<Record<Coded, (bytes: Uint8Array) => Uint8Array>> = {
  br: bytes =>
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: bytes.length <= BEST_QUALITY_MAX_BYTES ? 11 : 9,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  zstd: bytes =>
    zstdCompressSync(bytes, {
      params: {
        [constants.ZSTD_c_compressionLevel]: bytes.length <= BEST_QUALITY_MAX_BYTES ? 19 : 15,
        // RFC 9659 §3: a content coding must not need a window above 8 MB.
        [constants.ZSTD_c_windowLog]: 23,
      },
    }),
  gzip: bytes => gzipSync(bytes, { level: 9 }),
};
