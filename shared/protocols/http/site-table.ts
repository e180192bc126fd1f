import type { Request, Response } from './message.ts';
import { redirect, refuse } from './refuse.ts';
import { authorityOf, hostOf, respond } from './respond.ts';
import type { Site } from './site.ts';
import { parseTarget, plainPath } from './target.ts';

/** What stands under one host name. `index` counts the configured sites. Plain data. */
export type Host =
  | { readonly kind: 'site'; readonly index: number; readonly site: Site }
  /** Another name of a site: visitors are sent to the preferred one, `https://example.org[:port]`. */
  | { readonly kind: 'alias'; readonly index: number; readonly origin: string }
  /** A server behind this one answers. */
  | { readonly kind: 'backend'; readonly index: number };

/** All that is served now, as one object: cloned to workers, and replaced whole. */
export interface SiteTable {
  /** By name in lower case, without port and last dot. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** For any other name, for addresses, and for requests that name none. */
  readonly fallback: Host | undefined;
  /** Decoded paths without leading slash that need more than a pure function, under every name and by every method. */
  readonly laterPaths: readonly string[];
}

export function hostFor(table: SiteTable, request: Request): Host | undefined {
  const exact = table.hosts.get(authorityOf(request) ?? '');
  if (exact !== undefined) return exact;
  const name = hostOf(request);
  return (name === undefined ? undefined : table.hosts.get(name)) ?? table.fallback;
}

/** The answer to a request, or 'later' where it takes more than a pure function: a password, a backend, a web hook. */
export function answer(table: SiteTable, request: Request, nowMs: number): Response | 'later' {
  const host = hostFor(table, request);
  // RFC 9110 §15.5.20: nothing here is authoritative for that name.
  if (host === undefined) return refuse(421);
  if (host.kind === 'backend' || isLater(table, request)) return 'later';
  const response =
    host.kind === 'alias' ? toPreferred(host.origin, request) : respond(host.site, request, nowMs);
  return 'lockedFolder' in response ? 'later' : withSite(response, host.index);
}

/** Written out, since this is on the way of every request and a spread takes several times as long. */
function withSite({ status, fields, body, interim }: Response, site: number): Response {
  return interim === undefined ? { status, fields, body, site } : { status, fields, body, interim, site };
}

function isLater({ laterPaths }: SiteTable, request: Request): boolean {
  if (laterPaths.length === 0) return false;
  const plain = plainPath(request.target);
  if (plain !== undefined) return laterPaths.includes(plain);
  const target = parseTarget(request.target);
  return target.ok && laterPaths.includes(target.value.segments.join('/'));
}

/** RFC 9110 §15.4.9: the same path, for good. */
function toPreferred(origin: string, request: Request): Response {
  const target = parseTarget(request.target);
  if (!target.ok && target.error !== 404) return refuse(target.error);
  const path = request.target.replace(/^https?:\/\/[^/?#]*/i, '');
  return redirect(`${origin}${path.startsWith('/') ? path : '/'}`);
}
