import { err, ok, type Result } from '../../base/result.ts';

/** A path with placeholders, as `_redirects` and `_headers` write it. Plain data. */
export interface PathPattern {
  /** Matches a decoded path without its leading slash; one group for each name. */
  readonly expression: RegExp;
  /** `splat` is what `*` stands for. */
  readonly names: readonly string[];
}

export type PathValues = ReadonlyMap<string, string>;

/**
 * `/news/:year/*` and the like. `:name` stands for one part between slashes; `*` for everything, and `/*` at the end for
 * nothing as well. One `*` is allowed. A slash at the end does not count.
 */
export function parsePathPattern(text: string): Result<PathPattern, string> {
  if (!text.startsWith('/')) return err(`"${text}" does not begin with a slash`);
  if (text.split('*').length > 2) return err(`"${text}" has more than one *`);
  const names: string[] = [];
  const parts: string[] = [];
  for (const part of text.replace(/^\/|\/$/g, '').split('/')) {
    const compiled = compilePart(part, names);
    if (compiled === undefined) return err(`"${part}" has a broken percent-escape`);
    parts.push(compiled);
  }
  if (new Set(names).size < names.length) return err(`"${text}" has two placeholders of one name`);
  return ok({ expression: new RegExp(joinParts(parts), 'u'), names });
}

export function matchPath(pattern: PathPattern, path: string): PathValues | undefined {
  const match = pattern.expression.exec(path);
  if (match === null) return undefined;
  return new Map(pattern.names.map((name, index) => [name, match[index + 1] ?? '']));
}

const SPLAT = '(.*)';
const PLACEHOLDER = /^:([A-Za-z_][A-Za-z0-9_]*)$/;

/** The expression for one part between slashes; undefined where its escapes are broken. */
function compilePart(part: string, names: string[]): string | undefined {
  const name = PLACEHOLDER.exec(part)?.[1];
  if (name !== undefined) {
    names.push(name);
    return '([^/]+)';
  }
  const literals = part.split('*').map(decodeLiteral);
  if (literals.length > 1) names.push('splat');
  return literals.includes(undefined) ? undefined : literals.map(text => escape(text ?? '')).join(SPLAT);
}

/** In NFC; undefined where the escapes are broken or are no UTF-8. */
export function decodeLiteral(text: string): string | undefined {
  try {
    return decodeURIComponent(text).normalize('NFC');
  } catch {
    return undefined;
  }
}

/** Not RegExp.escape(): that writes escapes which the `u` flag refuses. */
function escape(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/gu, letter => `\\${letter === '-' ? 'x2d' : letter}`);
}

function joinParts(parts: readonly string[]): string {
  if (parts.at(-1) !== SPLAT) return `^${parts.join('/')}/?$`;
  const before = parts.slice(0, -1);
  return before.length === 0 ? `^${SPLAT}$` : `^${before.join('/')}(?:/${SPLAT})?$`;
}
