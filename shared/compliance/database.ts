import { describe, expect, it } from 'vitest';
import { AssertionError } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Database, Sql } from '../devices/database.ts';
import { collect, type StoreFixture } from './store-fixture.ts';

export interface DatabaseFixture extends StoreFixture<Database> {
  /** Opens a copy that {@link Database.snapshot} gave as a database of its own; the fixture closes it. */
  open(copy: Uint8Array): Promise<Database>;
}

/** What every {@link Database} must do. */
export function describeDatabase(name: string, makeStore: () => Promise<DatabaseFixture>): void {
  const check: Check = (title, test) =>
    it(title, async () => {
      await using fixture = await makeStore();
      await test(fixture);
    });
  describe(`${name}: statements`, () => describeStatements(check));
  describe(`${name}: transactions`, () => describeTransactions(check));
  describe(`${name}: snapshots, crashes, closing`, () => describeLife(check));
}

type Check = (title: string, test: (fixture: DatabaseFixture) => Promise<void>) => void;

function describeStatements(check: Check): void {
  check('every kind of value comes back as it was put', async ({ store }) => {
    await store.run('CREATE TABLE t (i, r, s, b, n, big)');
    const bytes = new Uint8Array([0, 255, 1]);
    await store.run('INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)', 7, 1.5, 'Größe', bytes, null, 2n ** 62n);
    expect(await store.query('SELECT * FROM t')).toEqual([
      { i: 7, r: 1.5, s: 'Größe', b: bytes, n: null, big: 2n ** 62n },
    ]);
  });

  check('run() tells how many rows changed', async ({ store }) => {
    await makeAccounts(store);
    expect(await store.run('UPDATE account SET balance = 0')).toEqual({ changes: 2 });
    expect(await store.run('DELETE FROM account WHERE name = ?', 'nobody')).toEqual({ changes: 0 });
  });

  check('query() may write and give rows', async ({ store }) => {
    await makeAccounts(store);
    const rows = await store.query("INSERT INTO account VALUES ('c', 5) RETURNING name");
    expect(rows).toEqual([{ name: 'c' }]);
    expect(await balance(store, 'c')).toBe(5);
  });

  check('a broken constraint, bad SQL and a missing table are told apart', async ({ store }) => {
    await makeAccounts(store);
    await expect(store.run("INSERT INTO account VALUES ('a', 1)")).rejects.toMatchObject({
      kind: 'constraint',
    });
    await expect(store.run('INSERT account')).rejects.toMatchObject({ kind: 'syntax' });
    await expect(store.query('SELECT * FROM nothing')).rejects.toMatchObject({
      kind: 'syntax',
      message: expect.stringContaining('nothing'),
    });
  });

  check('statements that begin or end transactions are refused', async ({ store }) => {
    for (const sql of ['BEGIN', ' commit', 'ROLLBACK', 'SAVEPOINT x'])
      await expect(store.run(sql), sql).rejects.toMatchObject({ kind: 'syntax' });
  });

  check('statements made at once all take effect', async ({ store }) => {
    await makeAccounts(store);
    const raise = "UPDATE account SET balance = balance + 1 WHERE name = 'a'";
    await Promise.all(Array.from({ length: 50 }, () => store.run(raise)));
    expect(await balance(store, 'a')).toBe(150);
  });
}

