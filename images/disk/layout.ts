import { createHash } from 'node:crypto';
import {
  ALIGNMENT_SECTORS,
  BACKUP_SECTORS,
  PARTITION_TYPES,
  SECTOR_BYTES,
} from '../../shared/protocols/gpt/gpt.ts';
import type { Partition, PartitionTable } from '../../shared/protocols/gpt/gpt.ts';

const MIB_SECTORS = (1024 * 1024) / SECTOR_BYTES;

/** The order is that of the numbers on the disk. Data comes last: it grows to the disk's end. */
const PARTITIONS = [
  { key: 'bios', name: 'BIOS boot', type: PARTITION_TYPES.biosBoot, mib: 1 },
  // 36 MiB is the least that is FAT32, which UEFI 2.10 §13.3 asks of a fixed disk's system partition.
  { key: 'esp', name: 'LARES-ESP', type: PARTITION_TYPES.efiSystem, mib: 36 },
  { key: 'settings', name: 'LARES', type: PARTITION_TYPES.basicData, mib: 16 },
  // Twice the budget of kernel and root together: an update may be larger than what it replaces.
  { key: 'a', name: 'lares-a', type: PARTITION_TYPES.linuxFilesystem, mib: 96 },
  { key: 'b', name: 'lares-b', type: PARTITION_TYPES.linuxFilesystem, mib: 96 },
  // The size of the prebuilt ext4 template.
  { key: 'data', name: 'lares-data', type: PARTITION_TYPES.linuxFilesystem, mib: 64 },
] as const;

export type PartitionKey = (typeof PARTITIONS)[number]['key'];

export interface DiskLayout {
  readonly table: PartitionTable;
  readonly partitions: Readonly<
    Record<PartitionKey, Partition & { readonly number: number; readonly sectors: number }>
  >;
}

/** Where everything lies. `identity` (what is on the disk) decides the GUIDs: same content, same GUIDs. */
export function planDisk(identity: string): DiskLayout {
  let next = ALIGNMENT_SECTORS;
  const planned = PARTITIONS.map(({ key, name, type, mib }, index) => {
    const firstSector = next;
    const sectors = mib * MIB_SECTORS;
    next += sectors;
    const guid = deriveGuid(`${identity}/${key}`);
    const partition: Partition = { type, guid, firstSector, lastSector: next - 1, attributes: 0n, name };
    return { key, partition: { ...partition, number: index + 1, sectors } };
  });
  const diskSectors = next + ALIGNMENT_SECTORS * Math.ceil(BACKUP_SECTORS / ALIGNMENT_SECTORS);
  return {
    table: {
      diskGuid: deriveGuid(`${identity}/disk`),
      diskSectors,
      partitions: planned.map(({ partition: { number: _number, sectors: _sectors, ...stored } }) => stored),
    },
    partitions: Object.fromEntries(
      planned.map(each => [each.key, each.partition]),
    ) as DiskLayout['partitions'],
  };
}

/** RFC 9562 §5.8: version 8, whose bits are ours to derive; here the first of a SHA-256. */
export function deriveGuid(name: string): string {
  const bytes = createHash('sha256').update(`lares ${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
