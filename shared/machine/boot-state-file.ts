import { closeSync, fsyncSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { equalBytes } from '../base/bytes.ts';
import { mount, unmount } from '../host/ffi/mount.ts';
import type { BootState, Slot } from '../protocols/boot-state/boot-state.ts';
import {
  decodeBootState,
  encodeBootState,
  otherSlot,
  parseRunningSlot,
} from '../protocols/boot-state/boot-state.ts';
import { BLOCK_BYTES } from '../protocols/boot-state/environment-block.ts';
import type { BlockDevice } from './block-devices.ts';

/** The system partition that GRUB starts from, and the block in it that GRUB and this program both write. */
const PARTITION = 'LARES-ESP';
const MOUNT_POINT = '/boot';
const FILE = `${MOUNT_POINT}/lares/grubenv`;

export interface BootStateFile {
  readonly state: BootState;
  /** The slot that GRUB started; not the state's where that has no kernel that loads. */
  readonly running: Slot;
  /** Writes in place, only where something changed: a block that is written at every start wears flash. */
  update(change: (state: BootState) => BootState): void;
  close(): void;
}

/**
 * The boot state of a machine that started from a Lares disk; undefined for one whose kernel was loaded otherwise. The
 * file stays open: after the lockdown nothing can be mounted any more.
 */
export function openBootState(
  devices: readonly BlockDevice[],
  note: (fault: string) => void,
): BootStateFile | undefined {
  const device = devices.find(each => each.partition?.name === PARTITION);
  if (device === undefined) return undefined;
  try {
    const flags = ['noSuid', 'noDevices', 'noExecute', 'noAccessTime'] as const;
    mount({ source: device.path, target: MOUNT_POINT, type: 'vfat', flags, options: 'flush' });
    return openFile(openSync(FILE, 'r+'));
  } catch (error) {
    note(`the boot state on ${device.path} cannot be read: ${String(error)}`);
    return undefined;
  }
}

function openFile(descriptor: number): BootStateFile {
  const block = new Uint8Array(BLOCK_BYTES);
  readSync(descriptor, block, 0, BLOCK_BYTES, 0);
  const decoded = decodeBootState(block);
  if (!decoded.ok) throw new Error(`${FILE}: ${JSON.stringify(decoded.error)}`);
  let state = decoded.value;
  const running = parseRunningSlot(readFileSync('/proc/cmdline', 'utf8')) ?? state.slot;
  let stored: Uint8Array = block;
  return {
    running,
    get state() {
      return state;
    },
    update(change) {
      state = change(state);
      const next = encodeBootState(state);
      if (equalBytes(next, stored)) return;
      // In place and within one cluster: GRUB finds the block by the same sectors, and it is old or new, never mixed.
      writeSync(descriptor, next, 0, BLOCK_BYTES, 0);
      fsyncSync(descriptor);
      stored = next;
    },
    close() {
      closeSync(descriptor);
      unmount(MOUNT_POINT);
    },
  };
}

/** For people: the slot that runs, and what came of the one that should. */
export function describeSlot({ running, state }: Pick<BootStateFile, 'running' | 'state'>): string {
  if (running !== state.slot)
    return `slot ${running}, since slot ${otherSlot(running)} has no kernel that starts`;
  if (state.triesLeft === 'confirmed') return `slot ${running}`;
  return `slot ${running} on trial, tries left after this one: ${state.triesLeft}`;
}
