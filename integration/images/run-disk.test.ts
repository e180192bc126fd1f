import { mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeDisk } from '../../images/disk/disk.ts';
import { planDisk } from '../../images/disk/layout.ts';
import { directory } from '../../images/disk/tree.ts';
import { writeDisk } from '../../images/disk/write.ts';
import { prepareRunDisk } from '../../images/run/run-disk.ts';

const layout = planDisk('test');
const dataStart = layout.partitions.data.firstSector * 512;
const NOTE = Buffer.from('what the appliance wrote');
/** A little larger than the built disk. */
const DISK_BYTES = 330 * 1024 * 1024;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lares-run-disk-'));
  await build('first');
});
afterEach(() => rm(folder, { recursive: true }));

/** Puts an image into the folder whose root says which one it is. */
async function build(name: string): Promise<void> {
  const slot = {
    root: Buffer.from(name.padEnd(16)),
    kernel: new Uint8Array(512),
    version: '1',
    commandLine: 'ro',
  };
  const empty = new Uint8Array(512);
  const grub = { bootImage: empty, coreImage: empty, efiImage: empty, config: empty };
  await writeDisk(
    join(folder, 'disk.img'),
    encodeDisk(layout, { slot, grub, settings: directory(), data: Buffer.from('template') }),
  );
  await writeFile(join(folder, 'manifest.json'), name);
}

async function read(path: string, offset: number, length: number): Promise<string> {
  await using handle = await open(path);
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.toString().trim();
}

async function writeNote(path: string): Promise<void> {
  await using handle = await open(path, 'r+');
  await handle.write(NOTE, 0, NOTE.length, dataStart + 1024);
}

const readNote = (path: string) => read(path, dataStart + 1024, NOTE.length);
const readRoot = (path: string) => read(path, layout.partitions.a.firstSector * 512, 16);

describe('prepareRunDisk', () => {
  it('copies the built disk, with room to grow and holes for what is empty', async () => {
    const path = await prepareRunDisk(folder, false, DISK_BYTES);
    const { size, blocks } = await stat(path);
    expect(size).toBe(DISK_BYTES);
    expect(blocks * 512).toBeLessThan(4 * 1024 * 1024);
    expect(await readRoot(path)).toBe('first');
    expect(await read(path, dataStart, 8)).toBe('template');
  });

  it('keeps what was written, also when another image was built', async () => {
    await writeNote(await prepareRunDisk(folder, false, DISK_BYTES));
    expect(await readNote(await prepareRunDisk(folder, false, DISK_BYTES))).toBe(NOTE.toString());
    await build('second');
    const path = await prepareRunDisk(folder, false, DISK_BYTES);
    expect(await readRoot(path)).toBe('second');
    expect(await readNote(path)).toBe(NOTE.toString());
  });

  it('begins anew when asked to', async () => {
    await writeNote(await prepareRunDisk(folder, false, DISK_BYTES));
    expect(await readNote(await prepareRunDisk(folder, true, DISK_BYTES))).not.toBe(NOTE.toString());
  });
});
