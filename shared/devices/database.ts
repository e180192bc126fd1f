export type SqlValue = null | number | bigint | string | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What reads and writes inside one transaction see: their own changes and nothing of others'. */
export interface Sql {
  /** Runs one statement with `?` parameters and gives all its rows. @throws DatabaseError as below. */
  query(sql: string, ...parameters: SqlValue[]): Promise<SqlRow[]>;
  /** Runs one statement for its effect and tells how many rows it changed. */
  run(sql: string, ...parameters: SqlValue[]): Promise<{ readonly changes: number }>;
}

/**
 * SQL (SQLite's dialect on a single appliance) with one writer. Writes are serialised; reads outside a transaction see
 * the last committed state.
 */
export interface Database extends Sql, AsyncDisposable {
  /**
   * Runs `work` alone among writers and commits what it did, durably, before it resolves; whatever `work` throws rolls
   * everything back and is thrown on. Nested calls on the database itself (not on `sql`) from inside `work` would wait for ever:
   * they fail an assertion.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;

  /** A consistent copy of the whole database as one SQLite file, while it is in use. */
  snapshot(): AsyncIterable<Uint8Array>;

  /** Waits for the running transaction, then closes. Later calls throw DeviceError `closed`. */
  close(): Promise<void>;
}

export type DatabaseErrorKind = 'constraint' | 'syntax' | 'corrupt' | 'no-space' | 'failed';

/** A statement that could not be carried out; `constraint` is the one a caller may expect. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';
  readonly kind: DatabaseErrorKind;

  constructor(kind: DatabaseErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
