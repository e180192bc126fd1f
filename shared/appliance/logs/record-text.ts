import type { LogRecord } from '../../devices/log.ts';

/** No record is kept longer than this: a runaway field must not push everything else out. */
const RECORD_MAX_CHARACTERS = 4_096;

/** One record as one line of JSON, `{"time":"…Z","level":…,"message":…,…fields}`, without the line feed. */
export function formatRecord(record: LogRecord): string {
  const { timeMs, level, message, fields } = record;
  const line = stringify({ ...fields, time: formatTime(timeMs), level, message });
  if (line.length <= RECORD_MAX_CHARACTERS) return line;
  return stringify({ time: formatTime(timeMs), level, message: message.slice(0, 1_000), cut: 'too long' });
}

/** The record of a line, or undefined where it is not one. */
export function parseRecord(line: string): LogRecord | undefined {
  try {
    const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const timeMs = Date.parse(String(time));
    if (Number.isNaN(timeMs) || typeof message !== 'string') return undefined;
    return { timeMs, level: level as LogRecord['level'], message, fields };
  } catch {
    return undefined;
  }
}

/** The fields for people: `key=value`, text with spaces in quotes. */
export function formatFields(fields: LogRecord['fields']): string {
  return Object.entries(fields)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : stringify(value)}`,
    )
    .join(' ');
}

function formatTime(timeMs: number): string {
  // ECMA-262 §21.4.1.1: a Date holds ±8.64e15 ms; a wilder clock must not make logging throw.
  return new Date(Math.abs(timeMs) <= 8.64e15 ? timeMs : 0).toISOString();
}

/** JSON of whatever a caller put into the fields; never throws. */
function stringify(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_, each: unknown) => {
        if (typeof each === 'bigint') return String(each);
        return each instanceof Error ? `${each.name}: ${each.message}` : each;
      }) ?? 'undefined'
    );
  } catch {
    return '"cannot be shown"';
  }
}
