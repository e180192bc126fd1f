import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import type { SimulatedHost } from './host.ts';
import { World } from './world.ts';

const RUNS = 200;

/** What is found after a crash in each of many worlds that differ by their seed alone. */
async function outcomes(
  prepare: (host: SimulatedHost) => Promise<void>,
  look: (host: SimulatedHost) => Promise<string>,
  options: Parameters<World['host']>[1] = {},
): Promise<Set<string>> {
  const found = new Set<string>();
  for (let seed = 0; seed < RUNS; seed++) {
    const world = new World(seed);
    const host = world.host('a', options);
    await world.run(async () => {
      await prepare(host);
      host.crash();
      await world.sleep(10);
      host.restart();
      found.add(await look(host));
    });
  }
  return found;
}

async function textOf({ devices }: SimulatedHost, path: string): Promise<string> {
  let text = '';
  for await (const chunk of devices.files.read(path)) text += decodeUtf8(chunk);
  return text;
}

describe('a crash', () => {
  it('cuts an unsynced append at any byte or leaves zeros in it, and keeps what was synced', async () => {
    const found = await outcomes(
      async ({ devices }) => {
        const log = await devices.files.append('log');
        await log.append(encodeUtf8('synced'));
        await log.sync();
        await log.append(encodeUtf8('1234'));
      },
      host => textOf(host, 'log'),
    );
    for (const text of found) expect(text).toMatch(/^synced([1\0]([2\0]([3\0]([4\0])?)?)?)?$/);
    for (const text of ['synced', 'synced1', 'synced12', 'synced123', 'synced1234', 'synced1\0'])
      expect(found, JSON.stringify(text)).toContain(text);
  });

  it('may keep a later rename and lose an earlier one', async () => {
    const found = await outcomes(
      async ({ devices }) => {
        // Not awaited: power goes while both are on their way.
        void devices.keyValue.put('first', encodeUtf8('1'));
        void devices.keyValue.put('second', encodeUtf8('2'));
        await devices.clock.sleep(6);
      },
      async ({ devices }) => (await devices.keyValue.list('')).join(' '),
    );
    expect(found).toEqual(new Set(['', 'first', 'second', 'first second']));
  });

  it('loses an acknowledged put of a KeyValue that skips a sync, and none of an honest one', async () => {
    const put = async ({ devices }: SimulatedHost): Promise<void> => {
      await devices.keyValue.put('key', encodeUtf8('value'));
    };
    const list = async ({ devices }: SimulatedHost): Promise<string> =>
      (await devices.keyValue.list('')).join(' ');
    expect(await outcomes(put, list, { keyValue: { skipsSync: true } })).toEqual(new Set(['', 'key']));
    expect(await outcomes(put, list)).toEqual(new Set(['key']));
  });

  it('leaves the old or the new content of a file that was being cut', async () => {
    const found = await outcomes(
      async ({ devices }) => {
        await devices.files.replace('log', encodeUtf8('old content'));
        const log = await devices.files.append('log');
        void log.truncate(3);
        await devices.clock.sleep(0.01);
      },
      host => textOf(host, 'log'),
    );
    expect(found).toEqual(new Set(['old', 'old content']));
  });

  it('leaves whole transactions of a database alone', async () => {
    const found = await outcomes(
      async ({ devices }) => {
        const database = await devices.openDatabase('test');
        await database.run('CREATE TABLE t (n INTEGER)');
        void database.transaction(async sql => {
          await sql.run('INSERT INTO t VALUES (1)');
          await sql.run('INSERT INTO t VALUES (2)');
        });
        await devices.clock.sleep(4);
      },
      async ({ devices }) => {
        const database = await devices.openDatabase('test');
        return JSON.stringify(await database.query('SELECT count(*) AS n FROM t'));
      },
    );
    expect(found).toEqual(new Set(['[{"n":0}]', '[{"n":2}]']));
  });
});

describe('a failing data volume', () => {
  it('tells of a full volume and leaves what was there', async () => {
    const world = new World('full');
    const { devices, disk } = world.host('a');
    await world.run(async () => {
      await devices.keyValue.put('key', encodeUtf8('old'));
      disk.totalBytes = disk.usedBytes + 10;
      const refused = { kind: 'no-space' };
      await expect(devices.keyValue.put('key', encodeUtf8('new'))).rejects.toMatchObject(refused);
      await expect(devices.files.replace('file', new Uint8Array(100))).rejects.toMatchObject(refused);
      const log = await devices.files.append('log');
      await expect(log.append(new Uint8Array(100))).rejects.toMatchObject(refused);
      expect(log.size).toBe(0);
      expect(decodeUtf8((await devices.keyValue.get('key')) ?? new Uint8Array())).toBe('old');
    });
  });

  it('poisons an appender whose sync failed until it is opened again', async () => {
    const world = new World('sync fails');
    const { devices, disk } = world.host('a');
    await world.run(async () => {
      const log = await devices.files.append('log');
      await log.append(encodeUtf8('x'));
      disk.failingSyncs = 1;
      await expect(log.sync()).rejects.toMatchObject({ kind: 'failed' });
      await expect(log.append(encodeUtf8('y'))).rejects.toMatchObject({ kind: 'failed' });
      await log.close();
      const again = await devices.files.append('log');
      await expect(again.sync()).resolves.toBeUndefined();
    });
  });

  it('shows damage to a value as corrupt, by its key', async () => {
    const world = new World('rot');
    const { devices, disk } = world.host('a');
    await world.run(async () => {
      await devices.keyValue.put('a/key', encodeUtf8('value'));
      expect(disk.corrupt('kv/a/key')).toBe(true);
      await expect(devices.keyValue.get('a/key')).rejects.toMatchObject({
        kind: 'corrupt',
        message: expect.stringContaining('a/key') as unknown,
      });
    });
  });
});
