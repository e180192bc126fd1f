import { assert } from './assert.ts';
import { encodeUtf8 } from './bytes.ts';

const KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Fails unless `key` is one that the KeyValue device takes. Keys come from Lares' own code, never from a peer. */
export function assertKey(key: string): void {
  assert(
    key.length <= KEY_MAX_LENGTH && KEY.test(key),
    `a key is 1 to ${KEY_MAX_LENGTH} of A-Za-z0-9._- in non-empty /-separated parts, no part begins with a dot: ${JSON.stringify(key)}`,
  );
}

/** Fails unless `path` is one that the Files device takes. */
export function assertPath(path: string): void {
  const parts = path.split('/');
  assert(
    !path.includes('\0') && parts.every(isPathPart) && path.length <= PATH_MAX_LENGTH,
    `a path is relative, its /-separated parts not empty, at most ${PATH_PART_MAX_BYTES} bytes and without a leading dot: ${JSON.stringify(path)}`,
  );
}

function isPathPart(part: string): boolean {
  return part !== '' && !part.startsWith('.') && encodeUtf8(part).length <= PATH_PART_MAX_BYTES;
}

/** Leaves room for a suffix in the 255 bytes that file systems give a name. */
export const KEY_MAX_LENGTH = 200;
/** What ext4 gives a name. */
export const PATH_PART_MAX_BYTES = 255;
/** Well under the system's 4096 bytes with the store's own folder before it, also when every character is three bytes. */
export const PATH_MAX_LENGTH = 1_000;
