/** RFC 7541 Appendix A, in its order: a name, and a value where the table has one. */
const ENTRIES: readonly (readonly [name: string, value?: string])[] = [
  [':authority'],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset'],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language'],
  ['accept-ranges'],
  ['accept'],
  ['access-control-allow-origin'],
  ['age'],
  ['allow'],
  ['authorization'],
  ['cache-control'],
  ['content-disposition'],
  ['content-encoding'],
  ['content-language'],
  ['content-length'],
  ['content-location'],
  ['content-range'],
  ['content-type'],
  ['cookie'],
  ['date'],
  ['etag'],
  ['expect'],
  ['expires'],
  ['from'],
  ['host'],
  ['if-match'],
  ['if-modified-since'],
  ['if-none-match'],
  ['if-range'],
  ['if-unmodified-since'],
  ['last-modified'],
  ['link'],
  ['location'],
  ['max-forwards'],
  ['proxy-authenticate'],
  ['proxy-authorization'],
  ['range'],
  ['referer'],
  ['refresh'],
  ['retry-after'],
  ['server'],
  ['set-cookie'],
  ['strict-transport-security'],
  ['transfer-encoding'],
  ['user-agent'],
  ['vary'],
  ['via'],
  ['www-authenticate'],
];

/** RFC 7541 §2.3.3: indices from 1 to this one are of the static table, greater ones of the dynamic table. */
export const STATIC_ENTRIES: number = ENTRIES.length;

/** By index; there is none at 0. */
export const STATIC_NAMES: readonly string[] = ['', ...ENTRIES.map(([name]) => name)];
export const STATIC_VALUES: readonly string[] = ['', ...ENTRIES.map(([, value = '']) => value)];

const FIRST_OF_NAME: ReadonlyMap<string, number> = new Map(
  ENTRIES.map(([name], index): [string, number] => [name, index + 1]).toReversed(),
);

/** The first entry with this name; 0: the table has none. */
export function staticIndexOf(name: string): number {
  return FIRST_OF_NAME.get(name) ?? 0;
}

/** The entry that is this field; 0: the table has none. */
export function staticFieldIndexOf(name: string, value: string): number {
  let index = staticIndexOf(name);
  if (index === 0) return 0;
  for (; STATIC_NAMES[index] === name; index++) if (STATIC_VALUES[index] === value) return index;
  return 0;
}
