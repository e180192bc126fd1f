import { createHash } from 'node:crypto';
import { encodeEnvironment } from '../../shared/protocols/boot-state/environment-block.ts';
import { SECTOR_BYTES } from '../../shared/protocols/gpt/gpt.ts';
import type { Partition } from '../../shared/protocols/gpt/gpt.ts';

/**
 * A slot is one unit of root and kernel: the SquashFS root at its start, where the kernel mounts it, and the kernel
 * behind it at a whole page. Its description stands beside GRUB's configuration.
 */
export interface SlotContent {
  readonly root: Uint8Array;
  readonly kernel: Uint8Array;
  readonly version: string;
  /** What follows `root=…` on the kernel's command line. */
  readonly commandLine: string;
}

export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const ALIGNMENT_BYTES = 4096;

function kernelOffset(content: SlotContent): number {
  return Math.ceil(content.root.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/** The slot's content at offsets from the start of its partition of `sectors`. */
export function encodeSlot(content: SlotContent, sectors: number): Piece[] {
  const end = kernelOffset(content) + content.kernel.length;
  if (end > sectors * SECTOR_BYTES) {
    throw new RangeError(`root and kernel take ${end} bytes: a slot has room for ${sectors * SECTOR_BYTES}`);
  }
  return [
    { offset: 0, bytes: content.root },
    { offset: kernelOffset(content), bytes: content.kernel },
  ];
}

/**
 * `slot-a.env` and `slot-b.env`: what the slot in this partition holds. GRUB reads `kernel` (START+LENGTH in sectors
 * within the partition) and `options`; updates and the status page read the rest.
 */
export function encodeSlotDescription(content: SlotContent, partition: Pick<Partition, 'guid'>): Uint8Array {
  const sectors = Math.ceil(content.kernel.length / SECTOR_BYTES);
  return encodeEnvironment(
    new Map([
      ['kernel', `${kernelOffset(content) / SECTOR_BYTES}+${sectors}`],
      ['options', `root=PARTUUID=${partition.guid} ${content.commandLine}`],
      ['version', content.version],
      ['kernel_bytes', String(content.kernel.length)],
      ['kernel_sha256', sha256(content.kernel)],
      ['root_bytes', String(content.root.length)],
      ['root_sha256', sha256(content.root)],
    ]),
  );
}

/** A slot without content: GRUB passes over it. */
export function encodeEmptySlotDescription(): Uint8Array {
  return encodeEnvironment(new Map());
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
