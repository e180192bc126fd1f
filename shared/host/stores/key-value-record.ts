import { createHash } from 'node:crypto';
import { concatBytes, encodeUtf8, equalBytes } from '../../base/bytes.ts';

/**
 * The file of one key: 8 bytes that name the format, the SHA-256 of key, NUL and value, then the value. The key is hashed too so
 * that a file that came to stand under another name is noticed.
 */
export function encodeRecord(key: string, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([FORMAT, digestOf(key, value), value]);
}

/** The value, or undefined where the record is not whole. */
export function decodeRecord(key: string, record: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (record.length < HEADER_BYTES || !equalBytes(record.subarray(0, FORMAT.length), FORMAT))
    return undefined;
  const value = record.slice(HEADER_BYTES);
  return equalBytes(record.subarray(FORMAT.length, HEADER_BYTES), digestOf(key, value)) ? value : undefined;
}

function digestOf(key: string, value: Uint8Array): Uint8Array {
  return createHash('sha256').update(`${key}\0`).update(value).digest();
}

const FORMAT = encodeUtf8('lares-1\n');
const HEADER_BYTES = FORMAT.length + 32;
