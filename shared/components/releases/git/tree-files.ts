import { decodeTree, treeOfCommit } from '../../../protocols/git/objects.ts';
import { printable, type IncomingFile } from '../admit.ts';
import { ContentRefused } from '../release.ts';
import type { GitObject } from './read-pack.ts';

type Objects = ReadonlyMap<string, GitObject>;

/** The files of a commit below `folder` ('' for all). @throws ContentRefused for links and submodules, by name. */
export async function* filesOfCommit(
  objects: Objects,
  id: string,
  folder: string,
): AsyncGenerator<IncomingFile> {
  const commit = objects.get(id);
  let tree = commit?.kind === 'commit' ? treeOfCommit(commit.content) : undefined;
  if (tree === undefined) throw broken();
  for (const name of folder.split('/').filter(part => part !== '')) {
    tree = entriesOf(objects, tree).find(entry => entry.kind === 'folder' && entry.name === name)?.id;
    if (tree === undefined)
      throw refused(folder, 'is no folder of the repository: [git-folder] names another one');
  }
  yield* filesOfTree(objects, tree, '');
}

async function* filesOfTree(objects: Objects, id: string, above: string): AsyncGenerator<IncomingFile> {
  for (const { kind, name, id: child } of entriesOf(objects, id)) {
    const path = `${above}${name}`;
    // `.github` and its like are the repository's own business, and may hold what a release may not.
    if (name.startsWith('.') && path !== '.well-known') continue;
    if (kind === 'folder') yield* filesOfTree(objects, child, `${path}/`);
    else if (kind === 'file') yield { path, content: contentOf(objects, child) };
    else if (kind === 'link') throw refused(path, 'is a link: a release has plain files alone');
    else throw refused(path, 'is a submodule: a release has plain files alone');
  }
}

async function* contentOf(objects: Objects, id: string): AsyncGenerator<Uint8Array> {
  const blob = objects.get(id);
  if (blob?.kind !== 'blob') throw broken();
  yield blob.content;
}

function entriesOf(objects: Objects, id: string): NonNullable<ReturnType<typeof decodeTree>> {
  const tree = objects.get(id);
  const entries = tree?.kind === 'tree' ? decodeTree(tree.content) : undefined;
  if (entries === undefined) throw broken();
  return entries;
}

function refused(file: string, reason: string): ContentRefused {
  return new ContentRefused('faulty', [{ file: printable(file), reason }]);
}

function broken(): ContentRefused {
  return new ContentRefused('faulty', [
    { reason: 'the pack that the git server sent lacks something of the commit' },
  ]);
}
