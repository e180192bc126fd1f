import { describe, expect, it } from 'vitest';
import { directory, file, type Node } from '../disk/tree.ts';
import { checkSite, encodeSite } from './encode-site.ts';

const PAGE = '<p>A page that is long enough to be worth a coding. '.repeat(20);

function pathsOf(node: Node, path = ''): string[] {
  if (node.kind !== 'directory') return [path];
  return [...node.entries].flatMap(([name, child]) => pathsOf(child, `${path}/${name}`));
}

describe('encodeSite()', () => {
  it('adds the codings, and none that lay in the folder', async () => {
    const site = directory({
      'index.html': file(PAGE),
      'photo.png': file(PAGE),
      '.codings': directory({ br: directory({ 'index.html': file('old') }) }),
    });
    expect(pathsOf(await encodeSite('site', site)).toSorted()).toEqual([
      '/.codings/br/index.html',
      '/.codings/gzip/index.html',
      '/.codings/zstd/index.html',
      '/index.html',
      '/photo.png',
    ]);
  });

  it('gives the same bytes every time', async () => {
    const site = directory({ 'index.html': file(PAGE) });
    expect(await encodeSite('site', site)).toEqual(await encodeSite('site', site));
  });

  it('tells where a rule is wrong', async () => {
    const site = directory({ 'index.html': file(''), _redirects: file('/a /b\n/c\n') });
    await expect(encodeSite('my-site', site)).rejects.toThrow('my-site/_redirects:2: there is no target');
  });
});

describe('checkSite()', () => {
  it('finds what encodeSite() finds', () => {
    const check = (rules: string): void =>
      checkSite({
        name: 'my-site',
        folder: directory({ 'index.html': file(''), _redirects: file(rules) }),
      });
    expect(() => check('/a /b\n')).not.toThrow();
    expect(() => check('/a /b\n/c\n')).toThrow('my-site/_redirects:2: there is no target');
  });
});
