import { randomBytes, scrypt } from 'node:crypto';
import { err, ok, type Result } from '../../base/result.ts';

/** A password as it may stand in a configuration. RFC 7914 §2: N = 2^logCost, block size, parallelization. */
export interface ScryptHash {
  readonly logCost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

/**
 * 16 MiB and about a quarter of a second: as hard to try as OWASP's N = 2^17, p = 1, which would take all the memory of a
 * machine of 128 MB.
 */
export const SCRYPT_COST = { logCost: 14, blockSize: 8, parallelization: 5 } as const;

const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** A hash that needs more is refused where it is configured, not when a visitor comes. */
const MEMORY_MAX_BYTES = 64 * 2 ** 20;
const PARALLELIZATION_MAX = 16;

/** RFC 7914 §2: 128·r·N bytes for the large vector; node:crypto counts a little beside it. */
const memoryOf = ({ logCost, blockSize }: Pick<ScryptHash, 'logCost' | 'blockSize'>): number =>
  128 * blockSize * 2 ** logCost;

/** The key that a password derives to, made on another thread. */
export function deriveKey(
  password: string,
  hash: Omit<ScryptHash, 'key'>,
  bytes = KEY_BYTES,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = {
      N: 2 ** hash.logCost,
      r: hash.blockSize,
      p: hash.parallelization,
      maxmem: memoryOf(hash) + 2 ** 20,
    };
    // RFC 7617 §2.1: where the charset is UTF-8, the password is in normalization form C.
    scrypt(password.normalize('NFC'), hash.salt, bytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

export async function hashPassword(password: string): Promise<ScryptHash> {
  const salted = { ...SCRYPT_COST, salt: randomBytes(SALT_BYTES) };
  return { ...salted, key: await deriveKey(password, salted) };
}

/** `$scrypt$ln=14,r=8,p=5$SALT$KEY`, the bytes in base64 without padding: the PHC string format. */
export function formatScryptHash({ logCost, blockSize, parallelization, salt, key }: ScryptHash): string {
  const text = (bytes: Uint8Array): string => bytes.toBase64({ omitPadding: true });
  return `$scrypt$ln=${logCost},r=${blockSize},p=${parallelization}$${text(salt)}$${text(key)}`;
}

export type ScryptHashFault = 'not a hash' | 'too hard';

export function parseScryptHash(text: string): Result<ScryptHash, ScryptHashFault> {
  const match =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,88})\$([A-Za-z0-9+/]{22,88})$/.exec(
      text,
    );
  const [, logCost, blockSize, parallelization, salt, key] = match ?? [];
  if (salt === undefined || key === undefined) return err('not a hash');
  const numbers = {
    logCost: Number(logCost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  };
  if (numbers.logCost < 1 || numbers.blockSize < 1 || numbers.parallelization < 1) return err('not a hash');
  if (memoryOf(numbers) > MEMORY_MAX_BYTES || numbers.parallelization > PARALLELIZATION_MAX)
    return err('too hard');
  try {
    return ok({ ...numbers, salt: Uint8Array.fromBase64(salt), key: Uint8Array.fromBase64(key) });
  } catch {
    return err('not a hash');
  }
}
