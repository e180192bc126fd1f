import { describe, expect, it } from 'vitest';
import type { Log, LogRecord, LogSink } from '../devices/log.ts';
import type { Make } from './waiting.ts';

export interface LogWorld {
  /** Takes every level, and hands its records to the sinks added. */
  readonly log: Log;
  readonly addLogSink: (sink: LogSink) => Disposable;
}

/** What every {@link Log} must do. */
export function describeLog(name: string, make: Make<LogWorld>): void {
  const check = (title: string, test: (world: LogWorld, records: LogRecord[]) => void): void =>
    it(title, async () => {
      await using world = await make();
      const records: LogRecord[] = [];
      using _sink = world.addLogSink(record => void records.push(record));
      test(world, records);
    });

  describe(`${name} hands on events`, () => {
    check('each level, in order, within the call', ({ log }, records) => {
      log.debug({ step: 1 }, 'a');
      log.info({ step: 2 }, 'b');
      log.warn({ step: 3 }, 'c');
      log.error({ step: 4 }, 'd');
      expect(records.map(({ level, message, fields }) => [level, message, fields['step']])).toEqual([
        ['debug', 'a', 1],
        ['info', 'b', 2],
        ['warn', 'c', 3],
        ['error', 'd', 4],
      ]);
      for (const { timeMs } of records) expect(timeMs).toBeGreaterThan(0);
    });

    check("a child adds its fields; the event's own win", ({ log }, records) => {
      log.child({ service: 'web', part: 'front' }).child({ flow: 7 }).info({ part: 'back' }, 'served');
      expect(records[0]?.fields).toEqual({ service: 'web', part: 'back', flow: 7 });
    });

    check('a removed sink gets nothing more', ({ log, addLogSink }, records) => {
      const more: LogRecord[] = [];
      addLogSink(record => void more.push(record))[Symbol.dispose]();
      log.info({}, 'alone');
      expect(more).toEqual([]);
      expect(records.length).toBe(1);
    });
  });

  describe(`${name} keeps secrets`, () => {
    check('fields that are named like secrets are not handed on', ({ log }, records) => {
      const secret = 'correct horse';
      log.info(
        { password: secret, nested: { apiKey: secret, token: secret, list: [{ authorization: secret }] } },
        'x',
      );
      log.child({ privateKeyPem: secret, cookie: secret }).info({}, 'y');
      expect(JSON.stringify(records)).not.toContain(secret);
    });
  });

  describe(`${name} never throws`, () => {
    check('whatever the fields are, they become plain data', ({ log }, records) => {
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      const fields = {
        cycle,
        big: 1n,
        bytes: new Uint8Array(3),
        call: () => 1,
        error: new Error('broken', { cause: 'x' }),
      };
      log.error(fields, 'strange');
      const text = JSON.stringify(records);
      expect(text).toContain('broken');
      expect(structuredClone(records)).toEqual(records);
    });
  });
}
