import { createHash } from 'node:crypto';
import { decodeUtf8, encodeUtf8, formatHex } from '../../base/bytes.ts';

export type ObjectKind = 'commit' | 'tree' | 'blob' | 'tag';

/** The name of an object: SHA-1 over its kind, size and content. */
export function objectId(kind: ObjectKind, content: Uint8Array): string {
  return createHash('sha1')
    .update(encodeUtf8(`${kind} ${content.length}\0`))
    .update(content)
    .digest('hex');
}

/** The tree of a commit, or undefined where that is none. */
export function treeOfCommit(content: Uint8Array): string | undefined {
  return /^tree ([0-9a-f]{40})\n/.exec(decodeUtf8(content.subarray(0, 46)))?.[1];
}

export interface TreeEntry {
  readonly kind: 'file' | 'folder' | 'link' | 'submodule';
  readonly name: string;
  readonly id: string;
}

/** The entries of a tree, or undefined where it is malformed: mode, space, name, NUL, twenty bytes of the object's name. */
export function decodeTree(content: Uint8Array): TreeEntry[] | undefined {
  const entries: TreeEntry[] = [];
  for (let offset = 0; offset < content.length;) {
    const end = content.indexOf(0, offset);
    const [, mode, name] = /^([0-7]{5,6}) (.+)$/s.exec(decodeUtf8(content.subarray(offset, end))) ?? [];
    if (end < 0 || mode === undefined || name === undefined || end + 21 > content.length) return undefined;
    const id = formatHex(content.subarray(end + 1, end + 21));
    entries.push({ kind: KINDS[mode] ?? 'file', name, id });
    offset = end + 21;
  }
  return entries;
}

/** Other modes are files, executable or not. */
const KINDS: Readonly<Record<string, TreeEntry['kind']>> = {
  '40000': 'folder',
  '040000': 'folder',
  '120000': 'link',
  '160000': 'submodule',
};
