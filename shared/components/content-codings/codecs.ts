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

/** 'best' takes about a second for 400 KB, 'quick' some hundredths for 5 % more bytes. */
export type Quality = 'best' | 'quick';

interface Codec {
  encode(bytes: Uint8Array, quality: Quality): Uint8Array;
  /** @throws where `bytes` are not in this coding, or stand for more than `maxBytes`. */
  decode(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

export const CODECS: Readonly<Record<Coded, Codec>> = {
  br: {
    encode: (bytes, quality) =>
      brotliCompressSync(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: quality === 'best' ? 11 : 9,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
    decode: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength }),
  },
  zstd: {
    encode: (bytes, quality) =>
      zstdCompressSync(bytes, {
        params: {
          [constants.ZSTD_c_compressionLevel]: quality === 'best' ? 19 : 12,
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
