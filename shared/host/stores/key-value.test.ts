import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../base/bytes.ts';
import { describeKeyValue } from '../../compliance/key-value.ts';
import { hostSyncs } from './durable-files.ts';
import { createHostKeyValue } from './key-value.ts';

describeKeyValue('the host key-value store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lares-key-value-'));
  return {
    store: await createHostKeyValue(folder),
    reopen: () => createHostKeyValue(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});

describe('createHostKeyValue()', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lares-key-value-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('get() names the key whose file was damaged', async () => {
    const store = await createHostKeyValue(folder);
    await store.put('certificates/site', encodeUtf8('a certificate'));
    const handle = await open(join(folder, 'certificates+site'), 'r+');
    await handle.write(encodeUtf8('X'), 0, 1, 45);
    await handle.close();
    await expect(store.get('certificates/site')).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('certificates/site'),
    });
  });

  it('get() notices a file that stands under another name', async () => {
    const store = await createHostKeyValue(folder);
    await store.put('a', encodeUtf8('value'));
    const { rename } = await import('node:fs/promises');
    await rename(join(folder, 'a'), join(folder, 'b'));
    await expect(store.get('b')).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('opening removes what a crash left half written', async () => {
    const store = await createHostKeyValue(folder);
    await store.put('a', encodeUtf8('value'));
    await writeFile(join(folder, '.work', '17'), 'half');
    const again = await createHostKeyValue(folder);
    expect(await readdir(join(folder, '.work'))).toEqual([]);
    expect(await again.list('')).toEqual(['a']);
  });

  it('put() syncs the content before the name and the name before it resolves', async () => {
    const events: string[] = [];
    const store = await createHostKeyValue(folder, {
      async file(handle) {
        events.push(
          `content ${(await handle.stat()).size > 0}, named ${(await readdir(folder)).includes('a')}`,
        );
      },
      async folder() {
        events.push(`folder, named ${(await readdir(folder)).includes('a')}`);
      },
    });
    events.length = 0;
    await store.put('a', encodeUtf8('value'));
    expect(events).toEqual(['content true, named false', 'folder, named true']);
  });

  it('a failed flush of the content costs that put alone', async () => {
    let broken = true;
    const store = await createHostKeyValue(folder, {
      ...hostSyncs,
      file: handle => (broken ? Promise.reject(systemError('EIO')) : hostSyncs.file(handle)),
    });
    await expect(store.put('a', encodeUtf8('1'))).rejects.toMatchObject({ kind: 'failed' });
    expect(await store.get('a')).toBeUndefined();
    broken = false;
    await store.put('a', encodeUtf8('2'));
    expect(await readdir(join(folder, '.work'))).toEqual([]);
  });

  it('after a failed flush of the folder nothing is promised until it is opened again', async () => {
    let broken = false;
    const store = await createHostKeyValue(folder, {
      ...hostSyncs,
      folder: path => (broken ? Promise.reject(systemError('EIO')) : hostSyncs.folder(path)),
    });
    broken = true;
    await expect(store.put('a', encodeUtf8('1'))).rejects.toMatchObject({ kind: 'failed' });
    broken = false;
    await expect(store.put('b', encodeUtf8('1'))).rejects.toMatchObject({ kind: 'failed' });
    await expect(store.delete('a')).rejects.toMatchObject({ kind: 'failed' });
    await (await createHostKeyValue(folder)).put('b', encodeUtf8('1'));
  });

  it('a full disk is told as no-space', async () => {
    const store = await createHostKeyValue(folder, {
      ...hostSyncs,
      file: () => Promise.reject(systemError('ENOSPC')),
    });
    await expect(store.put('a', encodeUtf8('1'))).rejects.toMatchObject({ kind: 'no-space' });
  });

  it('puts that come together share flushes of the folder', async () => {
    let flushes = 0;
    const store = await createHostKeyValue(folder, {
      ...hostSyncs,
      async folder(path) {
        flushes++;
        await hostSyncs.folder(path);
      },
    });
    flushes = 0;
    await Promise.all(Array.from({ length: 64 }, (_, index) => store.put(`k${index}`, encodeUtf8('v'))));
    expect(flushes).toBeLessThan(64);
  });
});

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
