import type { Clock } from '../../devices/clock.ts';
import type { LogRecord, LogSink } from '../../devices/log.ts';
import { formatRecord } from './record-text.ts';
import { shortenClient } from './shorten-client.ts';

/** About 5,000 records: what a person scrolls through. */
export const RING_MAX_BYTES = 1_048_576;

export interface LogRing {
  readonly sink: LogSink;
  /** The newest records, oldest first, at most `count`. */
  tail(count: number): readonly LogRecord[];
  /** Calls for every record from now on; like a sink it must not throw or log. */
  follow(listener: (record: LogRecord) => void): Disposable;
}

/** The newest records in memory, bounded by bytes. Client addresses older than `fullAddressesMs` come out shortened. */
export function createLogRing(
  clock: Clock,
  options: { readonly fullAddressesMs: () => number; readonly maxBytes?: number },
): LogRing {
  const maxBytes = options.maxBytes ?? RING_MAX_BYTES;
  const entries: { record: LogRecord; bytes: number }[] = [];
  const listeners = new Set<(record: LogRecord) => void>();
  let bytes = 0;
  let first = 0;
  const sink: LogSink = record => {
    const entry = { record, bytes: formatRecord(record).length };
    entries.push(entry);
    for (bytes += entry.bytes; bytes > maxBytes && first < entries.length; first++)
      bytes -= entries[first]?.bytes ?? 0;
    // Dropping from the front one by one would move the whole array each time.
    if (first > 1_000 && first > entries.length / 2) {
      entries.splice(0, first);
      first = 0;
    }
    for (const listener of listeners) listener(record);
  };
  return {
    sink,
    tail(count) {
      const shortenBeforeMs = clock.now() - options.fullAddressesMs();
      return entries
        .slice(Math.max(first, entries.length - count))
        .map(({ record }) => (record.timeMs < shortenBeforeMs ? shortenClient(record) : record));
    },
    follow(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
