import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../images/build/build.ts';
import type { Manifest } from '../../images/build/manifest.ts';
import type { Progress } from '../../images/build/progress.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import { createScratch } from './scratch.ts';

const architecture = 'x86_64';
/** The runtime has about a thousand blocks; a bundle that is new has a few. */
const NEW_BLOCKS_MAX = 64;

/** Builds, and tells what it cost: processor time of all threads, which a busy machine does not change, and blocks compressed. */
async function buildCounting(options: Omit<Parameters<typeof buildImage>[0], 'architecture' | 'progress'>) {
  let blocks = 0;
  const progress: Progress = {
    ...silentProgress,
    advance: (_done, all) => void (blocks = Math.max(blocks, all)),
  };
  const [before, begun] = [process.cpuUsage(), performance.now()];
  const folder = await buildImage({ ...options, architecture, progress });
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  console.log(
    `${options.recipe.service}: ${seconds.toFixed(1)} s of processor time, ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  return { seconds, blocks, manifest };
}

describe('with a filled cache', () => {
  let first: Awaited<ReturnType<typeof buildCounting>>;
  beforeAll(async () => {
    await using scratch = await createScratch();
    first = await buildCounting({ recipe: recipeFor('web-service'), out: scratch.path });
  });

  it('a second build with nothing changed compresses nothing, and costs less than 10 s', async () => {
    await using scratch = await createScratch();
    const again = await buildCounting({ recipe: recipeFor('web-service'), out: scratch.path });
    expect(again.manifest.files).toEqual(first.manifest.files);
    expect(again.blocks).toBe(0);
    expect(again.seconds).toBeLessThan(10);
  });

  it('a second service takes the runtime from the cache, and costs less than 15 s', async () => {
    await using scratch = await createScratch();
    const second = await buildCounting({ recipe: recipeFor('dns-service'), out: scratch.path });
    expect(second.manifest.service).toBe('dns-service');
    expect(second.manifest.files['root.img'].sha256).not.toBe(first.manifest.files['root.img'].sha256);
    expect(second.blocks).toBeLessThan(NEW_BLOCKS_MAX);
    expect(second.seconds).toBeLessThan(15);
  });
});
