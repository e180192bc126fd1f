import type { ServerResponse } from 'node:http';
import type { LogRecord } from '../../devices/log.ts';
import { formatRecord } from '../logs/record-text.ts';
import type { LogRing } from '../logs/ring.ts';

/** A few windows and `lares logs`; each costs every record a write. */
export const LOG_STREAMS_MAX = 16;
/** A reader this far behind loses records rather than make the appliance keep them. */
const BACKLOG_MAX_BYTES = 262_144;
/** Proxies and phones drop a silent connection after a minute or so. */
const KEEP_ALIVE_MS = 25_000;

export interface LogStreams {
  /** Begins to stream, first the newest `tail` records. False where there are too many streams already. */
  begin(response: ServerResponse, tail: number): boolean;
  closeAll(): void;
}

/** The live log as server-sent events (WHATWG HTML §9.2): one `data:` line of JSON for each record. */
export function createLogStreams(
  ring: LogRing,
  timers: { readonly timer: (ms: number, callback: () => void) => Disposable },
): LogStreams {
  const open = new Map<ServerResponse, () => void>();
  return {
    begin(response, tail) {
      if (open.size >= LOG_STREAMS_MAX) return false;
      let skipped = 0;
      const send = (record: LogRecord): void => {
        if (response.writableLength > BACKLOG_MAX_BYTES) return void skipped++;
        if (skipped > 0) response.write(`: ${skipped} records skipped, the reader was too slow\n\n`);
        skipped = 0;
        response.write(`data: ${formatRecord(record)}\n\n`);
      };
      response.write('retry: 3000\n\n');
      for (const record of ring.tail(tail)) send(record);
      const following = ring.follow(send);
      let alive: Disposable | undefined;
      const keepAlive = (): void => {
        response.write(': alive\n\n');
        alive = timers.timer(KEEP_ALIVE_MS, keepAlive);
      };
      alive = timers.timer(KEEP_ALIVE_MS, keepAlive);
      const stop = (): void => {
        open.delete(response);
        following[Symbol.dispose]();
        alive?.[Symbol.dispose]();
      };
      open.set(response, stop);
      response.once('close', stop);
      return true;
    },
    closeAll() {
      for (const [response, stop] of open) {
        // What is logged from now on must not be written behind the end: that is an error of the response, which nobody takes.
        stop();
        response.end();
      }
    },
  };
}
