import { DIRECTORY_RUN_MOST } from './format.ts';
import type { MetadataPlace } from './metadata.ts';

/** One line of a directory, whose inode has been written already. */
export interface ListingEntry {
  readonly name: string;
  /** The small inode type, whichever form the inode has. */
  readonly type: number;
  readonly inode: number;
  readonly place: MetadataPlace;
}

const HEADER_BYTES = 12;
const ENTRY_BYTES = 8;
const NAME_BYTES_MOST = 256;

/** A directory's listing: runs of entries whose inodes share a metadata block and a base number. */
export function encodeListing(entries: readonly ListingEntry[]): Uint8Array {
  return Buffer.concat(runs(entries).map(encodeRun));
}

function runs(entries: readonly ListingEntry[]): ListingEntry[][] {
  const all: ListingEntry[][] = [];
  for (const entry of entries) {
    const run = all.at(-1);
    if (run !== undefined && fits(run, entry)) run.push(entry);
    else all.push([entry]);
  }
  return all;
}

function fits(run: readonly ListingEntry[], entry: ListingEntry): boolean {
  const first = run[0];
  if (first === undefined || run.length === DIRECTORY_RUN_MOST || first.place.block !== entry.place.block)
    return false;
  const difference = entry.inode - first.inode;
  return difference >= -0x8000 && difference <= 0x7fff;
}

function encodeRun(run: readonly ListingEntry[]): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  const base = run[0]?.inode ?? 0;
  view.setUint32(0, run.length - 1, true);
  view.setUint32(4, run[0]?.place.block ?? 0, true);
  view.setUint32(8, base, true);
  return Buffer.concat([header, ...run.map(entry => encodeEntry(entry, base))]);
}

function encodeEntry(entry: ListingEntry, base: number): Uint8Array {
  const name = new TextEncoder().encode(entry.name);
  if (name.length === 0 || name.length > NAME_BYTES_MOST) {
    throw new RangeError(`file name "${entry.name}": 1 to ${NAME_BYTES_MOST} bytes in UTF-8`);
  }
  const bytes = new Uint8Array(ENTRY_BYTES + name.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, entry.place.offset, true);
  view.setInt16(2, entry.inode - base, true);
  view.setUint16(4, entry.type, true);
  view.setUint16(6, name.length - 1, true);
  bytes.set(name, ENTRY_BYTES);
  return bytes;
}
