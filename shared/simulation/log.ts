import { redact } from '../base/redact.ts';
import type { Clock } from '../devices/clock.ts';
import type { Log, LogFields, LogLevel, LogRecord, LogSink } from '../devices/log.ts';
import type { Life } from './life.ts';

/** A log whose events also go to the sinks added to it. */
export interface SimulatedLog extends Log {
  addLogSink(sink: LogSink): Disposable;
}

/** Every event becomes a line of the world's event log: what a program says is part of what must replay. */
export function createSimulatedLog(life: Life, clock: Clock): SimulatedLog {
  const sinks = new Set<LogSink>();
  const write = (record: LogRecord): void => {
    life.record(`log ${record.level} ${record.message} ${formatFields(record.fields)}`);
    for (const sink of sinks) sink(record);
  };
  return {
    ...createLog(write, clock, {}),
    addLogSink(sink) {
      sinks.add(sink);
      return { [Symbol.dispose]: () => void sinks.delete(sink) };
    },
  };
}

function createLog(write: LogSink, clock: Clock, common: LogFields): Log {
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void =>
      write({ timeMs: clock.now(), level, message, fields: { ...common, ...redact(fields) } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: fields => createLog(write, clock, { ...common, ...redact(fields) }),
  };
}

/** Without stacks: they name folders of this machine, and a run is the same on every machine. */
function formatFields(fields: LogFields): string {
  return JSON.stringify(fields, (name, value: unknown) => (name === 'stack' ? undefined : value));
}
