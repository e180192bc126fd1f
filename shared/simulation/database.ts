import { AsyncLocalStorage } from 'node:async_hooks';
import { constants, DatabaseSync } from 'node:sqlite';
import { assert } from '../base/assert.ts';
import { type Database, DatabaseError, type Sql, type SqlRow, type SqlValue } from '../devices/database.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { SimulatedDisk } from './disk.ts';
import { InTurn } from './in-turn.ts';
import { openJournal, type Journal, type Statement } from './journal.ts';
import type { Life } from './life.ts';

/** SQL functions that would bring real time or chance into the world. */
const IMPURE = new Set([
  'random',
  'randomblob',
  'date',
  'time',
  'datetime',
  'julianday',
  'strftime',
  'unixepoch',
  'current_date',
  'current_time',
  'current_timestamp',
]);

/** A pass over memory. */
const STATEMENT_US = 30;

/**
 * SQLite in memory: a pure function of the statements it was given, so it may stand in a world that replays. What
 * lasts is a journal of committed statements on the simulated disk, which a restart runs again.
 *
 * Readers outside a transaction have a second copy that gets the statements at commit: they see the last committed state.
 */
export async function openSimulatedDatabase(
  disk: SimulatedDisk,
  life: Life,
  name: string,
): Promise<Database> {
  const { journal, statements, image } = await openJournal(disk, life, name);
  const database = new SimulatedDatabase(life, name, journal);
  if (image !== undefined) database.load(image);
  database.replay(statements);
  return database;
}

class SimulatedDatabase implements Database {
  readonly #life: Life;
  readonly #name: string;
  readonly #journal: Journal;
  readonly #writer = openMemory();
  readonly #reader = openMemory();
  readonly #inTurn = new InTurn();
  /** Set within the work of a transaction, and in whatever that calls. */
  readonly #inTransaction = new AsyncLocalStorage<true>();
  #isClosed = false;

  constructor(life: Life, name: string, journal: Journal) {
    this.#life = life;
    this.#name = name;
    this.#journal = journal;
  }

  /** Begins from a database file, as {@link snapshot} gives it. */
  load(image: Uint8Array): void {
    for (const database of [this.#writer, this.#reader]) database.deserialize(image);
  }

  replay(statements: readonly Statement[]): void {
    for (const statement of statements) this.#runOnBoth(statement);
  }

  async query(sql: string, ...parameters: SqlValue[]): Promise<SqlRow[]> {
    this.#checkUsable();
    await this.#life.delay(STATEMENT_US);
    if (isReading(sql)) return queryIn(this.#reader, { sql, parameters });
    // A statement that writes and returns rows: a transaction of its own.
    return this.#write(async sqlite => sqlite.query(sql, ...parameters));
  }

  async run(sql: string, ...parameters: SqlValue[]): Promise<{ readonly changes: number }> {
    this.#checkUsable();
    return this.#write(async sqlite => sqlite.run(sql, ...parameters));
  }

  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    this.#checkUsable();
    return this.#write(work);
  }

  async *snapshot(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#checkUsable();
    const image = this.#reader.serialize();
    await this.#life.delay(STATEMENT_US);
    yield image;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#inTurn.run('', async () => {
      await this.#journal.close();
      this.#writer.close();
      this.#reader.close();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #write<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#inTurn.run('', async () => {
      const statements: Statement[] = [];
      let isOpen = true;
      this.#writer.exec('BEGIN');
      try {
        const result = await this.#inTransaction.run(true, () =>
          work(this.#recording(statements, () => isOpen)),
        );
        isOpen = false;
        // Before the commit: if the journal cannot take it, nothing has happened.
        if (statements.length > 0) await this.#journal.add(statements);
        this.#writer.exec('COMMIT');
        for (const statement of statements) runIn(this.#reader, statement);
        if (statements.length > 0) this.#life.record(`db ${this.#name} commits ${statements.length}`);
        return result;
      } catch (error) {
        isOpen = false;
        if (this.#writer.isTransaction) this.#writer.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** The view of one transaction; what it changes is noted for the journal. */
  #recording(statements: Statement[], isOpen: () => boolean): Sql {
    const begin = (sql: string): Promise<void> => {
      assert(isOpen(), 'the view of a transaction is good for that one only');
      refuseTransactionControl(sql);
      return this.#life.delay(STATEMENT_US);
    };
    const note = ({ sql, parameters }: Statement): void => {
      // Copies, since the caller may use its bytes again before the commit.
      const kept = parameters.map(value => (value instanceof Uint8Array ? new Uint8Array(value) : value));
      if (!isReading(sql)) statements.push({ sql, parameters: kept });
    };
    return {
      query: async (sql, ...parameters) => {
        await begin(sql);
        const rows = queryIn(this.#writer, { sql, parameters });
        note({ sql, parameters });
        return rows;
      },
      run: async (sql, ...parameters) => {
        await begin(sql);
        const changes = runIn(this.#writer, { sql, parameters });
        note({ sql, parameters });
        return { changes };
      },
    };
  }

  #runOnBoth(statement: Statement): void {
    runIn(this.#writer, statement);
    runIn(this.#reader, statement);
  }

  #checkUsable(): void {
    if (this.#isClosed) throw new DeviceError('closed', `the database ${this.#name} is closed`);
    assert(
      this.#inTransaction.getStore() === undefined,
      'inside a transaction statements go to its own `sql`: the database itself would wait for ever',
    );
  }
}

function openMemory(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.setAuthorizer((action, _first, functionName) =>
    action === constants.SQLITE_FUNCTION && IMPURE.has((functionName ?? '').toLowerCase())
      ? constants.SQLITE_DENY
      : constants.SQLITE_OK,
  );
  return database;
}

function refuseTransactionControl(sql: string): void {
  if (/^\s*(?:begin|commit|end|rollback|savepoint|release)\b/i.test(sql))
    throw new DatabaseError('syntax', 'transactions are begun and ended by transaction(), not by statements');
}

/** Whether the statement leaves the data as it is, as far as its first word tells. */
function isReading(sql: string): boolean {
  return /^\s*(?:select|explain|pragma\s+\w+\s*;?\s*$)/i.test(sql);
}

function queryIn(database: DatabaseSync, { sql, parameters }: Statement): SqlRow[] {
  return translating(() => {
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all(...parameters).map(row => narrowIntegers(row as SqlRow));
  });
}

function runIn(database: DatabaseSync, { sql, parameters }: Statement): number {
  return translating(() => Number(database.prepare(sql).run(...parameters).changes));
}

/** Whole numbers come as number where a number holds them exactly and as bigint beyond. */
function narrowIntegers(row: SqlRow): SqlRow {
  const narrowed = Object.entries(row).map(([column, value]) => {
    const fits = typeof value === 'bigint' && Number.isSafeInteger(Number(value));
    return [column, fits ? Number(value) : value] as const;
  });
  return Object.fromEntries(narrowed);
}

const SQLITE_CONSTRAINT = 19;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_ERROR = 1;

function translating<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { errcode, message } = cause as { errcode?: number; message: string };
    // The low byte is the primary result code (https://www.sqlite.org/rescode.html).
    const code = (errcode ?? 0) & 0xff;
    if (code === SQLITE_CONSTRAINT) throw new DatabaseError('constraint', message, { cause });
    if (code === SQLITE_CORRUPT) throw new DatabaseError('corrupt', message, { cause });
    if (code === SQLITE_FULL) throw new DatabaseError('no-space', message, { cause });
    if (code === SQLITE_ERROR) throw new DatabaseError('syntax', message, { cause });
    throw new DatabaseError('failed', message, { cause });
  }
}
