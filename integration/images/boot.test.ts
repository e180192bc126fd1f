import { beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../images/build/build.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import type { BuiltImage } from '../../images/run/image.ts';
import { openImage, startImage } from '../../images/run/image.ts';
import { fetchFrom, probeWebService } from '../../images/run/probe.ts';

const recipe = recipeFor('web-service');
/** A start under emulation on a busy machine; an idle one takes a tenth. */
const READY_TIMEOUT_MS = 240_000;
let image: BuiltImage;

beforeAll(async () => {
  const folder = await buildImage({ recipe, architecture: 'x86_64', progress: silentProgress });
  image = await openImage(recipe, { folder });
});

describe.each(['bios', 'uefi'] as const)('the disk image, booted by %s', firmware => {
  it('serves its start page over HTTPS and powers off when asked', async () => {
    await using guest = await startImage(image, { firmware });
    await guest.waitFor(/lares: ready after /, READY_TIMEOUT_MS);
    await probeWebService(port => guest.port(port));
    const missing = await fetchFrom(`https://127.0.0.1:${guest.port(443)}/there-is-nothing-here`);
    expect(missing.status).toBe(404);
    expect(guest.console.lines.filter(line => /^\[.*(error|warn|fail|BUG|panic)/i.test(line))).toEqual([]);
    expect(await guest.powerOff()).toBe(true);
  });
});