function describeTransactions(check: Check): void {
  check('a transaction is seen by others whole, after it is committed', async ({ store }) => {
    await makeAccounts(store);
    const result = await store.transaction(async sql => {
      await sql.run("UPDATE account SET balance = 1 WHERE name = 'a'");
      expect(await balance(sql, 'a')).toBe(1);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await balance(store, 'a')).toBe(1);
  });

  check('reads outside see the last committed state while a transaction runs', async ({ store }) => {
    await makeAccounts(store);
    const written = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<void>();
    const transaction = store.transaction(async sql => {
      await sql.run('UPDATE account SET balance = 1');
      written.resolve();
      await seen.promise;
    });
    await written.promise;
    expect(await balance(store, 'a')).toBe(100);
    seen.resolve();
    await transaction;
    expect(await balance(store, 'a')).toBe(1);
  });

  check('what work throws rolls back and is thrown on', async ({ store }) => {
    await makeAccounts(store);
    const fault = new Error('changed my mind');
    const failing = store.transaction(async sql => {
      await sql.run('DELETE FROM account');
      throw fault;
    });
    await expect(failing).rejects.toBe(fault);
    expect(await balance(store, 'a')).toBe(100);
  });

  check('a broken constraint may be caught and the transaction go on', async ({ store }) => {
    await makeAccounts(store);
    await store.transaction(async sql => {
      await sql.run("UPDATE account SET balance = 7 WHERE name = 'b'");
      await sql.run("INSERT INTO account VALUES ('a', 1)").catch(() => {});
    });
    expect(await balance(store, 'b')).toBe(7);
  });

  check('transactions run one after another', async ({ store }) => {
    await makeAccounts(store);
    const move = (): Promise<void> =>
      store.transaction(async sql => {
        const before = Number(await balance(sql, 'a'));
        await sql.run("UPDATE account SET balance = ? WHERE name = 'a'", before - 1);
        await sql.run("UPDATE account SET balance = balance + 1 WHERE name = 'b'");
      });
    await Promise.all(Array.from({ length: 20 }, move));
    expect(await store.query('SELECT balance FROM account ORDER BY name')).toEqual([
      { balance: 80 },
      { balance: 120 },
    ]);
  });

  check('the database itself may not be used inside a transaction', async ({ store }) => {
    await makeAccounts(store);
    const nested = store.transaction(async () => {
      await store.run('DELETE FROM account');
    });
    await expect(nested).rejects.toBeInstanceOf(AssertionError);
    await expect(store.transaction(() => store.transaction(async () => 1))).rejects.toBeInstanceOf(
      AssertionError,
    );
    await expect(store.transaction(() => store.query('SELECT 1'))).rejects.toBeInstanceOf(AssertionError);
    expect(await balance(store, 'a')).toBe(100);
  });

  check('the view of a transaction is good for that one only', async ({ store }) => {
    await makeAccounts(store);
    const kept = await store.transaction(async sql => sql);
    await expect(kept.run('DELETE FROM account')).rejects.toBeInstanceOf(AssertionError);
    expect(await balance(store, 'a')).toBe(100);
  });
}

function describeLife(check: Check): void {
  check('a snapshot is one moment of the database, while it is written to', async fixture => {
    const { store } = fixture;
    await makeAccounts(store);
    const stop = new AbortController();
    const writer = (async () => {
      while (!stop.signal.aborted)
        await store.transaction(async sql => {
          await sql.run("UPDATE account SET balance = balance - 1 WHERE name = 'a'");
          await sql.run("UPDATE account SET balance = balance + 1 WHERE name = 'b'");
        });
    })();
    const copy = concatBytes(await collect(store.snapshot()));
    stop.abort();
    await writer;
    const opened = await fixture.open(copy);
    expect(await opened.query('SELECT sum(balance) AS sum FROM account')).toEqual([{ sum: 200 }]);
  });

  check('a snapshot may be left early', async ({ store }) => {
    await makeAccounts(store);
    for await (const chunk of store.snapshot()) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await store.run('DELETE FROM account')).toEqual({ changes: 2 });
  });

  check('what was committed is there after a crash', async fixture => {
    await makeAccounts(fixture.store);
    await fixture.store.run("UPDATE account SET balance = 3 WHERE name = 'a'");
    await fixture.store.transaction(sql => sql.run("UPDATE account SET balance = 4 WHERE name = 'b'"));
    const store = await fixture.reopen();
    expect(await balance(store, 'a')).toBe(3);
    expect(await balance(store, 'b')).toBe(4);
  });

  check('close() waits for the running transaction, and later calls say closed', async fixture => {
    const { store } = fixture;
    await makeAccounts(store);
    const transaction = store.transaction(sql => sql.run("UPDATE account SET balance = 9 WHERE name = 'a'"));
    await store.close();
    await store.close();
    await expect(transaction).resolves.toEqual({ changes: 1 });
    await expect(store.query('SELECT 1')).rejects.toMatchObject({ kind: 'closed' });
    await expect(store.run('DELETE FROM account')).rejects.toMatchObject({ kind: 'closed' });
    await expect(store.transaction(async () => 1)).rejects.toMatchObject({ kind: 'closed' });
    await expect(collect(store.snapshot())).rejects.toMatchObject({ kind: 'closed' });
    expect(await balance(await fixture.reopen(), 'a')).toBe(9);
  });
}

async function makeAccounts(store: Database): Promise<void> {
  await store.run('CREATE TABLE account (name TEXT PRIMARY KEY, balance INTEGER)');
  await store.run("INSERT INTO account VALUES ('a', 100), ('b', 100)");
}

async function balance(sql: Sql, name: string): Promise<unknown> {
  const [row] = await sql.query('SELECT balance FROM account WHERE name = ?', name);
  return row?.['balance'];
}
