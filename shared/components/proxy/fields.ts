/**
 * The fields that a message keeps on its way through. `fields` are name, value, name, value …
 *
 * RFC 9110 §7.6.1: what is about one connection ends here, and so does every field that Connection names. The second line has
 * predecessors of that rule that are still sent, and what HTTP/1.1 needs to frame a message, which is framed anew.
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  ...['connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'proxy-authenticate'],
  ...['keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy-authentication-info', 'http2-settings'],
]);

/** Set anew by us on every request. */
const MADE_HERE: ReadonlySet<string> = new Set(['host', 'content-length', 'expect']);

/**
 * What a backend believes of where a request came from must come from us: RFC 7239 §8.1 for Forwarded, and its many predecessors. `proxy`
 * becomes HTTP_PROXY in CGI programs (CVE-2016-5385); the last three tell some frameworks of another path.
 */
const BELIEVED: ReadonlySet<string> = new Set([
  ...[
    'forwarded',
    'x-real-ip',
    'x-client-ip',
    'x-cluster-client-ip',
    'x-host',
    'x-scheme',
    'front-end-https',
  ],
  ...['true-client-ip', 'cf-connecting-ip', 'fastly-client-ip', 'client-ip', 'x-remote-user', 'remote-user'],
  ...['proxy', 'x-original-url', 'x-rewrite-url', 'x-original-host'],
]);

/** The fields of a request that are passed on to the backend; those that we make are not among them. */
export function requestFields(fields: readonly string[]): string[] {
  const listed = connectionOptions(fields);
  const kept: string[] = [];
  const crumbs: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = (fields[index] as string).toLowerCase();
    const value = fields[index + 1] as string;
    if (name.startsWith(':') || HOP_BY_HOP.has(name) || MADE_HERE.has(name)) continue;
    if (listed.has(name) || isBelieved(name)) continue;
    // RFC 9113 §8.2.3: the crumbs of a split cookie are joined before they leave HTTP/2.
    if (name === 'cookie') crumbs.push(value);
    else kept.push(name, value);
  }
  if (crumbs.length > 0) kept.push('cookie', crumbs.join('; '));
  return kept;
}

/** The fields of an answer that are passed on to the client. */
export function answerFields(fields: readonly string[]): string[] {
  const listed = connectionOptions(fields);
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = (fields[index] as string).toLowerCase();
    if (!HOP_BY_HOP.has(name) && !listed.has(name)) kept.push(name, fields[index + 1] as string);
  }
  return kept;
}

/** The first value of a field, or undefined. `name` in lower case. */
export function valueOf(fields: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < fields.length; index += 2)
    if (fields[index]?.toLowerCase() === name) return fields[index + 1];
  return undefined;
}

/** All values of a field in one list (RFC 9110 §5.3), empty where there is none. `name` in lower case. */
export function listOf(fields: readonly string[], name: string): string[] {
  const members: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2)
    if (fields[index]?.toLowerCase() === name)
      members.push(...(fields[index + 1] as string).split(',').map(member => member.trim()));
  return members.filter(member => member !== '');
}

function connectionOptions(fields: readonly string[]): ReadonlySet<string> {
  return new Set(listOf(fields, 'connection').map(option => option.toLowerCase()));
}

/** CGI and its children write both `-` and `_` as `_`, so X_Forwarded_For would be taken for X-Forwarded-For. */
function isBelieved(name: string): boolean {
  const dashed = name.replaceAll('_', '-');
  return dashed.startsWith('x-forwarded-') || dashed === 'x-forwarded' || BELIEVED.has(dashed);
}
