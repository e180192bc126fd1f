import { describe, expect, it } from 'vitest';
import { directory, file, sortedEntries, treeFromPaths } from './tree.ts';

describe('treeFromPaths', () => {
  it('makes the folders between and joins a folder that is given', () => {
    const tree = treeFromPaths([
      ['a/b/c', file('1')],
      ['a', directory({ d: file('2') })],
    ]);
    const folder = tree.entries.get('a');
    expect(folder?.kind === 'directory' && [...folder.entries.keys()]).toEqual(['b', 'd']);
  });

  it.each([[['a', 'a/b']], [['a/b', 'a']], [['a', 'a']], [['a/../b']], [['']]])('refuses %j', paths => {
    expect(() => treeFromPaths(paths.map(path => [path, file('')] as const))).toThrow(RangeError);
  });
});

describe('sortedEntries', () => {
  it('orders by bytes, not by locale', () => {
    const names = sortedEntries(directory({ b: file(''), é: file(''), Z: file(''), a: file('') })).map(
      ([name]) => name,
    );
    expect(names).toEqual(['Z', 'a', 'b', 'é']);
  });
});
