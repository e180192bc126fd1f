import { mkdtemp, readdir, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { concatBytes, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import { describeFiles } from '../../compliance/files.ts';
import { collect } from '../../compliance/store-fixture.ts';
import type { Appender, Files } from '../../devices/files.ts';
import { hostSyncs } from './durable-files.ts';
import { createHostFiles } from './files.ts';

describeFiles('the host files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lares-files-'));
  const opened: Appender[] = [];
  // A crash closes no appender, but a test process goes on and must give its descriptors back.
  const open = async (): Promise<Files> => {
    const files = await createHostFiles(folder);
    const append = files.append.bind(files);
    files.append = async path => {
      const appender = await append(path);
      opened.push(appender);
      return appender;
    };
    return files;
  };
  return {
    store: await open(),
    reopen: open,
    async [Symbol.asyncDispose]() {
      for (const appender of opened) await appender.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('createHostFiles()', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lares-files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('opening removes what an interrupted replace left', async () => {
    await (await createHostFiles(folder)).replace('a', encodeUtf8('x'));
    await writeFile(join(folder, '.work', '3'), 'half');
    const files = await createHostFiles(folder);
    expect(await readdir(join(folder, '.work'))).toEqual([]);
    expect(await files.list('')).toEqual(['a']);
  });

  it('replace() gives way to an appender that was opened while the content came in', async () => {
    const files = await createHostFiles(folder);
    await files.replace('a', encodeUtf8('old'));
    const appenders: Appender[] = [];
    const content = async function* (): AsyncIterable<Uint8Array> {
      yield encodeUtf8('new');
      appenders.push(await files.append('a'));
    };
    await expect(files.replace('a', content())).rejects.toMatchObject({ kind: 'busy' });
    await using appender = appenders[0]!;
    await appender.append(encodeUtf8(' and more'));
    expect(await textOf(files, 'a')).toBe('old and more');
    expect(await readdir(join(folder, '.work'))).toEqual([]);
  });

  it('concurrent syncs share a flush', async () => {
    let flushes = 0;
    const files = await createHostFiles(folder, {
      ...hostSyncs,
      async file(handle) {
        flushes++;
        await hostSyncs.file(handle);
      },
    });
    await using log = await files.append('log');
    flushes = 0;
    const lines = Array.from({ length: 100 }, async () => {
      await log.append(encodeUtf8('line\n'));
      await log.sync();
    });
    await Promise.all(lines);
    expect(flushes).toBeLessThan(50);
    const before = flushes;
    await log.sync();
    expect(flushes).toBe(before);
  });

  it('a flush that began while the file was being cut is none of what comes after the cut', async () => {
    const held: (() => void)[] = [];
    let isHeld = false;
    let flushes = 0;
    const files = await createHostFiles(folder, {
      ...hostSyncs,
      async file(handle) {
        flushes++;
        await hostSyncs.file(handle);
        if (isHeld) await new Promise<void>(resolve => held.push(resolve));
      },
    });
    await using log = await files.append('log');
    isHeld = true;
    await log.append(encodeUtf8('0123456789'));
    const first = log.sync();
    await expect.poll(() => held.length).toBe(1);
    const second = log.sync();
    const cut = log.truncate(3);
    await expect.poll(() => held.length).toBe(2);
    held[0]?.();
    await expect.poll(() => held.length).toBe(3);
    held[1]?.();
    await cut;
    held[2]?.();
    await Promise.all([first, second]);
    isHeld = false;
    await log.append(encodeUtf8('abcdefg'));
    const before = flushes;
    await log.sync();
    expect([log.size, flushes]).toEqual([10, before + 1]);
  });

  it('after a failed flush the appender takes nothing, and the file ends where it is known to be on disk', async () => {
    let broken = false;
    const files = await createHostFiles(folder, {
      ...hostSyncs,
      file: handle => (broken ? Promise.reject(systemError('EIO')) : hostSyncs.file(handle)),
    });
    const log = await files.append('log');
    await log.append(encodeUtf8('durable'));
    await log.sync();
    await log.append(encodeUtf8(' lost'));
    broken = true;
    await expect(log.sync()).rejects.toMatchObject({ kind: 'failed' });
    broken = false;
    await expect(log.sync()).rejects.toMatchObject({ kind: 'failed' });
    await expect(log.append(encodeUtf8('x'))).rejects.toMatchObject({ kind: 'failed' });
    await log.close();
    await using again = await files.append('log');
    expect(again.size).toBe('durable'.length);
    await again.append(encodeUtf8('!'));
    await again.sync();
    expect(await textOf(files, 'log')).toBe('durable!');
  });

  it('after a failed append the file ends where it ended before', async () => {
    const files = await createHostFiles(folder);
    await using log = await files.append('log');
    await log.append(encodeUtf8('whole'));
    await using _full = await failWritesAfter(3);
    await expect(log.append(encodeUtf8('only a part'))).rejects.toMatchObject({ kind: 'no-space' });
    expect(log.size).toBe(5);
    expect(await textOf(files, 'log')).toBe('whole');
  });

  it('replace() syncs content, then name, then every new folder on the way', async () => {
    const events: string[] = [];
    const files = await createHostFiles(folder, {
      file: async () => void events.push('content'),
      folder: async path => void events.push(path === folder ? '/' : path.slice(folder.length)),
    });
    events.length = 0;
    await files.replace('a/b/c', encodeUtf8('x'));
    expect(events).toEqual(['content', '/a/b', '/a', '/']);
    events.length = 0;
    await files.replace('a/b/d', encodeUtf8('x'));
    expect(events).toEqual(['content', '/a/b']);
    await files.remove('a/b/c');
    await files.remove('a/b/d');
    events.length = 0;
    await files.replace('a/b/c', encodeUtf8('x'));
    expect(events).toEqual(['content', '/a/b', '/a', '/']);
  });
});

/** Lets `count` more bytes through to any file, then tells of a full disk, as write(2) does: first a part, then ENOSPC. */
async function failWritesAfter(count: number): Promise<AsyncDisposable> {
  const prototype = await fileHandlePrototype();
  const original = Reflect.get<FileHandle, 'write'>(prototype, 'write');
  let room = count;
  prototype.write = async function (this: FileHandle, ...values: unknown[]) {
    if (room === 0) throw systemError('ENOSPC');
    values[2] = Math.min(room, values[2] as number);
    room -= values[2] as number;
    return Reflect.apply(original, this, values);
  } as FileHandle['write'];
  return {
    async [Symbol.asyncDispose]() {
      prototype.write = original;
    },
  };
}

async function fileHandlePrototype(): Promise<FileHandle> {
  const { open } = await import('node:fs/promises');
  await using handle = await open('/dev/null', 'r');
  return Object.getPrototypeOf(handle) as FileHandle;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

async function textOf(files: Files, path: string): Promise<string> {
  return decodeUtf8(concatBytes(await collect(files.read(path))));
}
