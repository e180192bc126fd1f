import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage } from '../../images/build/build.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import type { SlotContent } from '../../images/disk/slot.ts';
import type { BuiltImage, StartImageOptions } from '../../images/run/image.ts';
import { openImage, startImage } from '../../images/run/image.ts';
import type { BootState } from '../../shared/protocols/boot-state/boot-state.ts';
import { beginTrial, FIRST_BOOT_STATE, TRIES_AT_MOST } from '../../shared/protocols/boot-state/boot-state.ts';
import { buildMachineRoot } from '../machine/machine-root.ts';
import type { SlotDiskContent } from './slot-disk.ts';
import { createSlotDisk, readSlot, withoutKernel, withoutRoot } from './slot-disk.ts';

const BOOT_MS = 240_000;
const TRIAL_OF_B: BootState = beginTrial(FIRST_BOOT_STATE, 'b');
const ON_TRIAL = /lares: slot b on trial, tries left after this one: ([0-9])/;
const GIVEN_UP = /Lares: slot b did not become healthy in its tries; back to the other slot\./;

/** One way in which a start finds the slots; gives what did not go as it should. */
export interface SlotCase {
  readonly name: string;
  readonly run: () => Promise<readonly string[]>;
}

export const slotCases: readonly SlotCase[] = [
  { name: 'a trial that succeeds', run: succeeds },
  { name: 'tries that are used up', run: usedUp },
  { name: 'no kernel that loads, by UEFI', run: withoutKernelByUefi },
  { name: 'a root that cannot be mounted', run: panics },
  {
    name: 'a service that never becomes healthy',
    run: () => breaks('unhealthy', 'Error: the service never becomes healthy'),
  },
  // Nobody is left to note a fault; GRUB counts the starts.
  { name: 'a start that hangs', run: () => breaks('hang-at-start', '') },
];

async function succeeds(): Promise<readonly string[]> {
  const { image, good } = await prepare();
  const seen = await startUntilReady(image, { a: good, b: good, bootState: TRIAL_OF_B });
  return [
    ...missing(seen.lines, [/lares: slot b on trial, tries left after this one: 2/]),
    ...differing(seen.state, 'b'),
  ];
}

async function usedUp(): Promise<readonly string[]> {
  const { image, good } = await prepare();
  const bootState: BootState = { ...TRIAL_OF_B, triesLeft: 0 };
  const seen = await startUntilReady(image, { a: good, b: withoutRoot(good), bootState });
  return [...missing(seen.lines, [GIVEN_UP, /lares: slot a$/m]), ...differing(seen.state, 'a')];
}

async function withoutKernelByUefi(): Promise<readonly string[]> {
  const { image, good } = await prepare();
  const content = { a: good, b: withoutKernel(good), bootState: TRIAL_OF_B };
  const seen = await startUntilReady(image, content, { firmware: 'uefi' });
  const shown = [
    /Lares: slot b has no kernel that starts\./,
    /lares: slot a, since slot b has no kernel that starts/,
  ];
  return [...missing(seen.lines, shown), ...differing(seen.state, 'a')];
}

/** The kernel panics and restarts, which GRUB counts, until it goes back to what was there before. */
async function panics(): Promise<readonly string[]> {
  const { image, good } = await prepare();
  const content = { a: good, b: withoutRoot(good), bootState: TRIAL_OF_B };
  const seen = await startUntilReady(image, content, { mayReboot: true });
  const count = seen.lines.split('Kernel panic - not syncing: VFS').length - 1;
  return [
    ...(count === TRIES_AT_MOST ? [] : [`${count} panics, not ${TRIES_AT_MOST}`]),
    ...missing(seen.lines, [GIVEN_UP, /lares: slot a$/m]),
    ...differing(seen.state, 'a'),
  ];
}

/** Each start ends in order with a fault, or by the watchdog: the same way back. */
async function breaks(way: string, lastFault: string): Promise<readonly string[]> {
  const { image, good } = await prepare();
  await using broken = await buildMachineRoot('fault-program.ts', `[appliance]\nhostname = "${way}"\n`);
  const b: SlotContent = { ...good, root: await readFile(join(broken.folder, 'root.img')) };
  const seen = await startUntilReady(image, { a: good, b, bootState: TRIAL_OF_B }, { mayReboot: true });
  const tries = [...seen.lines.matchAll(new RegExp(ON_TRIAL, 'g'))].map(([, left]) => Number(left));
  return [
    ...(tries.join() === '2,1,0' ? [] : [`tries left at each start: ${tries.join()}`]),
    ...missing(seen.lines, [GIVEN_UP, /lares: slot a$/m]),
    ...differing(seen.state, 'a', lastFault),
  ];
}

async function prepare(): Promise<{ readonly image: BuiltImage; readonly good: SlotContent }> {
  const recipe = recipeFor('web-service');
  const folder = await buildImage({ recipe, architecture: 'x86_64', progress: silentProgress });
  const image = await openImage(recipe, { folder });
  return { image, good: await readSlot(image, 'good') };
}

/** The console up to the power-off, and the boot state that is on the disk then. */
async function startUntilReady(
  image: BuiltImage,
  content: SlotDiskContent,
  options: StartImageOptions = {},
): Promise<{ readonly lines: string; readonly state: BootState }> {
  await using disk = await createSlotDisk(content);
  const lines: string[] = [];
  {
    const onLine = (line: string): void => void lines.push(line);
    await using guest = await startImage(image, { ...options, disk: disk.path, onLine });
    await guest.waitFor(/lares: ready after /, (TRIES_AT_MOST + 1) * BOOT_MS);
    await disk.waitForConfirmation();
    if (!(await guest.powerOff())) lines.push('it did not end in order');
  }
  return { lines: lines.join('\n'), state: await disk.readState() };
}

function missing(seen: string, patterns: readonly RegExp[]): string[] {
  const faults = patterns
    .filter(pattern => !pattern.test(seen))
    .map(pattern => `${pattern} is not on the console`);
  return faults.length === 0 ? [] : [...faults, seen];
}

function differing(state: BootState, slot: BootState['slot'], lastFault = ''): string[] {
  const right = state.slot === slot && state.triesLeft === 'confirmed' && state.lastFault === lastFault;
  return right ? [] : [`the disk says ${JSON.stringify(state)}`];
}
