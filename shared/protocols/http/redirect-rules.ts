import { err, ok, type Result } from '../../base/result.ts';
import type { ContentFault } from '../../base/content-fault.ts';
import {
  decodeLiteral,
  matchPath,
  parsePathPattern,
  type PathPattern,
  type PathValues,
} from './path-pattern.ts';

/** One line of a `_redirects` file. Plain data. */
export interface RedirectRule {
  readonly line: number;
  readonly pattern: PathPattern;
  /** Parameters that the query must have; a value that begins with `:` takes any and names it. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** 3xx sends the visitor on; 200 shows the other page under this URL, 404 and 410 do so as an error. */
  readonly status: RuleStatus;
  /** `!`: holds even where there is a page at this path. */
  readonly forced: boolean;
  readonly to: RedirectTarget;
}

export interface RedirectTarget {
  /** '' within the site, else `https://example.net`. */
  readonly origin: string;
  /** Percent-encoded, with `:name` where a value goes. */
  readonly path: string;
  /** With its `?`, or empty: then the request's own goes along. */
  readonly query: string;
  /** With its `#`, or empty. */
  readonly fragment: string;
}

const STATUSES = [200, 301, 302, 303, 307, 308, 404, 410] as const;
export type RuleStatus = (typeof STATUSES)[number];

export const REDIRECTS_FILE = '_redirects';

/** Every request for a path without a page is held against all of them: a thousand cost a fraction of a millisecond. */
export const REDIRECT_RULES_MAX = 1_000;

