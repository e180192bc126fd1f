import { timingSafeEqual, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { clientKeySha256 } from '../../components/operator-keys/operator-file.ts';
import type { OperatorPublic } from '../../components/operator-keys/operator.ts';
import type { Sessions } from '../../components/operator-keys/sessions.ts';
import type { TlsFlow } from '../../devices/tls.ts';

/** The prefix `__Host-` (draft-ietf-httpbis-rfc6265bis) makes browsers insist on Secure, Path=/ and no Domain. */
export const SESSION_COOKIE = '__Host-lares-session';

export interface Visitor {
  readonly operatorName: string;
  readonly by: 'session' | 'certificate';
}

export interface Access {
  readonly operators: readonly OperatorPublic[];
  readonly sessions: Sessions;
}

/** Whose request it is: an operator's by session cookie or client certificate, or (undefined) a stranger's. */
export function visitorOf(request: IncomingMessage, access: Access): Visitor | undefined {
  const secret = readCookie(request.headers.cookie, SESSION_COOKIE);
  const bySession = secret === undefined ? undefined : access.sessions.find(secret);
  if (bySession !== undefined && isFromOurPages(request)) return { operatorName: bySession, by: 'session' };
  const certificate = (request.socket as unknown as TlsFlow).getPeerX509Certificate?.();
  if (certificate === undefined) return undefined;
  const operatorName = operatorOfCertificate(certificate.raw, access.operators);
  return operatorName === undefined ? undefined : { operatorName, by: 'certificate' };
}

export function sessionCookie(secret: string): string {
  return `${SESSION_COOKIE}=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict`;
}

/** Whether a change is wanted. A certificate is shown on purpose; a cookie comes along by itself, so the browser has to say that a page of ours asks. */
export function isMeant(request: IncomingMessage, visitor: Visitor): boolean {
  return visitor.by === 'certificate' || request.headers['sec-fetch-site'] === 'same-origin';
}

/**
 * Cookies do not know ports: a page of another service on this host is same-site and would carry ours. Browsers tell in
 * Sec-Fetch-Site; such a request counts only where it shows the page to the person (a link that was followed).
 */
function isFromOurPages(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  return request.headers['sec-fetch-mode'] === 'navigate' && request.headers['sec-fetch-dest'] === 'document';
}

/**
 * TLS has shown that the client holds the key of this certificate; the key is what operators are known by. Dates and names
 * in it say nothing more, so a wrong clock keeps no owner out.
 */
function operatorOfCertificate(der: Uint8Array, operators: readonly OperatorPublic[]): string | undefined {
  const shown = clientKeySha256(new X509Certificate(der));
  return operators.find(operator => timingSafeEqual(operator.clientKeySha256, shown))?.name;
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const separator = pair.indexOf('=');
    if (separator > 0 && pair.slice(0, separator).trim() === name) return pair.slice(separator + 1).trim();
  }
  return undefined;
}
