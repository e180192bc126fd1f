/** Fields of a request by lower-case name. */
export type Fields = Record<string, string>;

/** Without a prototype, so that no name means anything but a field; a constructor keeps it fast. */
export const EmptyFields: new () => Fields = function () {} as unknown as new () => Fields;
Object.defineProperty(EmptyFields, 'prototype', { value: Object.create(null) });

/** Fields that cannot be lists: of several, the first one counts, as node:http has it. */
const FIRST_ALONE: ReadonlySet<string> = new Set([
  'authorization',
  'content-type',
  'from',
  'if-modified-since',
  'if-unmodified-since',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'user-agent',
]);

/** Whether the field may be there: false for a second one of those of which there must be one. */
export function addField(fields: Fields, name: string, value: string): boolean {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  // RFC 9112 §3.2: more than one Host is 400. §6.3: neither framing field may stand twice: who reads which one is the smuggler's question.
  else if (name === 'host' || name === 'content-length' || name === 'transfer-encoding') return false;
  // RFC 9110 §5.3: repeated fields are one list. RFC 6265 §5.4 has its own separator; RFC 9113 §8.2.3: so are cookies in pieces joined.
  else if (!FIRST_ALONE.has(name)) fields[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  return true;
}

const SECRET_FIELDS = ['authorization', 'cookie', 'proxy-authorization'] as const;

/** What only its sender should know is not kept beyond its request, and is not compared byte by byte with what others send. */
export function carriesSecrets(fields: object): boolean {
  return SECRET_FIELDS.some(name => name in fields);
}

// RFC 9112 §3.2, RFC 3986 §3.2.2: uri-host [ ":" port ]; empty where the target has no authority.
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::\d*)?$/;

export function isHost(value: string): boolean {
  return HOST.test(value);
}

/** The number of bytes that Content-Length tells, or undefined where it tells none that can be trusted. */
export function parseContentLength(value: string): number | undefined {
  // RFC 9110 §8.6: digits alone. A length beyond what numbers hold would be read wrongly.
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
