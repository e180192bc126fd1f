import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeDatabase } from '../../compliance/database.ts';
import type { Database } from '../../devices/database.ts';
import { openHostDatabase } from './database.ts';

describeDatabase('the host database', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lares-database-'));
  const opened: Database[] = [];
  const open = async (name: string): Promise<Database> => {
    const database = await openHostDatabase(join(folder, name));
    opened.push(database);
    return database;
  };
  return {
    store: await open('main.sqlite'),
    reopen: () => open('main.sqlite'),
    async open(copy) {
      await writeFile(join(folder, 'copy.sqlite'), copy);
      return open('copy.sqlite');
    },
    async [Symbol.asyncDispose]() {
      for (const database of opened) await database.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('openHostDatabase()', () => {
  it('says corrupt where the file is no database', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'x.sqlite');
    await writeFile(file, 'not a database, though long enough to have a header'.repeat(100));
    await expect(openHostDatabase(file)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('makes its folder and removes copies that a crash left', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'db', 'x.sqlite');
    await (await openHostDatabase(file)).close();
    await writeFile(`${file}.copy-3`, 'half a copy');
    await using database = await openHostDatabase(file);
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readdir(join(folder.path, 'db'))).not.toContain('x.sqlite.copy-3');
  });

  it('flushes at every commit', async () => {
    await using folder = await temporaryFolder();
    await using database = await openHostDatabase(join(folder.path, 'x.sqlite'));
    await database.run('CREATE TABLE t (n)');
    expect(await database.transaction(sql => sql.query('PRAGMA synchronous'))).toEqual([{ synchronous: 2 }]);
    expect(await database.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  });
});

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'lares-database-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