/** A `_redirects` file in Netlify's format: `from [parameter=value …] to [status][!]`, the first rule that matches holds. */
export function parseRedirectRules(text: string): Result<readonly RedirectRule[], readonly ContentFault[]> {
  const rules: RedirectRule[] = [];
  const faults: ContentFault[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line
      .replace(/(?:^|\s)#.*$/, '')
      .split(/\s+/)
      .filter(word => word !== '');
    if (words.length === 0) continue;
    const rule = parseRule(words, index + 1);
    if (rule.ok) rules.push(rule.value);
    else faults.push({ file: REDIRECTS_FILE, line: index + 1, reason: rule.error });
  }
  if (rules.length > REDIRECT_RULES_MAX)
    faults.push({ file: REDIRECTS_FILE, reason: `more than ${REDIRECT_RULES_MAX} rules` });
  return faults.length > 0 ? err(faults) : ok(rules);
}

function parseRule(words: readonly string[], line: number): Result<RedirectRule, string> {
  const [from = '', ...others] = words;
  if (/^https?:/i.test(from))
    return err('rules for other hosts are not supported: host names belong in the configuration');
  const pattern = parsePathPattern(from);
  if (!pattern.ok) return pattern;
  const toIndex = others.findIndex(word => /^(?:\/|https?:)/i.test(word));
  const [to = '', status = '301', ...conditions] = toIndex < 0 ? [] : others.slice(toIndex);
  if (to === '') return err('there is no target: a path or an https:// address');
  if (conditions.length > 0 || status.includes('='))
    return err(
      `the condition "${conditions[0] ?? status}" is not supported (neither are Country, Language, Role, Cookie)`,
    );
  const parameters = parseParameters(others.slice(0, toIndex));
  if (!parameters.ok) return parameters;
  const target = parseTo(to, [...pattern.value.names, ...namesOf(parameters.value)]);
  if (!target.ok) return target;
  return withStatus(status, { line, pattern: pattern.value, parameters: parameters.value, to: target.value });
}

function withStatus(
  text: string,
  rule: Omit<RedirectRule, 'status' | 'forced'>,
): Result<RedirectRule, string> {
  const match = /^(\d{3})(!?)$/.exec(text);
  const status = STATUSES.find(each => String(each) === match?.[1]);
  if (status === undefined)
    return err(`"${text}" is not one of the status codes ${STATUSES.join(', ')}, with or without "!"`);
  if (!isRedirect(status) && rule.to.origin !== '')
    return err(
      `status ${status} shows a page of this site; a name that another server answers is set up as a backend in the configuration`,
    );
  // What a rewrite shows is looked up by its name; where a redirect leads is for the other server to understand.
  if (!isRedirect(status) && decodeLiteral(rule.to.path) === undefined)
    return err(`"${rule.to.path}" has a percent-escape that is no UTF-8, and no page has such a name`);
  return ok({ ...rule, status, forced: match?.[2] === '!' });
}

export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function parseParameters(words: readonly string[]): Result<readonly (readonly [string, string])[], string> {
  const parameters: [string, string][] = [];
  for (const word of words) {
    const match = /^([^=]+)=(.*)$/.exec(word);
    if (match?.[1] === undefined || match[2] === undefined)
      return err(`"${word}" is neither a target (they begin with a slash or https://) nor parameter=value`);
    parameters.push([match[1], match[2]]);
  }
  return ok(parameters);
}

function namesOf(parameters: readonly (readonly [string, string])[]): string[] {
  return parameters.flatMap(([, value]) => (value.startsWith(':') ? [value.slice(1)] : []));
}

const VALUE = /:([A-Za-z_][A-Za-z0-9_]*)/g;

function parseTo(text: string, names: readonly string[]): Result<RedirectTarget, string> {
  const match = /^(https?:\/\/[^/?#:@\s]+(?::\d{1,5})?)?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(encodeText(text));
  const [, origin = '', path = '', query = '', fragment = ''] = match ?? [];
  if (match === null || path.startsWith('//') || !(path.startsWith('/') || (path === '' && origin !== '')))
    return err(`"${text}" is neither a path nor an https:// address`);
  if (/%(?![0-9a-f]{2})/i.test(path)) return err(`"${text}" has a broken percent-escape`);
  for (const [, name = ''] of (path + query + fragment).matchAll(VALUE))
    if (!names.includes(name)) return err(`"${text}" has :${name}, which nothing before it names`);
  return ok({ origin, path: path === '' ? '/' : path, query, fragment });
}

/** What stands in a file in plain Unicode, as a URI has it. */
function encodeText(text: string): string {
  return text.replace(/[^\x21-\x7e]+/gu, letters => encodeURIComponent(letters.toWellFormed()));
}

/** The values of a rule that holds for this path (decoded, without leading slash) and query, or undefined. */
export function matchRule(rule: RedirectRule, path: string, query: string): PathValues | undefined {
  const values = matchPath(rule.pattern, path);
  if (values === undefined || rule.parameters.length === 0) return values;
  const all = new Map(values);
  const given = parseQuery(query);
  for (const [name, value] of rule.parameters) {
    const actual = given.get(name);
    if (actual === undefined) return undefined;
    if (value.startsWith(':')) all.set(value.slice(1), actual);
    else if (value !== actual) return undefined;
  }
  return all;
}

/** The first of several values counts; escapes that are broken stay as they are. */
function parseQuery(query: string): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const pair of query.slice(1).split('&')) {
    const [name = '', ...value] = pair.split('=');
    const key = decodeForm(name);
    if (!given.has(key)) given.set(key, decodeForm(value.join('=')));
  }
  return given;
}

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Path and query of the target with its values, encoded: a value can neither add a part to the host nor end the header. */
export function fillTarget(
  to: RedirectTarget,
  values: PathValues,
  requestQuery: string,
): { readonly path: string; readonly query: string } {
  const path = to.path.replace(VALUE, (_, name: string) =>
    (values.get(name) ?? '').split('/').map(encodeValue).join('/'),
  );
  const query = to.query.replace(VALUE, (_, name: string) => encodeValue(values.get(name) ?? ''));
  return { path: `/${path.replace(/^\/+/, '')}`, query: to.query === '' ? requestQuery : query };
}

function encodeValue(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}
