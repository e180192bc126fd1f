import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatName, parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import { createTsigSecret, readTsigKey, secretNameOf } from './tsig-key-file.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lares-tsig-'));
});
afterAll(() => rm(folder, { recursive: true }));

function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

async function read(text: string, named?: string) {
  const file = join(folder, 'tsig-web');
  await writeFile(file, text);
  return readTsigKey(file, named);
}

it('makes a secret that others cannot read, never twice the same, and reads it again', async () => {
  const file = await createTsigSecret(name('Web.Example'), folder);
  expect(file).toBe(join(folder, 'tsig-web-example'));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const key = await readTsigKey(file, 'web.example');
  expect([formatName(key.name), key.algorithm, key.secret.length]).toEqual([
    'web.example',
    'hmac-sha256',
    32,
  ]);
  const text = await readFile(file, 'utf8');
  await expect(createTsigSecret(name('web-example'), folder)).rejects.toThrow('is there already');
  expect(await readFile(file, 'utf8')).toBe(text);
  const other = await readTsigKey(await createTsigSecret(name('other'), folder));
  expect(other.secret).not.toEqual(key.secret);
});

it('says where the secret should lie when there is no folder for it', async () => {
  await expect(createTsigSecret(name('a'), join(folder, 'none'))).rejects.toThrow(
    'it belongs beside lares.toml',
  );
});

it.each(['lares-web', 'A_b.c-d', '-', 'x'.repeat(63)])(
  'names the secret of %s as configurations take it',
  text => {
    expect(secretNameOf(name(text))).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
  },
);

it('takes the name of the key from that of the file', async () => {
  expect(formatName((await read('AQID\n')).name)).toBe('web');
  expect(formatName((await read('AQID', 'a.b.')).name)).toBe('a.b');
});

it('reads a key as tsig-keygen writes it', async () => {
  const key = await read('key "Web.Example" {\n\talgorithm hmac-sha512;\n\tsecret "AQID";\n};\n');
  expect([formatName(key.name), key.algorithm, [...key.secret]]).toEqual([
    'Web.Example',
    'hmac-sha512',
    [1, 2, 3],
  ]);
});

it.each([
  ['an algorithm that is too weak', 'key x { algorithm hmac-md5; secret "AQID"; };'],
  ['no secret', 'key x { algorithm hmac-sha256; };'],
  ['something else', 'AQID AQID'],
  [
    'two keys',
    'key x { algorithm hmac-sha256; secret "AQID"; };\nkey y { algorithm hmac-sha256; secret "AQID"; };',
  ],
])('refuses %s, and tells nothing of it', async (_what, text) => {
  const error = await read(text).catch((thrown: Error) => thrown.message);
  expect(error).toContain('no TSIG key; right is');
  expect(error).not.toContain('AQID');
});

it('says so where there is no such file', async () => {
  await expect(readTsigKey(join(folder, 'nowhere'))).rejects.toThrow(
    'nowhere: this key cannot be read (ENOENT)',
  );
});
