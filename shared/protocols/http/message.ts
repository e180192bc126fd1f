import type { Request } from '../../devices/http-exchange.ts';

export type { Request, Response } from '../../devices/http-exchange.ts';

/** The value of a field that may stand once, or undefined. */
export function fieldOf(request: Request, name: string): string | undefined {
  const value = request.fields[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

/** RFC 9110 §15: reason phrases of the codes used here; HTTP/1.1 alone sends them, and the short bodies show them. */
export const REASONS: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  // RFC 6585 §4 and §5.
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  // RFC 5842 §7.2.
  508: 'Loop Detected',
};
