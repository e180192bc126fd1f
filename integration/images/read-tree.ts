import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Directory } from '../../images/disk/tree.ts';

/** Path to what is there: `-0644 <content in hexadecimal>`, `> target`, `d0755`. */
export type Listing = ReadonlyMap<string, string>;

export function listTree(folder: Directory, at = ''): Listing {
  const lines = new Map<string, string>();
  for (const [name, node] of folder.entries) {
    const path = `${at}/${name}`;
    if (node.kind === 'file') lines.set(path, describeFile(node.content, node.mode));
    else if (node.kind === 'symlink') lines.set(path, `> ${node.target}`);
    else {
      lines.set(path, `d${node.mode.toString(8)}`);
      for (const [below, line] of listTree(node, path)) lines.set(below, line);
    }
  }
  return lines;
}

export async function listFolder(folder: string, at = ''): Promise<Listing> {
  const lines = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = `${at}/${entry.name}`;
    const real = join(folder, entry.name);
    if (entry.isSymbolicLink()) {
      lines.set(path, `> ${await readlink(real)}`);
      continue;
    }
    const mode = (await stat(real)).mode & 0o7777;
    if (entry.isFile()) lines.set(path, describeFile(await readFile(real), mode));
    else {
      lines.set(path, `d${mode.toString(8)}`);
      for (const [below, line] of await listFolder(real, path)) lines.set(below, line);
    }
  }
  return lines;
}

/** Without the modes: FAT has none. */
export function withoutModes(listing: Listing): Listing {
  return new Map([...listing].map(([path, line]) => [path, line.replace(/^([-d])[0-7]+/, '$1')]));
}

function describeFile(content: Uint8Array, mode: number): string {
  return `-${mode.toString(8)} ${Buffer.from(content).toString('hex')}`;
}
