import { expect, it } from 'vitest';
import { buildImage } from '../../images/build/build.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import { openImage, startImage } from '../../images/run/image.ts';
import { probeWebService } from '../../images/run/probe.ts';
import { beginTrial, FIRST_BOOT_STATE } from '../../shared/protocols/boot-state/boot-state.ts';
import { createSlotDisk, readSlot, withoutKernel } from './slot-disk.ts';

const recipe = recipeFor('web-service');
/** A start under emulation on a busy machine; an idle one takes a tenth. */
const READY_TIMEOUT_MS = 240_000;

it('starts slot B where slot A, on trial, has no kernel that loads, and keeps to it once it is healthy', async () => {
  const folder = await buildImage({ recipe, architecture: 'x86_64', progress: silentProgress });
  const image = await openImage(recipe, { folder });
  const good = await readSlot(image, 'good');
  await using disk = await createSlotDisk({
    a: withoutKernel(good),
    b: good,
    bootState: beginTrial(FIRST_BOOT_STATE, 'a'),
  });
  await using guest = await startImage(image, { disk: disk.path });
  await guest.waitFor(/lares: ready after /, READY_TIMEOUT_MS);
  expect(guest.console.tail(100)).toContain('lares: slot b, since slot a has no kernel that starts');
  await probeWebService(port => guest.port(port));
  await disk.waitForConfirmation();
  expect(await guest.powerOff()).toBe(true);
  expect(await disk.readState()).toEqual({ ...FIRST_BOOT_STATE, slot: 'b', triesLeft: 'confirmed' });
});
