export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Plain data. Never a secret; client addresses only under the key `client`, so that they can be shortened. `kind: 'access'` is
 * for the kept log: whoever looks at a console wants events, not visits.
 */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured events. The message is a constant; what varies stands in the fields. Never throws, never waits. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A log that adds `fields` to every event. */
  child(fields: LogFields): Log;
}

/** One event as sinks get it. */
export interface LogRecord {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Takes every event in order. Must not throw, wait, or log. */
export type LogSink = (record: LogRecord) => void;
