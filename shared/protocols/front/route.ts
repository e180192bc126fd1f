import { parseClientHello, type ClientHello } from '../tls/client-hello.ts';
import { ANY, NONE, type ClaimTable } from './claims.ts';
import { isOpening } from './openings.ts';

/** Why nobody gets a connection; those with an underscore are TLS's own words (RFC 8446 §6.2) and said to the client. */
export type Refusal = 'unrecognized_name' | 'no_application_protocol' | 'decode_error' | 'not-tls';

export type Route =
  /** The place of the claim in the list that the table was made of. */
  | { readonly claim: number; readonly hello?: ClientHello }
  | { readonly refusal: Refusal }
  /** More bytes decide. */
  | 'more';

/** RFC 8737 §4: the protocol that an authority offers, alone, when it validates a name. */
export const ACME_TLS_1 = 'acme-tls/1';

/** Which claim takes a connection that begins with `bytes`: everything received so far. No bytes make it throw. */
export function route(table: ClaimTable, bytes: Uint8Array): Route {
  if (bytes.length === 0) return 'more';
  const hello = parseClientHello(bytes);
  if (hello === 'more') return hello;
  if (hello === 'malformed') return { refusal: 'decode_error' };
  return hello === 'not-tls' ? routeOpening(table, bytes) : routeHello(table, hello);
}

function routeOpening({ openings }: ClaimTable, bytes: Uint8Array): Route {
  let route: Route = { refusal: 'not-tls' };
  for (const [opening, claim] of openings) {
    const is = isOpening(opening, bytes);
    if (is === true) return { claim };
    if (is === 'more') route = is;
  }
  return route;
}

function routeHello({ tls }: ClaimTable, hello: ClientHello): Route {
  const protocols = protocolsOf(hello);
  let refusal: Refusal = 'unrecognized_name';
  for (const name of patternsFor(hello.serverName)) {
    const claims = tls.get(name);
    if (claims === undefined) continue;
    const claim = protocols.map(protocol => claims.get(protocol)).find(found => found !== undefined);
    if (claim !== undefined) return { claim, hello };
    // RFC 7301 §3.2: the name is served, but by nobody in one of these protocols.
    if (isServed(claims)) refusal = 'no_application_protocol';
  }
  return { refusal };
}

/** A name that can only be validated has no service yet. */
function isServed(claims: ReadonlyMap<string, number>): boolean {
  return claims.keys().some(protocol => protocol !== ACME_TLS_1);
}

/** What may be claimed under, the most exact first: the name, the wildcard of one label that covers it (RFC 9525 §6.3), any. */
export function patternsFor(serverName: string | undefined): readonly string[] {
  if (serverName === undefined) return [NONE, ANY];
  const dot = serverName.indexOf('.');
  return dot === -1 ? [serverName, ANY] : [serverName, `*${serverName.slice(dot)}`, ANY];
}

/** The protocols to look for, the client's first choice first, then any. */
function protocolsOf({ alpnProtocols }: ClientHello): readonly string[] {
  if (alpnProtocols === undefined) return [NONE, ANY];
  // RFC 8737 §4: a validation is the client that offers acme-tls/1 and nothing else: it never gets to a site, and others never to it.
  if (alpnProtocols.length === 1 && alpnProtocols[0] === ACME_TLS_1) return [ACME_TLS_1];
  return [...alpnProtocols.filter(protocol => protocol !== ACME_TLS_1), ANY];
}
