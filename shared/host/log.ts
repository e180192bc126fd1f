import { pino, type DestinationStream } from 'pino';
import { redact } from '../base/redact.ts';
import type { Log, LogFields, LogLevel, LogRecord, LogSink } from '../devices/log.ts';
import { ConsoleWriter } from './console-writer.ts';

/** A log whose events also go to the sinks added to it. */
export interface HostLog extends Log {
  /** The sink gets every event from now on, until the result is disposed. */
  readonly addLogSink: (sink: LogSink) => Disposable;
  /** Takes an event made elsewhere (in a worker), with its own time. */
  write(record: LogRecord): void;
}

export interface HostLogOptions {
  readonly sinks?: readonly LogSink[];
  /** Lines of JSON go here; the default is standard output, false writes none. */
  readonly output?: DestinationStream | false;
  /** Events below it are dropped; the default is 'info'. */
  readonly level?: LogLevel;
}

const STANDARD_OUTPUT = 1;

const RANK: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 };

/** Structured events: one line of JSON each, written within the call while the console takes them. */
export function createHostLog(options: HostLogOptions = {}): HostLog {
  const sinks = new Set(options.sinks);
  if (options.output !== false) sinks.add(pinoSink(options.output ?? new ConsoleWriter(STANDARD_OUTPUT)));
  const least = RANK[options.level ?? 'info'];
  const write = (record: LogRecord): void => {
    if (RANK[record.level] < least) return;
    for (const sink of sinks) sink(record);
  };
  return {
    ...createLog(write, {}),
    write,
    addLogSink(sink) {
      sinks.add(sink);
      return { [Symbol.dispose]: () => void sinks.delete(sink) };
    },
  };
}

/** A log that makes records, secrets taken out, and hands them to `write`. */
export function createLog(write: (record: LogRecord) => void, common: LogFields): Log {
  const at =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void =>
      write({ timeMs: Date.now(), level, message, fields: { ...common, ...redact(fields) } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: fields => createLog(write, { ...common, ...redact(fields) }),
  };
}

function pinoSink(output: DestinationStream): LogSink {
  const logger = pino(
    {
      base: null,
      level: 'debug',
      timestamp: false,
      formatters: { level: label => ({ level: label }) },
    },
    output,
  );
  return ({ timeMs, level, message, fields }) => {
    if (fields['kind'] !== 'access')
      logger[level]({ time: new Date(timeMs).toISOString(), ...fields }, message);
  };
}
