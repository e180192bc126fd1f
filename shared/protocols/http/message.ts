import type { Request } from '../../devices/http-exchange.ts';

export type { Request, Response } from '../../devices/http-exchange.ts';

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
