import { createHash } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsCredentials } from '../devices/tls.ts';

// RFC 8996: TLS 1.0 and 1.1 must not be used.
export const TLS_VERSION_MIN = 'TLSv1.2';

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
  ): SecureContext;
}

type ContextsByCredentials = WeakMap<object, SecureContext>;

/**
 * Contexts by identity of the credentials and content of the authorities. They live as long as the credentials object
 * does, so a renewed certificate makes a new one and the old one goes with its last handshake. Session tickets are a
 * context's own: a session made with one set of client authorities cannot be resumed under another.
 */
export function createContextCache(): ContextCache {
  const nobody = {};
  const sets = new Map<string, ContextsByCredentials>();
  const find = (
    role: string,
    who: object,
    authorities: readonly string[] | undefined,
  ): [ContextsByCredentials, string] => {
    const name = `${role} ${authorities === undefined ? '' : digest(authorities)}`;
    const contexts = sets.get(name) ?? new WeakMap<object, SecureContext>();
    sets.delete(name);
    sets.set(name, contexts);
    const oldest = sets.keys().next().value;
    if (sets.size > AUTHORITY_SETS_MAX && oldest !== undefined) sets.delete(oldest);
    return [contexts, name];
  };
  const make =
    (role: 'server' | 'client') =>
    (credentials: TlsCredentials | undefined, authorities: readonly string[] | undefined): SecureContext => {
      const [contexts, name] = find(role, credentials ?? nobody, authorities);
      const known = contexts.get(credentials ?? nobody);
      if (known !== undefined) return known;
      // OpenSSL wants a name for the sessions of a context that asks for client certificates; at most 32 bytes.
      const sessionIdContext = digest([name]).slice(0, 32);
      const context = createSecureContext({ ...optionsOf(credentials, authorities), sessionIdContext });
      contexts.set(credentials ?? nobody, context);
      return context;
    };
  return { forServer: make('server'), forClient: make('client') };
}

function optionsOf(
  credentials: TlsCredentials | undefined,
  authorities: readonly string[] | undefined,
): SecureContextOptions {
  return {
    minVersion: TLS_VERSION_MIN,
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
