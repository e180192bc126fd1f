import { createPrivateKey, type KeyObject } from 'node:crypto';
import { concatBytes, parseHex } from '../../base/bytes.ts';

// RFC 8410 §7: version 0, Ed25519, an octet string in an octet string.
const PKCS8_HEAD = parseHex('302e020100300506032b657004220420')!;

/** The Ed25519 key that 32 bytes stand for: a world's keys come from its seed, and its signatures with them. */
export function seededKey(seed: Uint8Array): KeyObject {
  const key = Buffer.from(concatBytes([PKCS8_HEAD, seed]));
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
