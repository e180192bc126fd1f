import { equalBytes, viewOf } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { crc32 } from './crc32.ts';
import { HEADER_BYTES, HEADER_SIGNATURE } from './encode.ts';
import type { Partition, PartitionTable } from './gpt.ts';
import { ENTRY_BYTES, ENTRY_COUNT, PRIMARY_SECTORS, SECTOR_BYTES } from './gpt.ts';
import { GUID_BYTES, decodeGuid } from './guid.ts';

export type TableFault =
  | { readonly kind: 'too-short'; readonly bytes: number; readonly needed: number }
  | { readonly kind: 'no-signature' }
  | { readonly kind: 'header-checksum' }
  | { readonly kind: 'entries-checksum' }
  | { readonly kind: 'unusual-layout'; readonly detail: string };

/**
 * The table in a disk's first 34 sectors. The disk's size is taken from the place of the backup header, so it is the
 * size that the table was written for; a disk that grew since is larger (`growLastPartition`).
 */
export function decodeTable(firstSectors: Uint8Array): Result<PartitionTable, TableFault> {
  const needed = PRIMARY_SECTORS * SECTOR_BYTES;
  if (firstSectors.length < needed) return err({ kind: 'too-short', bytes: firstSectors.length, needed });
  const header = firstSectors.subarray(SECTOR_BYTES, SECTOR_BYTES + HEADER_BYTES);
  const fault = headerFault(header);
  if (fault !== undefined) return err(fault);
  const view = viewOf(header);
  const entries = firstSectors.subarray(2 * SECTOR_BYTES, needed);
  if (crc32(entries) !== view.getUint32(88, true)) return err({ kind: 'entries-checksum' });
  return ok({
    diskGuid: decodeGuid(header.subarray(56, 56 + GUID_BYTES)),
    diskSectors: Number(view.getBigUint64(32, true)) + 1,
    partitions: decodeEntries(entries),
  });
}

function headerFault(header: Uint8Array): TableFault | undefined {
  const view = viewOf(header);
  if (view.getBigUint64(0, true) !== HEADER_SIGNATURE) return { kind: 'no-signature' };
  if (view.getUint32(12, true) !== HEADER_BYTES)
    return unusual(`header of ${view.getUint32(12, true)} bytes`);
  const unsummed = new Uint8Array(header);
  unsummed.fill(0, 16, 20);
  if (crc32(unsummed) !== view.getUint32(16, true)) return { kind: 'header-checksum' };
  const count = view.getUint32(80, true);
  const size = view.getUint32(84, true);
  const at = view.getBigUint64(72, true);
  if (count !== ENTRY_COUNT || size !== ENTRY_BYTES || at !== 2n) {
    return unusual(`${count} entries of ${size} bytes at sector ${at}`);
  }
  return undefined;
}

function unusual(detail: string): TableFault {
  return { kind: 'unusual-layout', detail };
}

const UNUSED: Uint8Array = new Uint8Array(GUID_BYTES);

function decodeEntries(entries: Uint8Array): (Partition | undefined)[] {
  const partitions: (Partition | undefined)[] = [];
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    partitions.push(decodeEntry(entries.subarray(at, at + ENTRY_BYTES)));
  }
  return partitions.slice(0, partitions.findLastIndex(each => each !== undefined) + 1);
}

function decodeEntry(entry: Uint8Array): Partition | undefined {
  // UEFI 2.10 table 5.6: the type GUID of zeros marks an entry that is not in use.
  if (equalBytes(entry.subarray(0, GUID_BYTES), UNUSED)) return undefined;
  const view = viewOf(entry);
  return {
    type: decodeGuid(entry.subarray(0, GUID_BYTES)),
    guid: decodeGuid(entry.subarray(GUID_BYTES, 2 * GUID_BYTES)),
    firstSector: Number(view.getBigUint64(32, true)),
    lastSector: Number(view.getBigUint64(40, true)),
    attributes: view.getBigUint64(48, true),
    name: decodeName(view),
  };
}

function decodeName(view: DataView): string {
  let name = '';
  for (let at = 56; at < ENTRY_BYTES; at += 2) {
    const unit = view.getUint16(at, true);
    if (unit === 0) break;
    name += String.fromCharCode(unit);
  }
  return name;
}
