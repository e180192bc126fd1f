import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveError, GoneError } from './archive-error.ts';

/** Two minutes for the largest file, the kernel's source (150 MB), on a 10 Mbit/s line. */
const DOWNLOAD_TIMEOUT_MS = 120_000;

/** @throws GoneError on 404, ArchiveError on every other failure */
export async function download(address: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new ArchiveError(`The Debian mirror did not answer for ${new URL(address).pathname}.`, { cause });
  }
  const message = `The Debian mirror answered ${response.status} for ${new URL(address).pathname}.`;
  throw response.status === 404 ? new GoneError(message) : new ArchiveError(message);
}

/**
 * The bytes with that SHA-256: from the cache folder, or from the address and then into the cache.
 * @throws ArchiveError when the address gives other bytes
 */
export async function downloadPinned(address: string, sha256: string, cache: string): Promise<Uint8Array> {
  const path = join(cache, sha256);
  const kept = await readFile(path).catch(() => undefined);
  if (kept !== undefined && hashOf(kept) === sha256) return kept;
  const bytes = await download(address);
  if (hashOf(bytes) !== sha256)
    throw new ArchiveError(
      `${new URL(address).pathname} has SHA-256 ${hashOf(bytes)}, not the ${sha256} that was promised.`,
    );
  await mkdir(cache, { recursive: true });
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
  return bytes;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
