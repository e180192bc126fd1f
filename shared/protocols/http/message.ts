/** What the rules of RFC 9110 are written against, whatever HTTP version carried it. */
export interface Request {
  /** Case-sensitive, as sent. */
  readonly method: string;
  /** origin-form, absolute-form or `*` (RFC 9112 §3.2); `:path` of HTTP/2 has the same forms. */
  readonly target: string;
  /** Names in lower case; repeated fields joined by ', ' (RFC 9110 §5.3). */
  readonly fields: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Response {
  readonly status: number;
  /** Name, value, name, value …: names in lower case, ready for node:http and node:http2. */
  readonly fields: readonly string[];
  /** Views of memory that lives as long as the site: nothing is copied per client. Empty for HEAD, 204 and 304. */
  readonly body: readonly Uint8Array[];
}

/** The value of a field that may stand once, or undefined. */
export function fieldOf(request: Request, name: string): string | undefined {
  const value = request.fields[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

/** RFC 9110 §15: reason phrases of the codes used here; HTTP/1.1 alone sends them, and the short bodies show them. */
export const REASONS: Readonly<Record<number, string>> = {
  308: 'Permanent Redirect',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  412: 'Precondition Failed',
  414: 'URI Too Long',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};
