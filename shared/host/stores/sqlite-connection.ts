import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DatabaseErrorKind, SqlRow, SqlValue } from '../../devices/database.ts';
import type { DatabaseAnswer, SqliteFault } from './database-messages.ts';

/** One SQLite connection with its prepared statements. Everything is synchronous and throws what SQLite throws. */
export interface Connection {
  readonly inTransaction: boolean;
  query(sql: string, parameters: readonly SqlValue[]): SqlRow[];
  /** The rows, or `writes` where the statement would change something. For a read-only connection. */
  read(sql: string, parameters: readonly SqlValue[]): DatabaseAnswer;
  run(sql: string, parameters: readonly SqlValue[]): number;
  execute(sql: string): void;
  close(): void;
}

export function createConnection(database: DatabaseSync): Connection {
  const statements = new Map<string, StatementSync>();

  /** The least recently used statement is forgotten when there are too many. */
  function prepare(sql: string): StatementSync {
    if (TRANSACTION_CONTROL.test(sql))
      throw new SyntaxError('transactions are begun and ended by transaction(), not by statements');
    let statement = statements.get(sql);
    statements.delete(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statement.setReadBigInts(true);
      const oldest = statements.keys().next();
      if (statements.size >= STATEMENTS_MAX && oldest.done !== true) statements.delete(oldest.value);
    }
    statements.set(sql, statement);
    return statement;
  }

  function query(sql: string, parameters: readonly SqlValue[]): SqlRow[] {
    const rows = prepare(sql).all(...parameters) as Record<string, SqlValue>[];
    for (const row of rows) narrowIntegers(row);
    return rows;
  }

  return {
    get inTransaction() {
      return database.isTransaction;
    },
    query,
    read(sql, parameters) {
      try {
        return { kind: 'rows', rows: query(sql, parameters) };
      } catch (cause) {
        if (primaryCode(cause) === SQLITE_READONLY) return { kind: 'writes' };
        throw cause;
      }
    },
    run: (sql, parameters) => Number(prepare(sql).run(...parameters).changes),
    execute: sql => database.exec(sql),
    close: () => database.close(),
  };
}

/** Whole numbers come as number where a number holds them exactly and as bigint beyond. */
function narrowIntegers(row: Record<string, SqlValue>): void {
  for (const column in row) {
    const value = row[column];
    if (typeof value !== 'bigint') continue;
    if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) row[column] = Number(value);
  }
}

/** What SQLite's result code means to a caller. */
export function sqliteFault(cause: unknown): SqliteFault {
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = primaryCode(cause);
  if (code === undefined) return { error: 'syntax', message, disk: false };
  return { error: KIND_BY_CODE.get(code) ?? 'failed', message, disk: code === SQLITE_IOERR };
}

function primaryCode(cause: unknown): number | undefined {
  const extended = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined;
  // The low byte is the primary code: https://sqlite.org/rescode.html#primary_result_codes_versus_extended_result_codes
  return typeof extended === 'number' ? extended & 0xff : undefined;
}

const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const KIND_BY_CODE: ReadonlyMap<number, DatabaseErrorKind> = new Map([
  [1, 'syntax'],
  [11, 'corrupt'],
  [13, 'no-space'],
  [19, 'constraint'],
  [20, 'syntax'],
  [25, 'syntax'],
  [26, 'corrupt'],
]);

const TRANSACTION_CONTROL = /^\s*(?:begin|commit|end|rollback|savepoint|release)\b/i;

/** A service has some dozens of statements; the bound is for one that builds its SQL. */
const STATEMENTS_MAX = 200;
