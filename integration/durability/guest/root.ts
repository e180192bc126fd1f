import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { encodeSquashfs } from '../../../images/disk/squashfs/squashfs.ts';
import { directory, file, treeFromPaths, type Node } from '../../../images/disk/tree.ts';
import { readLock } from '../../../images/prebuilt/lock.ts';

/** A root file system with node and one program, not compressed: it is made in a second and read from memory. */
export async function buildGuestRoot(program: string): Promise<Uint8Array> {
  const nodes = new Map<string, Node>([
    ['bin/node', file(await readFile(process.execPath), 0o755)],
    ['app/main.mjs', file(await bundle(program))],
  ]);
  for (const folder of ['dev', 'proc', 'sys', 'tmp', 'data']) nodes.set(folder, directory());
  const prebuilt = join(import.meta.dirname, '../../../images/prebuilt/x86_64');
  for (const { path, install } of (await readLock()).x86_64)
    if (install !== undefined)
      nodes.set(install.path, file(await readFile(join(prebuilt, path)), Number.parseInt(install.mode, 8)));
  return encodeSquashfs(treeFromPaths(nodes), { blockBytes: BLOCK_BYTES, compress: storeContent });
}

async function bundle(program: string): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [program],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    logLevel: 'silent',
  });
  return result.outputFiles[0]!.contents;
}

async function storeContent(content: Uint8Array): Promise<{ bytes: Uint8Array; stored: boolean }[]> {
  return Array.from({ length: Math.ceil(content.length / BLOCK_BYTES) }, (_, index) => ({
    bytes: content.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES),
    stored: true,
  }));
}

const BLOCK_BYTES = 128 * 1024;
