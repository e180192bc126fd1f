/** Plain data by name, as logs take it. */
type Fields = Readonly<Record<string, unknown>>;

/** Names of fields whose values are secrets, whatever stands before or after the word. */
const SECRET =
  /pass(word|phrase|wd)|secret|token|private.?key|api.?key|^key$|authorization|cookie|credential/i;

/** Deeper values are left out: an event is a few plain fields, and a cycle must not hang the log. */
const DEPTH_MAX = 5;

/** A copy of `fields` that is plain data: secrets replaced, errors as name, message and causes, bytes as their number. */
export function redact(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, SECRET.test(name) ? '[redacted]' : plain(value, 0)]),
  );
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEPTH_MAX) return '[deeper]';
  if (value instanceof Error) return plainError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  // Dates, URLs and their like have a text form of their own.
  // oxlint-disable-next-line typescript/no-base-to-string
  if ('toJSON' in value) return String(value);
  if (Array.isArray(value)) return value.map(item => plain(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      SECRET.test(name) ? '[redacted]' : plain(item, depth + 1),
    ]),
  );
}

function plainError(error: Error, depth: number): unknown {
  const { code, kind } = error as { code?: unknown; kind?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: plain(error.cause, depth + 1) }),
  };
}
