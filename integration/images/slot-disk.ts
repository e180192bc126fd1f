import { readFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { readDiskParts } from '../../images/build/build.ts';
import type { DiskImage } from '../../images/disk/disk.ts';
import { encodeDisk } from '../../images/disk/disk.ts';
import { planDisk } from '../../images/disk/layout.ts';
import type { SlotContent } from '../../images/disk/slot.ts';
import { directory } from '../../images/disk/tree.ts';
import { writeDisk } from '../../images/disk/write.ts';
import { readLock } from '../../images/prebuilt/lock.ts';
import type { BuiltImage } from '../../images/run/image.ts';
import type { BootState } from '../../shared/protocols/boot-state/boot-state.ts';
import { decodeBootState, encodeBootState } from '../../shared/protocols/boot-state/boot-state.ts';
import { BLOCK_BYTES } from '../../shared/protocols/boot-state/environment-block.ts';
import { eventually } from '../eventually.ts';
import { createScratch } from './scratch.ts';

/** Some beats of a machine under emulation on a busy host. */
const CONFIRMATION_MS = 60_000;

/** A disk whose two slots hold what a test puts there, by the builder's own writers. */
export interface SlotDisk extends AsyncDisposable {
  readonly path: string;
  /** The boot state as it is on the disk now, at the place where the builder wrote it. */
  readState(): Promise<BootState>;
  /** Waits until the machine on this disk has confirmed its slot, which it does at a beat once its service answers. */
  waitForConfirmation(): Promise<void>;
}

export interface SlotDiskContent {
  readonly a: SlotContent;
  readonly b: SlotContent;
  readonly bootState: BootState;
}

export async function createSlotDisk({ a, b, bootState }: SlotDiskContent): Promise<SlotDisk> {
  const scratch = await createScratch();
  const path = join(scratch.path, 'disk.img');
  const parts = await readDiskParts(await readLock(), 'x86_64');
  const content = { slot: a, slotB: b, bootState, settings: directory(), ...parts };
  const disk = encodeDisk(planDisk('slots'), content);
  await writeDisk(path, disk);
  const offset = findBlock(disk, encodeBootState(bootState));
  const readState = (): Promise<BootState> => readBootState(path, offset);
  return {
    path,
    readState,
    async waitForConfirmation() {
      let state: BootState | undefined;
      const isConfirmed = async (): Promise<boolean> => {
        state = await readState();
        return state.triesLeft === 'confirmed';
      };
      const seen = (): string => `the disk says ${JSON.stringify(state)}`;
      await eventually('the slot is confirmed', isConfirmed, { timeoutMs: CONFIRMATION_MS, seen });
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

async function readBootState(path: string, offset: number): Promise<BootState> {
  await using file = await open(path, 'r');
  const block = new Uint8Array(BLOCK_BYTES);
  await file.read(block, 0, BLOCK_BYTES, offset);
  const decoded = decodeBootState(block);
  if (!decoded.ok) throw new Error(`no boot state at byte ${offset}: ${JSON.stringify(decoded.error)}`);
  return decoded.value;
}

function findBlock(disk: DiskImage, block: Uint8Array): number {
  for (const piece of disk.pieces) {
    const at = Buffer.from(piece.bytes.buffer, piece.bytes.byteOffset, piece.bytes.length).indexOf(block);
    if (at !== -1) return piece.offset + at;
  }
  throw new Error('the disk holds no boot state');
}

/** The slot that the image itself has. */
export async function readSlot(image: BuiltImage, version: string): Promise<SlotContent> {
  const [root, kernel] = await Promise.all(
    ['root.img', 'kernel'].map(name => readFile(join(image.folder, name))),
  );
  if (root === undefined || kernel === undefined) throw new Error(`${image.folder} is not whole`);
  return { root, kernel, version, commandLine: image.manifest.commandLine };
}

/** A slot whose kernel's first page was never written: GRUB finds nothing to load. */
export function withoutKernel(slot: SlotContent): SlotContent {
  const kernel = new Uint8Array(slot.kernel);
  return { ...slot, kernel: kernel.fill(0, 0, 4096) };
}

/** A slot whose root was never written: its kernel starts and panics. */
export function withoutRoot(slot: SlotContent): SlotContent {
  return { ...slot, root: new Uint8Array(slot.root.length) };
}
