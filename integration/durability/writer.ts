import { join } from 'node:path';
import type { Database } from '../../shared/devices/database.ts';
import type { Files } from '../../shared/devices/files.ts';
import type { KeyValue } from '../../shared/devices/key-value.ts';
import { openHostDatabase } from '../../shared/host/stores/database.ts';
import { hostSyncs, type Syncs } from '../../shared/host/stores/durable-files.ts';
import { createHostFiles } from '../../shared/host/stores/files.ts';
import { createHostKeyValue } from '../../shared/host/stores/key-value.ts';
import { blobPath, contentOf, isDelete, logRecord, logSize, STREAMS, type Steps } from './workload.ts';

export interface WriterOptions {
  readonly folder: string;
  /** Which streams to write. */
  readonly streams: readonly string[];
  /** The last step of each stream that is there already. */
  readonly from: Steps;
  /** Tells that the step is durable. The stream goes on when this resolves. */
  readonly acknowledge: (stream: string, step: number) => Promise<void>;
  /** Called when everything is open and before the first step. */
  readonly ready?: () => void;
  /** Instead of the real ones; for showing that the checker sees when one is missing. */
  readonly keyValueSyncs?: Syncs;
  readonly entry?: string | URL;
}

/** Takes steps in its streams at once until the process is killed. */
export async function runWriter(options: WriterOptions): Promise<never> {
  const { folder, keyValueSyncs = hostSyncs } = options;
  const keyValue = await createHostKeyValue(join(folder, 'kv'), keyValueSyncs);
  const files = await createHostFiles(join(folder, 'files'));
  const entry = options.entry === undefined ? {} : { entry: options.entry };
  const database = await openHostDatabase(join(folder, 'db', 'main.sqlite'), entry);
  await database.run('CREATE TABLE IF NOT EXISTS head (name TEXT PRIMARY KEY, step INTEGER)');
  await database.run('CREATE TABLE IF NOT EXISTS log (step INTEGER PRIMARY KEY, content BLOB)');
  options.ready?.();
  const { streams } = options;
  const chosen = (kind: keyof typeof STREAMS): string[] =>
    STREAMS[kind].filter(stream => streams.includes(stream));
  await Promise.race([
    ...chosen('keyValue').map(stream => writeKey(keyValue, stream, options)),
    ...chosen('log').map(stream => writeLog(files, stream, options)),
    ...chosen('blob').map(stream => writeBlob(files, stream, options)),
    ...chosen('database').map(stream => writeDatabase(database, stream, options)),
  ]);
  throw new Error('a writer never ends');
}

async function writeKey(
  store: KeyValue,
  stream: string,
  { from, acknowledge }: WriterOptions,
): Promise<void> {
  for (let step = from[stream]! + 1; ; step++) {
    if (isDelete(stream, step)) await store.delete(stream);
    else await store.put(stream, contentOf(stream, step));
    await acknowledge(stream, step);
  }
}

/** Sometimes several steps in one flush, and now and then a torn tail is cut as after a crash. */
async function writeLog(store: Files, stream: string, { from, acknowledge }: WriterOptions): Promise<void> {
  const first = from[stream]! + 1;
  const appender = await store.append(stream);
  await appender.truncate(logSize(stream, first));
  for (let step = first; ;) {
    const count = 1 + (step % LOG_BATCH_MAX);
    const appended = Array.from({ length: count }, (_, index) =>
      appender.append(logRecord(stream, step + index)),
    );
    await appender.sync();
    await Promise.all(appended);
    step += count;
    await acknowledge(stream, step - 1);
  }
}

async function writeBlob(store: Files, stream: string, { from, acknowledge }: WriterOptions): Promise<void> {
  for (let step = from[stream]! + 1; ; step++) {
    await store.replace(blobPath(stream, step), contentOf(stream, step));
    if (step > 0) await store.remove(blobPath(stream, step - 1));
    await acknowledge(stream, step);
  }
}

async function writeDatabase(
  database: Database,
  stream: string,
  { from, acknowledge }: WriterOptions,
): Promise<void> {
  for (let step = from[stream]! + 1; ; step++) {
    await database.transaction(async sql => {
      for (const name of ['left', 'right'])
        await sql.run('INSERT OR REPLACE INTO head (name, step) VALUES (?, ?)', name, step);
      await sql.run('INSERT INTO log (step, content) VALUES (?, ?)', step, contentOf(stream, step));
      await sql.run('DELETE FROM log WHERE step <= ?', step - LOG_ROWS);
    });
    await acknowledge(stream, step);
  }
}

/** Enough rows that checkpoints write to many pages, few enough that the database stays small. */
export const LOG_ROWS = 100;
/** Records that a log appends at most before it acknowledges the last of them. */
export const LOG_BATCH_MAX = 3;
