import { crc32 } from './crc32.ts';
import { encodeGuid } from './guid.ts';
import type { Partition, PartitionTable } from './gpt.ts';
import {
  BACKUP_SECTORS,
  ENTRY_ARRAY_SECTORS,
  ENTRY_BYTES,
  ENTRY_COUNT,
  PRIMARY_SECTORS,
  SECTOR_BYTES,
  lastUsableSector,
} from './gpt.ts';

export const HEADER_BYTES = 92;
/** "EFI PART", little-endian. */
export const HEADER_SIGNATURE = 0x5452415020494645n;
const REVISION_1_0 = 0x00010000;
/** The MBR's boot code ends where the disk signature begins. */
export const BOOT_CODE_BYTES = 440;
const NAME_CODE_UNITS = 36;

export interface EncodedTable {
  /** Belongs at sector 0: protective MBR, header, entries. */
  readonly primary: Uint8Array;
  /** Belongs at `backupSector`: entries, header. */
  readonly backup: Uint8Array;
  readonly backupSector: number;
}

/** The bytes of both copies of the table. `bootCode` (at most 440 bytes) goes into the protective MBR. */
export function encodeTable(table: PartitionTable, bootCode: Uint8Array = new Uint8Array()): EncodedTable {
  const entries = encodeEntries(table.partitions);
  const lastSector = table.diskSectors - 1;
  const backupSector = table.diskSectors - BACKUP_SECTORS;
  const primary = new Uint8Array(PRIMARY_SECTORS * SECTOR_BYTES);
  primary.set(encodeProtectiveMbr(table.diskSectors, bootCode), 0);
  primary.set(encodeHeader(table, entries, { self: 1, other: lastSector, entries: 2 }), SECTOR_BYTES);
  primary.set(entries, 2 * SECTOR_BYTES);
  const backup = new Uint8Array(BACKUP_SECTORS * SECTOR_BYTES);
  backup.set(entries, 0);
  const places = { self: lastSector, other: 1, entries: backupSector };
  backup.set(encodeHeader(table, entries, places), ENTRY_ARRAY_SECTORS * SECTOR_BYTES);
  return { primary, backup, backupSector };
}

/** UEFI 2.10 §5.2.3: one entry of type 0xEE over the whole disk keeps old tools from seeing free space. */
export function encodeProtectiveMbr(diskSectors: number, bootCode: Uint8Array): Uint8Array {
  if (bootCode.length > BOOT_CODE_BYTES) {
    throw new RangeError(`boot code of ${bootCode.length} bytes: the MBR holds ${BOOT_CODE_BYTES}`);
  }
  const mbr = new Uint8Array(SECTOR_BYTES);
  mbr.set(bootCode, 0);
  const view = new DataView(mbr.buffer);
  const entry = 446;
  mbr.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], entry);
  view.setUint32(entry + 8, 1, true);
  // UEFI 2.10 table 5.4: a disk too large for the field is given as 0xFFFFFFFF.
  view.setUint32(entry + 12, Math.min(diskSectors - 1, 0xffffffff), true);
  view.setUint16(510, 0xaa55, true);
  return mbr;
}

function encodeHeader(
  table: PartitionTable,
  entries: Uint8Array,
  sectors: { readonly self: number; readonly other: number; readonly entries: number },
): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setBigUint64(0, HEADER_SIGNATURE, true);
  view.setUint32(8, REVISION_1_0, true);
  view.setUint32(12, HEADER_BYTES, true);
  view.setBigUint64(24, BigInt(sectors.self), true);
  view.setBigUint64(32, BigInt(sectors.other), true);
  view.setBigUint64(40, BigInt(PRIMARY_SECTORS), true);
  view.setBigUint64(48, BigInt(lastUsableSector(table.diskSectors)), true);
  header.set(encodeGuid(table.diskGuid), 56);
  view.setBigUint64(72, BigInt(sectors.entries), true);
  view.setUint32(80, ENTRY_COUNT, true);
  view.setUint32(84, ENTRY_BYTES, true);
  view.setUint32(88, crc32(entries), true);
  // UEFI 2.10 table 5.5: the header's own checksum is taken with its field zero.
  view.setUint32(16, crc32(header), true);
  return header;
}

function encodeEntries(partitions: PartitionTable['partitions']): Uint8Array {
  if (partitions.length > ENTRY_COUNT)
    throw new RangeError(`${partitions.length} partitions: ${ENTRY_COUNT} at most`);
  const entries = new Uint8Array(ENTRY_COUNT * ENTRY_BYTES);
  partitions.forEach((partition, index) => {
    if (partition !== undefined) entries.set(encodeEntry(partition), index * ENTRY_BYTES);
  });
  return entries;
}

function encodeEntry(partition: Partition): Uint8Array {
  if (partition.name.length > NAME_CODE_UNITS) {
    throw new RangeError(`partition name "${partition.name}": ${NAME_CODE_UNITS} characters at most`);
  }
  const entry = new Uint8Array(ENTRY_BYTES);
  const view = new DataView(entry.buffer);
  entry.set(encodeGuid(partition.type), 0);
  entry.set(encodeGuid(partition.guid), 16);
  view.setBigUint64(32, BigInt(partition.firstSector), true);
  view.setBigUint64(40, BigInt(partition.lastSector), true);
  view.setBigUint64(48, partition.attributes, true);
  for (let index = 0; index < partition.name.length; index++) {
    view.setUint16(56 + index * 2, partition.name.charCodeAt(index), true);
  }
  return entry;
}
