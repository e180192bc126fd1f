import type { BootState } from '../../shared/protocols/boot-state/boot-state.ts';
import { encodeBootState, FIRST_BOOT_STATE } from '../../shared/protocols/boot-state/boot-state.ts';
import { encodeTable } from '../../shared/protocols/gpt/encode.ts';
import { SECTOR_BYTES } from '../../shared/protocols/gpt/gpt.ts';
import { encodeFat } from './fat/fat.ts';
import { patchBootImage, patchCoreImage } from './grub.ts';
import type { DiskLayout, PartitionKey } from './layout.ts';
import type { Piece, SlotContent } from './slot.ts';
import { encodeEmptySlotDescription, encodeSlot, encodeSlotDescription } from './slot.ts';
import type { Directory } from './tree.ts';
import { file, treeFromPaths } from './tree.ts';

/** What Lares takes from GRUB: the images for BIOS and UEFI, and the configuration that both read. */
export interface GrubFiles {
  readonly bootImage: Uint8Array;
  readonly coreImage: Uint8Array;
  readonly efiImage: Uint8Array;
  readonly config: Uint8Array;
}

export interface DiskContent {
  /** What slot A holds. */
  readonly slot: SlotContent;
  /** What slot B holds; a new disk's is empty. */
  readonly slotB?: SlotContent;
  /** Which slot is started; on a new disk it is A. */
  readonly bootState?: BootState;
  readonly grub: GrubFiles;
  /** What a person finds on the drive called LARES. */
  readonly settings: Directory;
  /** The empty data volume: an ext4 image of at most the data partition's size. */
  readonly data: Uint8Array;
}

export interface DiskImage {
  readonly bytes: number;
  /** What is not zero, in the order of the offsets, without overlap. */
  readonly pieces: readonly Piece[];
}

/** A whole disk that boots by BIOS and by UEFI. */
export function encodeDisk(layout: DiskLayout, content: DiskContent): DiskImage {
  const { bios, data } = layout.partitions;
  const coreSectors = Math.ceil(content.grub.coreImage.length / SECTOR_BYTES);
  if (coreSectors > bios.sectors)
    throw new RangeError(`core.img has ${coreSectors} sectors: ${bios.sectors} at most`);
  if (content.data.length > data.sectors * SECTOR_BYTES)
    throw new RangeError('the data template exceeds its partition');
  const table = encodeTable(layout.table, patchBootImage(content.grub.bootImage, bios.firstSector));
  const within = (key: PartitionKey, piece: Piece): Piece => ({
    ...piece,
    offset: layout.partitions[key].firstSector * SECTOR_BYTES + piece.offset,
  });
  return {
    bytes: layout.table.diskSectors * SECTOR_BYTES,
    pieces: [
      { offset: 0, bytes: table.primary },
      within('bios', { offset: 0, bytes: patchCoreImage(content.grub.coreImage, bios.firstSector) }),
      within('esp', { offset: 0, bytes: encodeSystemPartition(layout, content) }),
      within('settings', { offset: 0, bytes: encodeSettings(layout, content.settings) }),
      ...encodeSlot(content.slot, layout.partitions.a.sectors).map(piece => within('a', piece)),
      ...(content.slotB === undefined ? [] : encodeSlot(content.slotB, layout.partitions.b.sectors)).map(
        piece => within('b', piece),
      ),
      within('data', { offset: 0, bytes: content.data }),
      { offset: table.backupSector * SECTOR_BYTES, bytes: table.backup },
    ],
  };
}

function encodeSystemPartition(
  layout: DiskLayout,
  { grub, slot, slotB, bootState = FIRST_BOOT_STATE }: DiskContent,
): Uint8Array {
  const { esp, a, b } = layout.partitions;
  const tree = treeFromPaths([
    ['EFI/BOOT/BOOTX64.EFI', file(grub.efiImage)],
    ['lares/grub.cfg', file(grub.config)],
    ['lares/grubenv', file(encodeBootState(bootState))],
    ['lares/slot-a.env', file(encodeSlotDescription(slot, a))],
    [
      'lares/slot-b.env',
      file(slotB === undefined ? encodeEmptySlotDescription() : encodeSlotDescription(slotB, b)),
    ],
  ]);
  const { sectors, firstSector: hiddenSectors, name: label, guid } = esp;
  return encodeFat(tree, { kind: 'fat32', sectors, hiddenSectors, label, serial: serialOf(guid) });
}

function encodeSettings(layout: DiskLayout, tree: Directory): Uint8Array {
  const { sectors, firstSector: hiddenSectors, name: label, guid } = layout.partitions.settings;
  return encodeFat(tree, { kind: 'fat16', sectors, hiddenSectors, label, serial: serialOf(guid) });
}

function serialOf(guid: string): number {
  return Number.parseInt(guid.slice(0, 8), 16);
}
