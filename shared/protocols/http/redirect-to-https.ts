import { fieldOf, type Request, type Response } from './message.ts';
import { redirect, refuse } from './refuse.ts';
import { parseTarget } from './target.ts';

export interface HttpsPlace {
  /** Names this site is known by, the first preferred; empty: whatever name the client used. */
  readonly names: readonly string[];
  /** Where HTTPS is reached from outside; 443 is left out of addresses. */
  readonly port: number;
}

const NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/;
const IPV6_LITERAL = /^\[[0-9a-f:.]{2,45}\]$/;

/**
 * Sends a plain-HTTP request to the same path over HTTPS. The host in the answer is one of the site's own names where it has
 * any, else the one asked for if it is a well-formed name or address: never bytes of another kind.
 */
export function redirectToHttps(request: Request, place: HttpsPlace): Response {
  const host = hostFor(fieldOf(request, 'host') ?? '', place.names);
  const target = request.target === '*' ? '/' : pathOf(request.target);
  if (host === undefined || target === undefined) return refuse(400);
  const port = place.port === 443 ? '' : `:${place.port}`;
  return redirect(`https://${host}${port}${target}`);
}

function hostFor(field: string, names: readonly string[]): string | undefined {
  const host = field.replace(/:\d*$/, '').toLowerCase();
  const preferred = names[0];
  if (preferred !== undefined) return names.includes(host) ? host : preferred;
  return NAME.test(host) || IPV6_LITERAL.test(host) ? host : undefined;
}

/** Path and query as sent; undefined where the target could not be served anyway. */
function pathOf(target: string): string | undefined {
  const parsed = parseTarget(target);
  if (!parsed.ok && parsed.error !== 404) return undefined;
  const origin = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return origin.startsWith('/') ? origin : `/${origin}`;
}
