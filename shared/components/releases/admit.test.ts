import { describe, expect, it } from 'vitest';
import { admit } from './admit.ts';
import { incoming, textsOf } from './testing/archives.ts';

const admitted = (...paths: string[]): Promise<Record<string, string>> =>
  textsOf(admit(incoming(paths.map(path => [path, 'x'] as const)), 1_000));

describe('admit()', () => {
  it('takes plain names, without ./ before them and in NFC', async () => {
    const taken = await admitted(
      './index.html',
      'a b/ü.css',
      'e\u0301.txt',
      'x..y',
      '.well-known/security.txt',
    );
    expect(Object.keys(taken)).toEqual([
      'index.html',
      'a b/ü.css',
      'é.txt',
      'x..y',
      '.well-known/security.txt',
    ]);
  });

  it('leaves hidden files out', async () => {
    expect(await admitted('.git/config', 'a/.DS_Store', 'index.html', 'a/.well-known/x')).toEqual({
      'index.html': 'x',
    });
  });

  it.each([
    [['/etc/passwd'], '/etc/passwd: the name is absolute'],
    [['C:/x'], 'C:/x: the name is absolute'],
    [['a/../../b'], "a/../../b: the name has '..' in it"],
    [['..'], "..: the name has '..' in it"],
    [['a\\b'], 'a\\\\b: the name has a backslash in it'],
    [['a//b'], "a//b: the name has an empty part or '.' in it"],
    [['a/./b'], "a/./b: the name has an empty part or '.' in it"],
    [[''], ': the name has an empty part'],
    [['a\u001b[2Jb'], 'a\\u001b[2Jb: the name has a control character in it'],
    [['a\ufffdb'], 'the name is not UTF-8'],
    [['ä'.repeat(128)], 'a part of the name has more than 255 bytes'],
    [['abcd/'.repeat(200) + 'e'], 'the name has more than 1000 bytes'],
    [['a', 'b', 'a'], 'a: the name is there twice'],
    [['index.html', 'Index.html'], 'Index.html: the name differs from index.html in case alone'],
    [['é', 'e\u0301'], 'é: the name is there twice'],
    [['a', 'a/b'], 'a/b: a is a file, and this lies in it'],
    [['a/b/c', 'a/B'], 'a/B: a/b is a folder as well'],
  ])('refuses %j with its name', async (paths, message) => {
    await expect(admitted(...paths)).rejects.toThrow(message);
  });

  it('refuses more files and more bytes than allowed', async () => {
    const many = Array.from({ length: 20_001 }, (_, index) => [String(index), ''] as const);
    await expect(textsOf(admit(incoming(many), 1_000))).rejects.toMatchObject({ kind: 'too-large' });
    const large = incoming([
      ['a', 'x'.repeat(600)],
      ['b', 'x'.repeat(600)],
    ]);
    await expect(textsOf(admit(large, 1_000))).rejects.toMatchObject({ kind: 'too-large' });
  });
});
