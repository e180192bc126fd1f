import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../base/assert.ts';
import { concatBytes, decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import type { Appender, Files } from '../devices/files.ts';
import { collect, type MakeStore, type StoreFixture } from './store-fixture.ts';

/** What every {@link Files} must do. */
export function describeFiles(name: string, makeStore: MakeStore<Files>): void {
  const check: Check = (title, test) =>
    it(title, async () => {
      await using fixture = await makeStore();
      await test(fixture);
    });
  describe(`${name}: whole files`, () => describeWhole(check));
  describe(`${name}: paths`, () => describePaths(check));
  describe(`${name}: appenders`, () => describeAppenders(check));
  describe(`${name}: snapshots`, () => describeSnapshots(check));
  it(`${name} behave like a map of byte strings`, () => behaveLikeMap(makeStore), 60_000);
}

type Check = (title: string, test: (fixture: StoreFixture<Files>) => Promise<void>) => void;

function describeWhole(check: Check): void {
  check('replace() puts bytes, read() gives them back as copies', async ({ store }) => {
    const content = encodeUtf8('hello');
    await store.replace('a', content);
    content.fill(0);
    for await (const chunk of store.read('a')) chunk.fill(0);
    expect(await textOf(store, 'a')).toBe('hello');
    expect(await store.size('a')).toBe(5);
  });

  check('replace() takes a stream, also an empty one', async ({ store }) => {
    await store.replace('a', chunks(['one ', '', 'two']));
    await store.replace('b', chunks([]));
    expect(await textOf(store, 'a')).toBe('one two');
    expect(await store.size('b')).toBe(0);
  });

  check(
    'replace() keeps the old content when the stream throws, and passes on what it threw',
    async ({ store }) => {
      await store.replace('a', encodeUtf8('old'));
      const fault = new Error('the sender went away');
      await expect(store.replace('a', chunks(['new'], fault))).rejects.toBe(fault);
      await expect(store.replace('b', chunks(['new'], fault))).rejects.toBe(fault);
      expect(await textOf(store, 'a')).toBe('old');
      expect(await store.list('')).toEqual(['a']);
    },
  );

  check('read() gives ranges, and no more than there is', async ({ store }) => {
    await store.replace('a', encodeUtf8('0123456789'));
    const range = async (start?: number, end?: number): Promise<string> =>
      decodeUtf8(
        concatBytes(
          await collect(
            store.read('a', {
              ...(start === undefined ? {} : { start }),
              ...(end === undefined ? {} : { end }),
            }),
          ),
        ),
      );
    expect(await range(3, 6)).toBe('345');
    expect(await range(8)).toBe('89');
    expect(await range(undefined, 2)).toBe('01');
    expect(await range(4, 4)).toBe('');
    expect(await range(8, 100)).toBe('89');
    expect(await range(50, 100)).toBe('');
  });

  check('read() of a large file gives all of it, and may be left early', async ({ store }) => {
    const content = new Uint8Array(1_000_000).map((_, index) => index * 31);
    await store.replace('large', content);
    for await (const chunk of store.read('large')) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(Buffer.from(concatBytes(await collect(store.read('large')))).equals(content)).toBe(true);
  });

  check('an absent file has no size and cannot be read', async ({ store }) => {
    expect(await store.size('absent')).toBeUndefined();
    await expect(collect(store.read('absent'))).rejects.toMatchObject({ kind: 'not-found' });
    await expect(collect(store.read('no/such/folder'))).rejects.toMatchObject({ kind: 'not-found' });
  });

  check('what was replaced and removed is so after a crash', async fixture => {
    await fixture.store.replace('kept/file', encodeUtf8('first'));
    await fixture.store.replace('kept/file', encodeUtf8('second'));
    await fixture.store.replace('gone/file', encodeUtf8('x'));
    await fixture.store.remove('gone/file');
    const store = await fixture.reopen();
    expect(await store.list('')).toEqual(['kept/file']);
    expect(await textOf(store, 'kept/file')).toBe('second');
  });

  check('space() tells of a volume with room', async ({ store }) => {
    const { freeBytes, totalBytes } = await store.space();
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });
}

function describePaths(check: Check): void {
  check('paths that are not relative and plain fail an assertion', async ({ store }) => {
    const content = encodeUtf8('x');
    for (const path of [
      '',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      'a/../b',
      '.hidden',
      'a/.b',
      'a\0b',
      'p'.repeat(256),
    ]) {
      await expect(store.replace(path, content), path).rejects.toBeInstanceOf(AssertionError);
      await expect(store.append(path), path).rejects.toBeInstanceOf(AssertionError);
      await expect(store.remove(path), path).rejects.toBeInstanceOf(AssertionError);
      await expect(store.size(path), path).rejects.toBeInstanceOf(AssertionError);
      await expect(collect(store.read(path)), path).rejects.toBeInstanceOf(AssertionError);
    }
    expect(await store.list('')).toEqual([]);
  });

  check('parts may hold any other character', async ({ store }) => {
    const paths = ['mail/für Jürgen.eml', 'a b/c\nd', 'tab\t', 'x..y'];
    for (const path of paths) await store.replace(path, encodeUtf8(path));
    for (const path of paths) expect(await textOf(store, path)).toBe(path);
    expect(await store.list('')).toEqual(paths.toSorted());
  });

  check('list() gives the files below a folder, sorted', async ({ store }) => {
    for (const path of ['b', 'a/2', 'a/1/x', 'a/1/a', 'ab']) await store.replace(path, encodeUtf8('x'));
    expect(await store.list('')).toEqual(['a/1/a', 'a/1/x', 'a/2', 'ab', 'b']);
    expect(await store.list('a')).toEqual(['a/1/a', 'a/1/x', 'a/2']);
    expect(await store.list('a/1')).toEqual(['a/1/a', 'a/1/x']);
    expect(await store.list('absent')).toEqual([]);
    expect(await store.list('b')).toEqual([]);
  });

  check('folders go with their last file', async ({ store }) => {
    await store.replace('a/b/c', encodeUtf8('x'));
    await store.remove('a/b/c');
    await store.remove('a/b/c');
    // Were the folder still there, no file could take its name.
    await store.replace('a', encodeUtf8('a file now'));
    expect(await textOf(store, 'a')).toBe('a file now');
  });

  check('files come and go side by side in one folder', async ({ store }) => {
    const work = Array.from({ length: 40 }, async (_, index) => {
      const path = `queue/${index % 4}/${index}`;
      await store.replace(path, encodeUtf8(path));
      if (index % 2 === 0) await store.remove(path);
    });
    await Promise.all(work);
    const odd = Array.from({ length: 20 }, (_, index) => `queue/${(2 * index + 1) % 4}/${2 * index + 1}`);
    expect(await store.list('queue')).toEqual(odd.toSorted());
  });
}

function describeAppenders(check: Check): void {
  check('append() adds at the end in the order of the calls', async ({ store }) => {
    await store.replace('log', encodeUtf8('begin'));
    await using log = await store.append('log');
    expect(log.size).toBe(5);
    await Promise.all(Array.from({ length: 50 }, (_, index) => log.append(encodeUtf8(` ${index}`))));
    const expected = `begin ${Array.from({ length: 50 }, (_, index) => index).join(' ')}`;
    expect(log.size).toBe(expected.length);
    expect(await store.size('log')).toBe(expected.length);
    expect(await textOf(store, 'log')).toBe(expected);
  });

  check('append() makes the file and its folders', async ({ store }) => {
    await using log = await store.append('logs/2026/today');
    expect(log.size).toBe(0);
    expect(await store.list('logs')).toEqual(['logs/2026/today']);
  });

  check('only one appender may be open, and the file stays as it is named', async ({ store }) => {
    const log = await store.append('log');
    await expect(store.append('log')).rejects.toMatchObject({ kind: 'busy' });
    await expect(store.replace('log', encodeUtf8('x'))).rejects.toMatchObject({ kind: 'busy' });
    await expect(store.remove('log')).rejects.toMatchObject({ kind: 'busy' });
    await log.close();
    await log.close();
    await (await store.append('log')).close();
    await store.remove('log');
  });

  check('a closed appender takes nothing', async ({ store }) => {
    const log = await store.append('log');
    await log.append(encodeUtf8('x'));
    await log.close();
    await expect(log.append(encodeUtf8('y'))).rejects.toMatchObject({ kind: 'closed' });
    await expect(log.sync()).rejects.toMatchObject({ kind: 'closed' });
    await expect(log.truncate(0)).rejects.toMatchObject({ kind: 'closed' });
    expect(await textOf(store, 'log')).toBe('x');
  });

  check('sync() covers all appends called before it', async fixture => {
    const log = await fixture.store.append('log');
    const appends = Array.from({ length: 20 }, (_, index) => log.append(encodeUtf8(`${index}\n`)));
    await Promise.all([log.sync(), log.sync(), log.sync()]);
    const store = await fixture.reopen();
    await Promise.all(appends);
    expect((await textOf(store, 'log')).split('\n')).toHaveLength(21);
  });

  check(
    'a crash leaves what was synced, and behind it at most what was appended, with zeros for what is missing',
    async fixture => {
      const log = await fixture.store.append('log');
      await log.append(encodeUtf8('synced'));
      await log.sync();
      await log.append(encodeUtf8(' and not'));
      const left = concatBytes(await collect((await fixture.reopen()).read('log')));
      const written = encodeUtf8('synced and not');
      expect(decodeUtf8(left.subarray(0, 6))).toBe('synced');
      expect(left.length).toBeLessThanOrEqual(written.length);
      for (const [index, byte] of left.subarray(6).entries()) expect([0, written[6 + index]]).toContain(byte);
    },
  );

  check('truncate() cuts, durably, and appending goes on there', async fixture => {
    const log = await fixture.store.append('log');
    await log.append(encodeUtf8('whole torn'));
    await log.truncate(6);
    expect(log.size).toBe(6);
    await log.append(encodeUtf8('again'));
    await log.sync();
    expect(await textOf(await fixture.reopen(), 'log')).toBe('whole again');
  });

  check('truncate() beyond the end fails an assertion', async ({ store }) => {
    await using log = await store.append('log');
    await expect(log.truncate(1)).rejects.toBeInstanceOf(AssertionError);
  });
}

function describeSnapshots(check: Check): void {
  check('a snapshot has every file as it was synced when it began', async ({ store }) => {
    await store.replace('a', encodeUtf8('old'));
    await store.replace('b/c', encodeUtf8('old'));
    await using log = await store.append('log');
    await log.append(encodeUtf8('synced'));
    await log.sync();
    await log.append(encodeUtf8(' not synced'));

    const seen: [string, string][] = [];
    for await (const { path, content } of store.snapshot()) {
      if (seen.length === 0) await changeEverything(store, log);
      seen.push([path, decodeUtf8(concatBytes(await collect(content)))]);
    }
    expect(seen).toEqual([
      ['a', 'old'],
      ['b/c', 'old'],
      ['log', 'synced'],
    ]);
    expect(await textOf(store, 'log')).toBe('syn and other');
    expect(await store.list('')).toEqual(['a', 'log', 'new']);
  });

  check('a snapshot may be left early, and two may run at once', async ({ store }) => {
    for (const path of ['a', 'b']) await store.replace(path, encodeUtf8(path));
    for await (const { path } of store.snapshot()) {
      expect(path).toBe('a');
      const inner = await collect(store.snapshot());
      expect(inner.map(file => file.path)).toEqual(['a', 'b']);
      break;
    }
    await store.remove('a');
    expect(await store.list('')).toEqual(['b']);
  });
}

async function changeEverything(store: Files, log: Appender): Promise<void> {
  await store.replace('a', encodeUtf8('new'));
  await store.remove('b/c');
  await store.replace('new', encodeUtf8('new'));
  await log.truncate(3);
  await log.append(encodeUtf8(' and other'));
  await log.sync();
}

const path = fc.constantFrom('a', 'b/c', 'b/d', 'e/f/g');
const text = fc.string({ maxLength: 20 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), path, text }),
  fc.record({ kind: fc.constant('append' as const), path, text }),
  fc.record({ kind: fc.constant('cut' as const), path, part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ kind: fc.constant('remove' as const), path }),
  fc.record({ kind: fc.constant('reopen' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function behaveLikeMap(makeStore: MakeStore<Files>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async steps => {
      await using fixture = await makeStore();
      let store = fixture.store;
      const model = new Map<string, Uint8Array>();
      for (const next of steps) {
        if (next.kind === 'reopen') store = await fixture.reopen();
        else await takeStep(store, model, next);
      }
      expect(await store.list('')).toEqual([...model.keys()].toSorted());
      for (const [known, content] of model) expect(await textOf(store, known)).toBe(decodeUtf8(content));
    }),
    { numRuns: 30 },
  );
}

async function takeStep(
  store: Files,
  model: Map<string, Uint8Array>,
  next: Exclude<Step, { kind: 'reopen' }>,
): Promise<void> {
  const before = model.get(next.path) ?? new Uint8Array(0);
  if (next.kind === 'replace') {
    await store.replace(next.path, encodeUtf8(next.text));
    model.set(next.path, encodeUtf8(next.text));
    return;
  }
  if (next.kind === 'remove') {
    await store.remove(next.path);
    model.delete(next.path);
    return;
  }
  await using appender = await store.append(next.path);
  if (next.kind === 'append') {
    await appender.append(encodeUtf8(next.text));
    await appender.sync();
    model.set(next.path, concatBytes([before, encodeUtf8(next.text)]));
  } else {
    const size = Math.floor(next.part * before.length);
    await appender.truncate(size);
    model.set(next.path, before.slice(0, size));
  }
}

async function* chunks(parts: string[], fault?: Error): AsyncIterable<Uint8Array> {
  for (const part of parts) yield encodeUtf8(part);
  if (fault !== undefined) throw fault;
}

async function textOf(store: Files, of: string): Promise<string> {
  return decodeUtf8(concatBytes(await collect(store.read(of))));
}
