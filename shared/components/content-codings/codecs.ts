import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import type { Coded } from '../../protocols/http/index-content.ts';

interface Codec {
  encode(bytes: Uint8Array): Uint8Array;
  /** @throws where `bytes` are not in this coding, or stand for more than `maxBytes`. */
  decode(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

/** Up to this size the best quality costs at most a few seconds on a slow machine; above it ten times as much for 5 %. */
const BEST_QUALITY_MAX_BYTES = 1024 * 1024;

export const CODECS: Readonly<Record<Coded, Codec>> = {
  br: {
    encode: bytes =>
      brotliCompressSync(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: bytes.length <= BEST_QUALITY_MAX_BYTES ? 11 : 9,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
    decode: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength }),
  },
  zstd: {
    encode: bytes =>
      zstdCompressSync(bytes, {
        params: {
          [constants.ZSTD_c_compressionLevel]: bytes.length <= BEST_QUALITY_MAX_BYTES ? 19 : 12,
          // RFC 9659 §3: a content coding must not need a window above 8 MB.
          [constants.ZSTD_c_windowLog]: 23,
        },
      }),
    decode: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
  },
  gzip: {
    encode: bytes => gzipSync(bytes, { level: 9 }),
    decode: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
  },
};
