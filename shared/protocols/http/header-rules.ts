import { err, ok, type Result } from '../../base/result.ts';
import type { ContentFault } from '../../base/content-fault.ts';
import { matchPath, parsePathPattern, type PathPattern } from './path-pattern.ts';

/** What one path of a `_headers` file adds to its pages, or takes away. */
export interface HeaderRule {
  readonly pattern: PathPattern;
  /** Names in lower case; without a value: the field is left out. */
  readonly fields: readonly { readonly name: string; readonly value: string | undefined }[];
}

export const HEADERS_FILE = '_headers';

/** Far more than a site has use for; each is held against every URL once per release. */
export const HEADER_RULES_MAX = 1_000;

/** These frame the message or describe what was chosen for the request; a rule that sets one would make answers false. */
const RESERVED = new Set([
  'accept-ranges',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'date',
  'etag',
  'keep-alive',
  'last-modified',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * A `_headers` file in Netlify's format: a path, then its fields, `Name: value` each; `#` begins a comment. `! Name` takes a
 * field away (as Cloudflare's pages write it).
 */
export function parseHeaderRules(text: string): Result<readonly HeaderRule[], readonly ContentFault[]> {
  const rules: { pattern: PathPattern; fields: { name: string; value: string | undefined }[] }[] = [];
  const faults: ContentFault[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.trim();
    const fault = (reason: string): void => void faults.push({ file: HEADERS_FILE, line: index + 1, reason });
    if (content === '' || content.startsWith('#')) continue;
    if (content.startsWith('/')) {
      const pattern = parsePathPattern(content);
      if (pattern.ok) rules.push({ pattern: pattern.value, fields: [] });
      else fault(pattern.error);
      continue;
    }
    const field = parseField(content);
    if (!field.ok) fault(field.error);
    else if (rules.length > 0) rules.at(-1)?.fields.push(field.value);
    else if (faults.length === 0) fault('a field before the first path: write a path, such as /*, above it');
  }
  if (rules.length > HEADER_RULES_MAX)
    faults.push({ file: HEADERS_FILE, reason: `more than ${HEADER_RULES_MAX} paths` });
  return faults.length > 0 ? err(faults) : ok(rules);
}

function parseField(text: string): Result<{ name: string; value: string | undefined }, string> {
  // RFC 9110 §5.1 and §5.5: a token, and visible characters with single spaces or tabs between them.
  const match = /^(?:!\s*([^\s:]+)|([^\s:]+)\s*:\s*(.+))$/.exec(text);
  const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  const value = match?.[3];
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
    return err(`"${text}" is neither a path (they begin with a slash) nor "Name: value"`);
  if (RESERVED.has(name)) return err(`${name} is set by the server itself`);
  if (value !== undefined && !/^[\x20-\x7e\t]+$/.test(value))
    return err(`the value of ${name} has characters that a header field cannot carry`);
  return ok({ name, value });
}

/** What the rules make of the fields of one URL: values that take the place of ours, and names that are left out. */
export interface HeaderChange {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly removed: ReadonlySet<string>;
}

/** The rules that match `path` (decoded, without leading slash). URLs with the same ones have the same fields. */
export function matchHeaderRules(rules: readonly HeaderRule[], path: string): readonly HeaderRule[] {
  return rules.filter(({ pattern }) => matchPath(pattern, path) !== undefined);
}

export function headerChangeOf(rules: readonly HeaderRule[]): HeaderChange {
  const values = new Map<string, string[]>();
  const removed = new Set<string>();
  for (const { name, value } of rules.flatMap(({ fields }) => fields)) {
    if (value === undefined) removed.add(name);
    else values.set(name, [...(values.get(name) ?? []), value]);
  }
  return { values, removed };
}

export function changeFields(
  fields: readonly string[],
  { values, removed }: HeaderChange,
): readonly string[] {
  const changed: string[] = [];
  const vary: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const [name = '', value = ''] = [fields[index], fields[index + 1]];
    // Vary tells caches what we choose by, so it can only grow.
    if (name === 'vary') vary.push(value);
    else if (!values.has(name) && !removed.has(name)) changed.push(name, value);
  }
  for (const [name, several] of values) {
    if (name === 'vary') vary.push(...several);
    // RFC 9110 §5.3: set-cookie is the field that cannot be joined.
    else if (name === 'set-cookie') for (const value of several) changed.push(name, value);
    else changed.push(name, several.join(', '));
  }
  return vary.length > 0 ? [...changed, 'vary', vary.join(', ')] : changed;
}
