/**
 * The GUID partition table (UEFI 2.10 §5.3) as a pure codec. The image builder writes tables with it, PID 1 grows the
 * data partition with it. Sectors are 512 bytes; entries are 128 of 128 bytes, as every tool writes them.
 */
export const SECTOR_BYTES = 512;
export const ENTRY_COUNT = 128;
export const ENTRY_BYTES = 128;
/** Sectors of one entry array: 128 entries of 128 bytes. */
export const ENTRY_ARRAY_SECTORS: number = (ENTRY_COUNT * ENTRY_BYTES) / SECTOR_BYTES;
/** Protective MBR, header and entries: what lies before the first usable sector. */
export const PRIMARY_SECTORS: number = 2 + ENTRY_ARRAY_SECTORS;
/** Entries and header at the end of the disk. */
export const BACKUP_SECTORS: number = 1 + ENTRY_ARRAY_SECTORS;
/** Partitions begin and end at whole MiB, so that they suit every flash page and every disk with larger sectors. */
export const ALIGNMENT_SECTORS: number = (1024 * 1024) / SECTOR_BYTES;

export interface Partition {
  /** What kind of partition, as a GUID. */
  readonly type: string;
  /** This partition's own GUID: the kernel's PARTUUID. */
  readonly guid: string;
  readonly firstSector: number;
  /** The last sector that belongs to it (inclusive, as stored). */
  readonly lastSector: number;
  readonly attributes: bigint;
  /** At most 36 UTF-16 code units. */
  readonly name: string;
}

export interface PartitionTable {
  readonly diskGuid: string;
  /** The size of the whole disk. */
  readonly diskSectors: number;
  /** In the order of their numbers, from 1; unused entries are left out at the end only. */
  readonly partitions: readonly (Partition | undefined)[];
}

export const PARTITION_TYPES = {
  biosBoot: '21686148-6449-6e6f-744e-656564454649',
  efiSystem: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  /** Microsoft basic data: what Windows and macOS show as a drive. */
  basicData: 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7',
  linuxFilesystem: '0fc63daf-8483-4772-8e79-3d69d8477de4',
} as const;

/** The last sector that a partition may use on a disk of this size. */
export function lastUsableSector(diskSectors: number): number {
  return diskSectors - BACKUP_SECTORS - 1;
}

/** The table on a disk of another size, its last partition ending where the disk's last whole MiB ends. */
export function growLastPartition(table: PartitionTable, diskSectors: number): PartitionTable {
  const end = Math.floor((lastUsableSector(diskSectors) + 1) / ALIGNMENT_SECTORS) * ALIGNMENT_SECTORS - 1;
  const last = table.partitions.reduce<Partition | undefined>(
    (latest, each) => (each !== undefined && each.lastSector > (latest?.lastSector ?? -1) ? each : latest),
    undefined,
  );
  const partitions = table.partitions.map(each =>
    each !== undefined && each === last && end > each.lastSector ? { ...each, lastSector: end } : each,
  );
  return { ...table, diskSectors, partitions };
}
