import type { Credentials } from './verifier.ts';

/** A longer one is no password that a person has. Bounds what is hashed for a stranger. */
const CREDENTIALS_MAX_BYTES = 1_024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** RFC 7617 §2: the credentials of an Authorization field, undefined where it is none of ours. */
export function parseBasic(field: string | undefined): Credentials | undefined {
  const [, token68] = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(field ?? '') ?? [];
  if (token68 === undefined || token68.length > (CREDENTIALS_MAX_BYTES * 4) / 3) return undefined;
  try {
    const text = utf8.decode(Uint8Array.fromBase64(token68));
    const colon = text.indexOf(':');
    return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    return undefined;
  }
}

/** RFC 7617 §2 and §2.1: the challenge; `realm` is shown to people by their browsers. */
export function formatChallenge(realm: string): string {
  return `Basic realm="${realm.replace(/["\\]/g, '\\$&')}", charset="UTF-8"`;
}
