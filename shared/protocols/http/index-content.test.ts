import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../base/bytes.ts';
import { indexContent, type SiteContent, type SiteFile } from './index-content.ts';
import { filesOf, NOW } from './testing/site.ts';

function contentOf(files: readonly SiteFile[]): SiteContent {
  const content = indexContent(files, NOW);
  if (!content.ok) throw new Error(JSON.stringify(content.error));
  return content.value;
}
const codingsOf = (content: SiteContent, path: string): string[] =>
  content.files.get(path)?.variants.map(({ coding }) => coding) ?? [];

describe('indexContent()', () => {
  it('knows the owner’s own codings beside a file, the smallest first', () => {
    const content = contentOf(
      filesOf({ 'a.css': 'long text', 'a.css.gz': 'short', 'a.css.br': 'br', 'a.css.zst': 'zst' }),
    );
    expect(codingsOf(content, 'a.css')).toEqual(['br', 'zstd', 'gzip', 'identity']);
    expect(codingsOf(content, 'a.css.gz')).toEqual(['identity']);
  });

  it('needs no base file for text', () => {
    const content = contentOf(filesOf({ 'a.css.br': 'br' }));
    expect(codingsOf(content, 'a.css')).toEqual(['br']);
    expect(content.files.get('a.css')?.mediaType).toBe('text/css; charset=utf-8');
  });

  it('does not make a file of what an archive holds', () => {
    const content = contentOf(filesOf({ 'a.tar.gz': 'x', 'photo.png.br': 'x', '.hidden.css.br': 'x' }));
    expect([...content.files.keys()]).toEqual(['a.tar.gz', 'photo.png.br']);
  });

  it('takes what was made beforehand, and an empty one for none', () => {
    const content = contentOf(
      filesOf({ 'a.css': 'long', 'a.css.gz': 'old', '.codings/gzip/a.css': '', '.codings/br/a.css': 'b' }),
    );
    expect(codingsOf(content, 'a.css')).toEqual(['br', 'identity']);
    expect([...content.files.keys()]).toEqual(['a.css', 'a.css.gz']);
  });

  it('gives every coding a tag of its own, by its bytes', () => {
    const content = contentOf(filesOf({ a: 'same', 'b.txt': 'same', 'b.txt.br': 'same' }));
    const [a] = content.files.get('a')?.variants ?? [];
    const tags = content.files.get('b.txt')?.variants.map(({ entityTag }) => entityTag) ?? [];
    expect(new Set(tags).size).toBe(2);
    expect(tags).toContain(a?.entityTag);
    for (const tag of tags) expect(tag).toMatch(/^"[\w-]{22}(-br)?"$/);
  });

  it('reads the rules and hides their files', () => {
    const content = contentOf(filesOf({ 'a.txt': '', _headers: '/*\n  B: 1', _redirects: '\uFEFF/x /y' }));
    expect([...content.files.keys()]).toEqual(['a.txt']);
    expect([content.headerRules.length, content.redirectRules.length]).toEqual([1, 1]);
    expect(content.sizeBytes).toBe(0);
  });

  it('tells the faults of both files', () => {
    const content = indexContent(filesOf({ _headers: '/*\n  B', _redirects: '/x' }), NOW);
    expect(content.ok ? [] : content.error.map(({ file, line }) => `${file}:${line}`)).toEqual([
      '_headers:2',
      '_redirects:1',
    ]);
  });

  it('finds names in whatever form Unicode has them', () => {
    expect([...contentOf(filesOf({ 'cafe\u0301.txt': '' })).files.keys()]).toEqual(['caf\u00e9.txt']);
  });

  it('can be cloned to a worker with its memory shared', () => {
    const memory = new SharedArrayBuffer(8);
    const files = [0, 4].map(at => ({ path: `${at}.txt`, bytes: new Uint8Array(memory, at, 4) }));
    files[1]?.bytes.set(encodeUtf8('abcd'));
    const cloned = structuredClone(contentOf(files));
    const views = ['0.txt', '4.txt'].map(path => cloned.files.get(path)?.variants[0]?.bytes);
    expect(views[0]?.buffer).toBe(views[1]?.buffer);
    files[0]?.bytes.set(encodeUtf8('wxyz'));
    expect(views[0]).toEqual(encodeUtf8('wxyz'));
  });
});
