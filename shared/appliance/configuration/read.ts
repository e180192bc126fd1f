import { parse, TomlError } from 'smol-toml';
import type * as z from 'zod';
import { err, ok, type Result } from '../../base/result.ts';
import type { ConfigurationSource } from '../../devices/platform.ts';
import { expectationsOf, type Expectations } from './expected.ts';
import { locateKeys, type KeyPath } from './locate.ts';
import { nearestWord } from './nearest.ts';

/** One thing that is wrong with a configuration, for the person who wrote it. */
export interface ConfigurationFault {
  /** The source: a file name, or 'lares.toml on the LARES partition'. */
  readonly origin: string;
  readonly line: number;
  /** As written in TOML: 'alerts[1].url'; empty where the text as a whole is meant. */
  readonly key: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** No configuration is longer; a longer text is something else by mistake. */
export const CONFIGURATION_MAX_BYTES = 262_144;
/** How much of a wrong value is repeated. */
const VALUE_SHOWN_CHARACTERS = 40;

/** Checks the text against the schema and reports every fault at once, in the order of their lines. */
export function readConfiguration<T>(
  source: ConfigurationSource,
  schema: z.ZodType<T>,
): Result<T, readonly ConfigurationFault[]> {
  const raw = parseToml(source);
  if (!raw.ok) return err([raw.error]);
  const parsed = schema.safeParse(raw.value);
  if (parsed.success) return ok(parsed.data);
  const expectations = expectationsOf(schema);
  const locations = locateKeys(source.text);
  const faults = parsed.error.issues
    .flatMap(issue => findings(issue, raw.value, expectations))
    .map(({ path, message }) => ({
      origin: source.origin,
      line: locations.find(path).line,
      key: formatPath(path),
      message,
    }));
  return err(faults.toSorted((left, right) => left.line - right.line));
}

/** The text as plain data, or the syntax error. */
export function parseToml(
  source: ConfigurationSource,
): Result<Readonly<Record<string, unknown>>, ConfigurationFault> {
  const fault = (line: number, message: string): ConfigurationFault => ({
    origin: source.origin,
    line,
    key: '',
    message,
  });
  if (source.text.length > CONFIGURATION_MAX_BYTES)
    return err(
      fault(1, `is longer than ${CONFIGURATION_MAX_BYTES} bytes; a configuration is a few KB of TOML`),
    );
  try {
    return ok(parse(source.text));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = /^Invalid TOML document: (.*)$/m.exec(cause.message)?.[1] ?? 'syntax error';
    return err(fault(cause.line, `is not TOML: ${reason} (column ${cause.column})`));
  }
}

/** `file:12: key: message`, clickable where the origin is a file. */
export function formatFault(fault: ConfigurationFault): string {
  const place = fault.origin.includes(' ')
    ? `${fault.origin}, line ${fault.line}`
    : `${fault.origin}:${fault.line}`;
  return fault.key === '' ? `${place}: ${fault.message}` : `${place}: ${fault.key}: ${fault.message}`;
}

interface Finding {
  readonly path: KeyPath;
  readonly message: string;
}

function findings(issue: z.core.$ZodIssue, raw: unknown, expectations: Expectations): Finding[] {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => ({
      path: [...path, key],
      message: unknownKey(key, expectations.knownKeys(path)),
    }));
  const right = expectations.describe(path);
  const expected = right === undefined ? '' : `; right is ${right}`;
  const value = valueAt(raw, path);
  if (value === undefined) return [{ path, message: `is missing${expected}` }];
  const shown = expectations.isSecret(path) ? 'the value (not shown: it may be a secret)' : show(value);
  // A schema's own words say more than its shape; zod's begin with "Invalid" or "Too".
  const hasOwnWords = issue.code === 'custom' || !/^(Invalid|Too|Unrecognized)/.test(issue.message);
  const what = hasOwnWords || right === undefined ? `: ${issue.message}` : expected;
  return [{ path, message: `${shown} is not right${what}` }];
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestWord(key, known);
  const list = known.length > 0 ? `; known here: ${known.join(', ')}` : '';
  return nearest === undefined
    ? `is not a key that Lares knows${list}`
    : `is not known; did you mean "${nearest}"?`;
}

function valueAt(raw: unknown, path: KeyPath): unknown {
  let here = raw;
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.hasOwn(here, part) ? (here as Record<string | number, unknown>)[part] : undefined;
  }
  return here;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) return 'a table';
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return text.length > VALUE_SHOWN_CHARACTERS ? `${text.slice(0, VALUE_SHOWN_CHARACTERS)}…` : text;
}

function formatPath(path: KeyPath): string {
  let text = '';
  for (const part of path)
    if (typeof part === 'number') text += `[${part}]`;
    else text += (text === '' ? '' : '.') + (/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part));
  return text;
}
