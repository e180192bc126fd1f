import { readLock } from '../prebuilt/lock.ts';
import { cachedCompressor } from './block-cache.ts';
import { cacheFolder, SQUASHFS_BLOCK_BYTES } from './build.ts';
import type { Progress } from './progress.ts';
import { readPart, readRuntime } from './root.ts';

/**
 * Checks everything that a build takes from elsewhere and puts what takes long to make into the cache. npm packages are
 * npm's to install and the prebuilt parts are committed; with them here and the cache filled, a build asks nobody.
 */
export async function fillCache(progress: Progress): Promise<void> {
  const lock = await readLock();
  progress.step('checking the prebuilt parts');
  for (const part of lock.x86_64) await readPart(lock, 'x86_64', part.name);
  progress.step('compressing what is large');
  const compress = cachedCompressor(cacheFolder, progress.advance);
  await compress(await readRuntime('x86_64'), SQUASHFS_BLOCK_BYTES);
  for (const part of lock.x86_64) {
    if (part.install !== undefined)
      await compress(await readPart(lock, 'x86_64', part.name), SQUASHFS_BLOCK_BYTES);
  }
  progress.finish('the cache is filled: builds need no network');
}
