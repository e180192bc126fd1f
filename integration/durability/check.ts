import { join } from 'node:path';
import { concatBytes, equalBytes, viewOf } from '../../shared/base/bytes.ts';
import { collect } from '../../shared/compliance/store-fixture.ts';
import type { Files } from '../../shared/devices/files.ts';
import type { KeyValue } from '../../shared/devices/key-value.ts';
import { openHostDatabase } from '../../shared/host/stores/database.ts';
import { createHostFiles } from '../../shared/host/stores/files.ts';
import { createHostKeyValue } from '../../shared/host/stores/key-value.ts';
import {
  ALL_STREAMS,
  blobPath,
  contentOf,
  isDelete,
  logRecord,
  logSize,
  STREAMS,
  type Steps,
} from './workload.ts';
import { LOG_BATCH_MAX, LOG_ROWS } from './writer.ts';

export interface Checked {
  /** The last step that is there, by stream: where a writer may go on. */
  readonly found: Steps;
  /** What is not as it must be. */
  readonly faults: readonly string[];
}

/**
 * Opens the stores as after a crash and compares: every acknowledged step is there, whole; the step after it may be there,
 * whole, since it may have been under way.
 */
export async function checkStores(
  folder: string,
  acknowledged: Steps,
  streams: readonly string[] = ALL_STREAMS,
): Promise<Checked> {
  const keyValue = await createHostKeyValue(join(folder, 'kv'));
  const files = await createHostFiles(join(folder, 'files'));
  const checks = {
    keyValue: (stream: string) => checkKey(keyValue, stream, acknowledged[stream]!),
    log: (stream: string) => checkLog(files, stream, acknowledged[stream]!),
    blob: (stream: string) => checkBlob(files, stream, acknowledged[stream]!),
    database: (stream: string) =>
      checkDatabase(join(folder, 'db', 'main.sqlite'), stream, acknowledged[stream]!),
  };
  const found: Record<string, number> = {};
  const faults: string[] = [];
  for (const kind of Object.keys(checks) as (keyof typeof checks)[])
    for (const stream of STREAMS[kind].filter(stream => streams.includes(stream))) {
      try {
        found[stream] = await checks[kind](stream);
      } catch (fault) {
        faults.push(`${stream}, acknowledged ${acknowledged[stream]}: ${(fault as Error).message}`);
      }
    }
  return { found, faults };
}

class Fault extends Error {}

async function checkKey(store: KeyValue, stream: string, acknowledged: number): Promise<number> {
  const value = await store.get(stream);
  for (const step of [acknowledged, acknowledged + 1]) {
    const absent = step < 0 || isDelete(stream, step);
    if (absent ? value === undefined : value !== undefined && equalBytes(value, contentOf(stream, step)))
      return step;
  }
  throw new Fault(
    value === undefined ? 'absent' : `${value.length} bytes that look like step ${stepOf(value)}`,
  );
}

async function checkLog(store: Files, stream: string, acknowledged: number): Promise<number> {
  const content =
    (await store.size(stream)) === undefined ? new Uint8Array(0) : await contentsOf(store, stream);
  let step = 0;
  let offset = 0;
  for (;;) {
    const record = logRecord(stream, step);
    if (!equalBytes(content.subarray(offset, offset + record.length), record)) break;
    offset += record.length;
    step++;
  }
  if (step <= acknowledged)
    throw new Fault(
      `step ${step} of a file of ${content.length} bytes, ${logSize(stream, acknowledged + 1)} or more expected`,
    );
  checkTail(content.subarray(offset), stream, { step, last: acknowledged + LOG_BATCH_MAX });
  return step - 1;
}

/** Behind the last whole record stand at most those that may have been under way, with zeros for what did not arrive. */
function checkTail(tail: Uint8Array, stream: string, { step, last }: { step: number; last: number }): void {
  const count = Math.max(0, last - step + 1);
  const expected = concatBytes(Array.from({ length: count }, (_, index) => logRecord(stream, step + index)));
  if (tail.length > expected.length)
    throw new Fault(`${tail.length} bytes behind step ${step - 1} were never written`);
  for (const [index, byte] of tail.entries())
    if (byte !== 0 && byte !== expected[index]) throw new Fault(`foreign bytes behind step ${step - 1}`);
}

async function checkBlob(store: Files, stream: string, acknowledged: number): Promise<number> {
  const there = await store.list(stream);
  const next = acknowledged + 1;
  const states: readonly (readonly number[])[] = [[acknowledged], [acknowledged, next], [next]];
  for (const state of states) {
    const steps = state.filter(step => step >= 0);
    const paths = steps.map(step => blobPath(stream, step)).toSorted();
    if (paths.join() !== there.join()) continue;
    for (const step of steps)
      if (!equalBytes(await contentsOf(store, blobPath(stream, step)), contentOf(stream, step)))
        throw new Fault(`the content of step ${step} is damaged`);
    // Where both are there the step was under way: a writer takes it again.
    return steps.length === 2 ? acknowledged : (steps[0] ?? -1);
  }
  throw new Fault(`there are ${there.join(', ') || 'no files'}`);
}

async function checkDatabase(file: string, stream: string, acknowledged: number): Promise<number> {
  await using database = await openHostDatabase(file);
  const integrity = await database.query('PRAGMA integrity_check');
  if (integrity[0]?.['integrity_check'] !== 'ok')
    throw new Fault(`integrity_check: ${JSON.stringify(integrity)}`);
  const tables = await database.query("SELECT name FROM sqlite_schema WHERE type = 'table'");
  if (tables.length < 2 && acknowledged < 0) return -1;
  const heads = await database.query('SELECT step FROM head');
  const step = Number(heads[0]?.['step'] ?? -1);
  if (heads.some(head => head['step'] !== step))
    throw new Fault(`half a transaction: ${JSON.stringify(heads)}`);
  if (step !== acknowledged && step !== acknowledged + 1) throw new Fault(`is at step ${step}`);
  const rows = await database.query('SELECT step, content FROM log ORDER BY step');
  const expected = Math.min(step + 1, LOG_ROWS);
  if (rows.length !== expected) throw new Fault(`has ${rows.length} rows of ${expected}`);
  for (const row of rows)
    if (!equalBytes(row['content'] as Uint8Array, contentOf(stream, Number(row['step']))))
      throw new Fault(`the row of step ${Number(row['step'])} is damaged`);
  return step;
}

async function contentsOf(store: Files, path: string): Promise<Uint8Array> {
  return concatBytes(await collect(store.read(path)));
}

function stepOf(value: Uint8Array): number {
  return value.length < 4 ? -1 : viewOf(value).getUint32(0, true);
}
