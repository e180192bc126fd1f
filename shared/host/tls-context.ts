import { constants, createHash } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsCredentials } from '../devices/tls.ts';
import { SERVER_CIPHERS, SERVER_GROUPS, SERVER_SUITES } from '../protocols/tls/server-policy.ts';

// RFC 8996: TLS 1.0 and 1.1 must not be used.
const VERSION_MIN = 'TLSv1.2';

type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/**
 * A context's key for session tickets is as old as the context, and whoever learns it reads the TLS 1.2 sessions resumed with it. So
 * no context is used for longer than half a day, however long its certificate lives; a visitor then makes one whole handshake.
 */
export const CONTEXT_MAX_AGE_MS = 12 * 3_600_000;

/** Distinct sets of authorities a process works with: one for the operator's, one for each pinned peer, with room. */
const AUTHORITY_SETS_MAX = 64;

export interface ContextCache {
  forServer(
    credentials: TlsCredentials | undefined,
    clientAuthoritiesPem: readonly string[] | undefined,
  ): SecureContext;
  forClient(
    credentials: TlsCredentials | undefined,
    trustAnchorsPem: readonly string[] | undefined,
    versionMin: TlsVersion | undefined,
  ): SecureContext;
}

interface Made {
  readonly context: SecureContext;
  readonly atMs: number;
}

type ContextsByCredentials = WeakMap<object, Made>;

/**
 * Contexts by identity of the credentials and content of the authorities. They live as long as the credentials object
 * does, so a renewed certificate makes a new one and the old one goes with its last handshake. Session tickets are a
 * context's own: a session made with one set of client authorities cannot be resumed under another, nor one made before
 * a certificate changed; it makes a whole handshake instead.
 */
export function createContextCache(nowMs: () => number = () => performance.now()): ContextCache {
  const nobody = {};
  const sets = new Map<string, ContextsByCredentials>();
  const find = (
    role: string,
    who: object,
    authorities: readonly string[] | undefined,
  ): [ContextsByCredentials, string] => {
    const name = `${role} ${authorities === undefined ? '' : digest(authorities)}`;
    const contexts = sets.get(name) ?? new WeakMap<object, Made>();
    sets.delete(name);
    sets.set(name, contexts);
    const oldest = sets.keys().next().value;
    if (sets.size > AUTHORITY_SETS_MAX && oldest !== undefined) sets.delete(oldest);
    return [contexts, name];
  };
  const make =
    (role: 'server' | 'client') =>
    (
      credentials: TlsCredentials | undefined,
      authorities: readonly string[] | undefined,
      versionMin: TlsVersion = VERSION_MIN,
    ): SecureContext => {
      const [contexts, name] = find(`${role} ${versionMin}`, credentials ?? nobody, authorities);
      const known = contexts.get(credentials ?? nobody);
      if (known !== undefined && nowMs() - known.atMs < CONTEXT_MAX_AGE_MS) return known.context;
      // OpenSSL wants a name for the sessions of a context that asks for client certificates; at most 32 bytes.
      const sessionIdContext = digest([name]).slice(0, 32);
      const options = role === 'server' ? serverContextOptions : contextOptions;
      const context = createSecureContext({
        ...options(credentials, authorities),
        minVersion: versionMin,
        sessionIdContext,
      });
      contexts.set(credentials ?? nobody, { context, atMs: nowMs() });
      return context;
    };
  return { forServer: make('server'), forClient: make('client') };
}

export function serverContextOptions(
  credentials: TlsCredentials | undefined,
  authorities: readonly string[] | undefined,
): SecureContextOptions {
  return {
    ...contextOptions(credentials, authorities),
    ciphers: [...SERVER_SUITES, ...SERVER_CIPHERS].join(':'),
    ecdhCurve: SERVER_GROUPS.join(':'),
    // RFC 8446 has no renegotiation; in TLS 1.2 it lets a client make the server work for nothing.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

function contextOptions(
  credentials: TlsCredentials | undefined,
  authorities: readonly string[] | undefined,
): SecureContextOptions {
  return {
    minVersion: VERSION_MIN,
    ...(credentials === undefined
      ? {}
      : { cert: credentials.certificateChainPem, key: credentials.privateKeyPem }),
    ...(authorities === undefined ? {} : { ca: [...authorities] }),
  };
}

function digest(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}
