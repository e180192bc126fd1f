import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { DatabaseSync } from 'node:sqlite';
import { assert } from '../../base/assert.ts';
import type {
  DatabaseAnswer,
  DatabaseReply,
  DatabaseRequest,
  DatabaseWorkerData,
} from './database-messages.ts';
import { createConnection, sqliteFault, type Connection } from './sqlite-connection.ts';

/** Serves a database where this thread was started for one. False in every other thread: the caller goes on. */
export function runDatabaseWorker(): boolean {
  const data = workerData as Partial<DatabaseWorkerData> | null;
  if (isMainThread || data?.role !== 'database' || data.file === undefined) return false;
  assert(parentPort !== null, 'a database worker has a parent');
  if (data.copyTo === undefined) serve(data.file, parentPort);
  else copy(data.file, data.copyTo, parentPort);
  return true;
}

/** A reading transaction of its own: writers go on meanwhile and the copy does not see them. */
function copy(file: string, target: string, parent: MessagePort): void {
  const answer = attempt(() => {
    using source = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    source.prepare('VACUUM INTO ?').run(target);
    return { kind: 'done' };
  });
  parent.postMessage({ id: 0, answer } satisfies DatabaseReply);
}

function serve(file: string, parent: MessagePort): void {
  let writer: Connection | undefined;
  let reader: Connection | undefined;
  const opened = attempt(() => {
    writer = openWriter(file);
    reader = createConnection(new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS }));
    return { kind: 'done' };
  });
  parent.postMessage({ id: 0, answer: opened } satisfies DatabaseReply);
  if (writer === undefined || reader === undefined) return;

  const connections = { writer, reader };
  parent.on('message', (request: DatabaseRequest) => {
    const answer = attempt(() => handle(request, connections));
    parent.postMessage({ id: request.id, answer } satisfies DatabaseReply);
    if (request.kind === 'close') parent.close();
  });
}

function openWriter(file: string): Connection {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  // FULL: the log is flushed at every commit. SQLite's default in this mode flushes at checkpoints only, and a power cut
  // would take acknowledged transactions (https://sqlite.org/pragma.html#pragma_synchronous).
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  return createConnection(database);
}

function handle(
  request: DatabaseRequest,
  { writer, reader }: Record<'writer' | 'reader', Connection>,
): DatabaseAnswer {
  const { kind, sql = '', parameters = [], inTransaction = false } = request;
  if (inTransaction && !writer.inTransaction)
    return {
      kind: 'error',
      error: 'failed',
      message: 'an earlier fault has rolled this transaction back',
      disk: false,
    };
  switch (kind) {
    case 'read':
      return reader.read(sql, parameters);
    case 'query':
      return { kind: 'rows', rows: writer.query(sql, parameters) };
    case 'run':
      return { kind: 'changes', changes: writer.run(sql, parameters) };
    case 'begin':
      writer.execute('BEGIN IMMEDIATE');
      return { kind: 'done' };
    case 'commit':
      writer.execute('COMMIT');
      return { kind: 'done' };
    case 'rollback':
      // Some faults (a full disk) have rolled back by themselves.
      if (writer.inTransaction) writer.execute('ROLLBACK');
      return { kind: 'done' };
    case 'close':
      reader.close();
      writer.close();
      return { kind: 'done' };
  }
}

function attempt(work: () => DatabaseAnswer): DatabaseAnswer {
  try {
    return work();
  } catch (cause) {
    return { kind: 'error', ...sqliteFault(cause) };
  }
}

/** The connections are all ours and never wait long for each other; only another process could hold the lock. */
const BUSY_TIMEOUT_MS = 5_000;
