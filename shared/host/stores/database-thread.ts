import { Worker } from 'node:worker_threads';
import { DatabaseError } from '../../devices/database.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type {
  DatabaseAnswer,
  DatabaseReply,
  DatabaseRequest,
  DatabaseWorkerData,
  SqliteFault,
} from './database-messages.ts';

/** The thread in which SQLite works, as functions. */
export interface DatabaseThread {
  /** @throws DatabaseError where SQLite refuses, DeviceError `failed` or `closed` where the thread is gone. */
  ask(request: Omit<DatabaseRequest, 'id'>): Promise<DatabaseAnswer>;
  close(): Promise<void>;
}

interface ThreadOptions {
  readonly file: string;
  readonly entry: string | URL | undefined;
}

interface Waiting {
  readonly resolve: (answer: DatabaseAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Resolves when the database is open. */
export async function startDatabaseThread({ file, entry }: ThreadOptions): Promise<DatabaseThread> {
  const { worker, waiting, expect } = startWorker({ role: 'database', file }, entry);
  let lastId = 0;
  let failure: DatabaseError | undefined;
  let closed = false;

  async function ask(request: Omit<DatabaseRequest, 'id'>): Promise<DatabaseAnswer> {
    if (closed) throw new DeviceError('closed', `database ${file} is closed`);
    if (failure !== undefined) throw failure;
    const id = ++lastId;
    const reply = expect(id);
    worker.postMessage({ ...request, id } satisfies DatabaseRequest);
    try {
      return await reply;
    } catch (cause) {
      // A flush that failed leaves pages in memory which the system calls written: nothing more is promised until the
      // database is opened again.
      if (cause instanceof DiskFault) failure = cause;
      throw cause;
    }
  }

  try {
    await expect(OPENING);
  } catch (cause) {
    await worker.terminate();
    throw cause;
  }
  return {
    ask,
    async close() {
      if (closed) return;
      failure = undefined;
      await ask({ kind: 'close' }).catch(() => {});
      closed = true;
      waiting.clear();
      await worker.terminate();
    },
  };
}

/** Writes a consistent copy of the database to `target`, which does not exist yet. */
export async function copyDatabase({ file, entry }: ThreadOptions, target: string): Promise<void> {
  const { worker, expect } = startWorker({ role: 'database', file, copyTo: target }, entry);
  try {
    await expect(OPENING);
  } finally {
    await worker.terminate();
  }
}

function startWorker(data: DatabaseWorkerData, entry: string | URL | undefined) {
  const program = new URL(entry ?? './database-worker-main.ts', import.meta.url);
  const worker = new Worker(program, { workerData: data });
  const waiting = new Map<number, Waiting>();
  let gone: Error | undefined;

  worker.on('message', ({ id, answer }: DatabaseReply) => {
    const caller = waiting.get(id);
    waiting.delete(id);
    // An idle database does not keep the process alive.
    if (waiting.size === 0) worker.unref();
    if (answer.kind === 'error') caller?.reject(faultOf(answer));
    else caller?.resolve(answer);
  });
  const fail = (cause: unknown): void => {
    gone ??= new DeviceError('failed', `database ${data.file}: its thread has ended`, { cause });
    for (const caller of waiting.values()) caller.reject(gone);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', fail);

  async function expect(id: number): Promise<DatabaseAnswer> {
    if (gone !== undefined) throw gone;
    worker.ref();
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }
  return { worker, waiting, expect };
}

class DiskFault extends DatabaseError {}

function faultOf({ error, message, disk }: SqliteFault): DatabaseError {
  return disk ? new DiskFault(error, message) : new DatabaseError(error, message);
}

/** The id of the reply to starting the thread. */
const OPENING = 0;
