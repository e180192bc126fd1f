import fc from 'fast-check';
import type { Directory, Node } from '../../images/disk/tree.ts';
import { directory, file, symlink } from '../../images/disk/tree.ts';

/** Names that every file system here can hold, some long, some not ASCII. */
const names = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9]{0,7}(\.[a-z]{1,3})?$/),
  fc.stringMatching(/^[A-Za-z0-9 _-]{0,40}[a-z]$/),
  fc.constantFrom('Straße', 'Ελλάδα.txt', '日本語', 'x'.repeat(200)),
);

/** Contents below, at and above a block; some compress and some do not. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.nat(20_000).map(length => new Uint8Array(length).fill(7)),
  fc
    .constantFrom(4095, 4096, 4097, 8192)
    .map(length => Uint8Array.from({ length }, (_, index) => (index * index) >> 3)),
);

/** A folder of files and folders, and of symbolic links where `links` is set. */
export function randomTree(options: { readonly links: boolean }): fc.Arbitrary<Directory> {
  const modes = fc.constantFrom(0o644, 0o755, 0o600, 0o444);
  const files = fc.record({ content: contents, mode: modes }).map(({ content, mode }) => file(content, mode));
  const links = fc.stringMatching(/^[a-z/.]{1,30}$/).map(symlink);
  const { tree } = fc.letrec<{ tree: Directory; node: Node }>(tie => ({
    node: options.links
      ? fc.oneof({ maxDepth: 4 }, files, links, tie('tree'))
      : fc.oneof({ maxDepth: 4 }, files, tie('tree')),
    tree: fc
      .uniqueArray(fc.tuple(names, tie('node')), {
        maxLength: 12,
        // FAT takes names that differ in case alone for the same.
        selector: ([name]) => name.toLowerCase(),
      })
      .map(entries => directory(Object.fromEntries(entries))),
  }));
  return tree;
}
