/** A tree of files in memory: what the writers of SquashFS and FAT are given. */
export type Node = File | Directory | Symlink;

export interface File {
  readonly kind: 'file';
  /** Permission bits, such as 0o644. FAT ignores them. */
  readonly mode: number;
  readonly content: Uint8Array;
}

export interface Directory {
  readonly kind: 'directory';
  readonly mode: number;
  readonly entries: ReadonlyMap<string, Node>;
}

export interface Symlink {
  readonly kind: 'symlink';
  readonly target: string;
}

export function file(content: Uint8Array | string, mode = 0o644): File {
  return {
    kind: 'file',
    mode,
    content: typeof content === 'string' ? new TextEncoder().encode(content) : content,
  };
}

export function symlink(target: string): Symlink {
  return { kind: 'symlink', target };
}

export function directory(entries: Readonly<Record<string, Node>> = {}, mode = 0o755): Directory {
  return { kind: 'directory', mode, entries: new Map(Object.entries(entries)) };
}

/** A tree from paths such as `etc/hosts`; the folders between are made (mode 0755). A path named twice is a fault. */
export function treeFromPaths(paths: Iterable<readonly [string, Node]>): Directory {
  const root = newFolder();
  for (const [path, node] of paths) place(root, path, node);
  return root;
}

type Folder = Directory & { readonly entries: Map<string, Node> };

function newFolder(mode = 0o755): Folder {
  return { kind: 'directory', mode, entries: new Map<string, Node>() };
}

function place(root: Folder, path: string, node: Node): void {
  const names = path.split('/').filter(name => name !== '');
  const last = names.pop();
  if (last === undefined || names.includes('..') || last === '..')
    throw new RangeError(`"${path}" names no file`);
  let folder = root;
  for (const name of names) folder = folderWithin(folder, name, path);
  const present = folder.entries.get(last);
  if (node.kind === 'directory') {
    const made = present ?? newFolder(node.mode);
    if (made.kind !== 'directory') throw new RangeError(`"${path}" is a file and a folder`);
    folder.entries.set(last, made);
    for (const [name, child] of node.entries) place(made as Folder, name, child);
    return;
  }
  if (present !== undefined) throw new RangeError(`"${path}" is there twice`);
  folder.entries.set(last, node);
}

function folderWithin(folder: Folder, name: string, path: string): Folder {
  const present = folder.entries.get(name);
  if (present === undefined) {
    const made = newFolder();
    folder.entries.set(name, made);
    return made;
  }
  if (present.kind !== 'directory') throw new RangeError(`"${path}": "${name}" on the way is a file`);
  return present as Folder;
}

/** Every file below the node, with its path from there. */
export function* filesOf(
  node: Node,
  path = '',
): Generator<{ readonly path: string; readonly bytes: Uint8Array }> {
  if (node.kind === 'file') yield { path, bytes: node.content };
  if (node.kind === 'directory')
    for (const [name, child] of node.entries) yield* filesOf(child, path === '' ? name : `${path}/${name}`);
}

/** Entries in the order of their names' UTF-8 bytes: the same on every machine and locale, and what SquashFS asks. */
export function sortedEntries(folder: Directory): [string, Node][] {
  return [...folder.entries].sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}
