import { AsyncLocalStorage } from 'node:async_hooks';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { assert } from '../../base/assert.ts';
import {
  DatabaseError,
  type Database,
  type Sql,
  type SqlRow,
  type SqlValue,
} from '../../devices/database.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { DatabaseAnswer } from './database-messages.ts';
import { copyDatabase, startDatabaseThread, type DatabaseThread } from './database-thread.ts';
import { hostSyncs, makeFolder, storeError, type Syncs } from './durable-files.ts';
import { readRange } from './file-reader.ts';
import { createGate } from './gate.ts';

export interface HostDatabaseOptions {
  /** The bundle's URL (`import.meta.url`): its first act in a worker is `runDatabaseWorker()`. Without it the module beside this one is used. */
  readonly entry?: string | URL;
  readonly syncs?: Syncs;
}

/**
 * SQLite in a thread of its own: one connection that writes, one that reads what is committed.
 * @throws DatabaseError `corrupt` where `file` is no database, `failed`, `no-space`.
 */
export async function openHostDatabase(file: string, options: HostDatabaseOptions = {}): Promise<Database> {
  const { syncs = hostSyncs } = options;
  await makeFolder(dirname(file), syncs);
  await removeCopies(file);
  const thread = await startDatabaseThread({ file, entry: options.entry });
  // SQLite flushes the names of its logs; this is for the name of the database itself.
  await syncs.folder(dirname(file));
  return createDatabase({ file, thread, entry: options.entry });
}

interface DatabaseParts {
  readonly file: string;
  readonly entry: string | URL | undefined;
  readonly thread: DatabaseThread;
}

function createDatabase({ file, thread, entry }: DatabaseParts): Database {
  const writing = createGate(1, WRITERS_WAITING_MAX, `database ${file}`);
  const insideTransaction = new AsyncLocalStorage<true>();
  let copies = 0;
  let closing = false;

  function assertUsable(): void {
    assert(insideTransaction.getStore() !== true, 'inside a transaction only its own Sql may be used');
    if (closing) throw new DeviceError('closed', `database ${file} is closed`);
  }

  async function query(sql: string, ...parameters: SqlValue[]): Promise<SqlRow[]> {
    assertUsable();
    const answer = await thread.ask({ kind: 'read', sql, parameters });
    if (answer.kind !== 'writes') return rowsOf(answer);
    return writing(async () => rowsOf(await thread.ask({ kind: 'query', sql, parameters })));
  }

  async function run(sql: string, ...parameters: SqlValue[]): Promise<{ changes: number }> {
    assertUsable();
    return writing(async () => changesOf(await thread.ask({ kind: 'run', sql, parameters })));
  }

  async function transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    assertUsable();
    return writing(async () => {
      await thread.ask({ kind: 'begin' });
      const sql = transactionSql(thread);
      try {
        const result = await insideTransaction.run(true, () => work(sql));
        sql.end();
        await thread.ask({ kind: 'commit', inTransaction: true });
        return result;
      } catch (cause) {
        sql.end();
        // The cause is what matters; a thread that is gone has rolled back.
        await thread.ask({ kind: 'rollback' }).catch(() => {});
        throw cause;
      }
    });
  }

  async function* snapshot(): AsyncGenerator<Uint8Array> {
    assertUsable();
    const copy = `${file}${COPY_MARK}${copies++}`;
    try {
      await copyDatabase({ file, entry }, copy);
      yield* readRange(copy, 0, Number.POSITIVE_INFINITY);
    } finally {
      await rm(copy, { force: true });
    }
  }

  async function close(): Promise<void> {
    assert(insideTransaction.getStore() !== true, 'a transaction cannot close its own database');
    closing = true;
    await writing(() => thread.close());
  }

  return { query, run, transaction, snapshot, close, [Symbol.asyncDispose]: close };
}

/** The view of one transaction; after {@link end} it belongs to nobody. */
function transactionSql(thread: DatabaseThread): Sql & { end(): void } {
  let ended = false;
  const ask = (kind: 'query' | 'run', sql: string, parameters: SqlValue[]): Promise<DatabaseAnswer> => {
    assert(!ended, 'this transaction has ended');
    return thread.ask({ kind, sql, parameters, inTransaction: true });
  };
  return {
    async query(sql, ...parameters) {
      return rowsOf(await ask('query', sql, parameters));
    },
    async run(sql, ...parameters) {
      return changesOf(await ask('run', sql, parameters));
    },
    end() {
      ended = true;
    },
  };
}

function rowsOf(answer: DatabaseAnswer): SqlRow[] {
  assert(answer.kind === 'rows', `rows expected, got ${answer.kind}`);
  return answer.rows;
}

function changesOf(answer: DatabaseAnswer): { changes: number } {
  assert(answer.kind === 'changes', `a count of changes expected, got ${answer.kind}`);
  return { changes: answer.changes };
}

/** Copies that a crash left behind. */
async function removeCopies(file: string): Promise<void> {
  try {
    const prefix = `${basename(file)}${COPY_MARK}`;
    for (const name of await readdir(dirname(file)))
      if (name.startsWith(prefix)) await rm(join(dirname(file), name), { force: true });
  } catch (cause) {
    throw new DatabaseError('failed', `open ${file}`, { cause: storeError(file, cause) });
  }
}

const COPY_MARK = '.copy-';
/** More would mean that somebody writes without waiting for the disk. */
const WRITERS_WAITING_MAX = 10_000;
