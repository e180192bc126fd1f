import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeTable } from '../../shared/protocols/gpt/decode.ts';
import { BOOT_CODE_BYTES, encodeTable } from '../../shared/protocols/gpt/encode.ts';
import type { PartitionTable } from '../../shared/protocols/gpt/gpt.ts';
import { PRIMARY_SECTORS, SECTOR_BYTES, growLastPartition } from '../../shared/protocols/gpt/gpt.ts';
import { copySparse } from '../disk/write.ts';

/** What a small VPS would give; the file has holes, so it takes only what is written. */
const RUN_DISK_BYTES: number = 1024 * 1024 * 1024;

/**
 * The disk that `boot` runs on: a copy of the built one that keeps what the appliance writes. When another image was
 * built, the system comes from that and the data volume stays. `fresh` begins with an empty one.
 */
export async function prepareRunDisk(
  folder: string,
  fresh: boolean,
  diskBytes: number = RUN_DISK_BYTES,
): Promise<string> {
  const path = join(folder, 'run.img');
  const notePath = join(folder, 'run.json');
  const image = createHash('sha256')
    .update(await readFile(join(folder, 'manifest.json')))
    .digest('hex');
  const kept = !fresh && (await exists(path));
  if (kept && (await readNote(notePath)) === image) return path;
  const partial = `${path}.partial`;
  await copyDisk(join(folder, 'disk.img'), partial, diskBytes);
  if (kept) await carryData(path, partial);
  await rename(partial, path);
  await writeFile(notePath, JSON.stringify({ image }));
  return path;
}

async function copyDisk(from: string, to: string, diskBytes: number): Promise<void> {
  await rm(to, { force: true });
  await using source = await open(from, 'r');
  await using target = await open(to, 'w', 0o644);
  const { size } = await source.stat();
  await target.truncate(Math.max(size, diskBytes));
  await copySparse(source, target, { from: 0, to: 0, bytes: size });
}

async function carryData(from: string, to: string): Promise<void> {
  await using source = await open(from, 'r');
  await using target = await open(to, 'r+');
  const old = await readTable(source, from);
  const data = old.partitions.at(-1);
  const place = (await readTable(target, to)).partitions.at(-1);
  if (data === undefined || place === undefined) throw new Error(`${from}: no data partition`);
  const bytes = (data.lastSector - data.firstSector + 1) * SECTOR_BYTES;
  const at = { from: data.firstSector * SECTOR_BYTES, to: place.firstSector * SECTOR_BYTES };
  // Holes where the template was, and no less room than the data had.
  const { size } = await target.stat();
  await target.truncate(at.to);
  await target.truncate(Math.max(size, (await source.stat()).size));
  await copySparse(source, target, { ...at, bytes });
  await growTable(target, to);
}

async function growTable(disk: Awaited<ReturnType<typeof open>>, path: string): Promise<void> {
  const { size } = await disk.stat();
  const bootCode = new Uint8Array(BOOT_CODE_BYTES);
  await disk.read(bootCode, 0, BOOT_CODE_BYTES, 0);
  const grown = encodeTable(growLastPartition(await readTable(disk, path), size / SECTOR_BYTES), bootCode);
  await disk.write(grown.primary, 0, grown.primary.length, 0);
  await disk.write(grown.backup, 0, grown.backup.length, grown.backupSector * SECTOR_BYTES);
}

async function readTable(disk: Awaited<ReturnType<typeof open>>, path: string): Promise<PartitionTable> {
  const bytes = new Uint8Array(PRIMARY_SECTORS * SECTOR_BYTES);
  await disk.read(bytes, 0, bytes.length, 0);
  const decoded = decodeTable(bytes);
  if (!decoded.ok) throw new Error(`${path}: ${decoded.error.kind}; start with --fresh`);
  return decoded.value;
}

async function readNote(path: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as { image: string }).image;
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
