import { createHash, X509Certificate } from 'node:crypto';
import { equalBytes } from '../../base/bytes.ts';
import { readElements, TAG, type DerElement, objectIdentifier } from './der.ts';
import type { ProblemType } from './problem.ts';
import type { Account, Authorization, Challenge, ChallengeType, Identifier } from './state.ts';

/** What the authority wants looked at from outside: whoever has a world does it and tells what was found. */
export interface ValidationAction {
  readonly challengeId: string;
  readonly type: ChallengeType;
  readonly identifier: Identifier;
  readonly token: string;
  readonly keyAuthorization: string;
  readonly isWildcard: boolean;
  readonly accountUrl: string;
}

/** undefined where the proof was found. */
export type Finding = { readonly type: ProblemType; readonly detail: string } | undefined;

export function validationAction(
  challenge: Challenge,
  { identifier, isWildcard }: Authorization,
  account: Account,
): ValidationAction {
  const { id, type, token } = challenge;
  // RFC 8555 §8.1.
  const keyAuthorization = `${token}.${account.thumbprint}`;
  return { challengeId: id, type, identifier, token, keyAuthorization, isWildcard, accountUrl: account.url };
}

/** RFC 8555 §8.3: what stood at /.well-known/acme-challenge/<token>. */
export function judgeHttp(action: ValidationAction, status: number, body: string): Finding {
  if (status !== 200) return { type: 'unauthorized', detail: `the answer has the status ${status}, not 200` };
  // RFC 8555 §8.3: white space at the end is ignored.
  return body.trimEnd() === action.keyAuthorization
    ? undefined
    : { type: 'incorrectResponse', detail: 'the body is not the key authorization' };
}

/** RFC 8555 §8.4: the TXT values at _acme-challenge. */
export function judgeDns(action: ValidationAction, texts: readonly string[]): Finding {
  const wanted = createHash('sha256').update(action.keyAuthorization).digest('base64url');
  return texts.includes(wanted)
    ? undefined
    : { type: 'incorrectResponse', detail: `none of ${texts.length} TXT records is the right one` };
}

/** draft-ietf-acme-dns-persist §4: the TXT values at _validation-persist. */
export function judgePersistentDns(
  { accountUrl, isWildcard }: ValidationAction,
  texts: readonly string[],
  issuerDomain: string,
  nowMs: number,
): Finding {
  const isRight = texts.some(text => {
    const [issuer = '', ...parameters] = text.split(';').map(part => part.trim());
    const values = new Map(parameters.map(parameter => splitOnce(parameter)));
    const until = Number(values.get('persistuntil') ?? Infinity);
    return (
      issuer.toLowerCase() === issuerDomain &&
      values.get('accounturi') === accountUrl &&
      (!isWildcard || values.get('policy')?.toLowerCase() === 'wildcard') &&
      until * 1000 > nowMs
    );
  });
  return isRight
    ? undefined
    : { type: 'unauthorized', detail: 'no TXT record names this authority and account' };
}

function splitOnce(parameter: string): [tag: string, value: string] {
  const at = parameter.indexOf('=');
  return [parameter.slice(0, at).toLowerCase(), parameter.slice(at + 1)];
}

/** RFC 8737 §6.1: id-pe-acmeIdentifier. */
export const ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';

/** RFC 8737 §3: what the server showed to a client that offered ALPN acme-tls/1 alone. */
export function judgeTls(
  action: ValidationAction,
  protocol: string | false | null,
  certificateDer: Uint8Array,
): Finding {
  if (protocol !== 'acme-tls/1') return { type: 'unauthorized', detail: 'acme-tls/1 was not agreed on' };
  const names = new X509Certificate(certificateDer).subjectAltName ?? '';
  const { type, value } = action.identifier;
  // RFC 8737 §3 and RFC 8738 §4: exactly one alternative name, the identifier itself.
  if (names !== `${type === 'dns' ? 'DNS' : 'IP Address'}:${type === 'dns' ? value : expanded(value)}`)
    return { type: 'unauthorized', detail: `the certificate is for '${names}'` };
  const digest = createHash('sha256').update(action.keyAuthorization).digest();
  const found = acmeIdentifier(certificateDer);
  return found !== undefined && equalBytes(found, digest)
    ? undefined
    : { type: 'unauthorized', detail: 'the acmeIdentifier extension is not critical, absent or wrong' };
}

/** As OpenSSL writes an address: IPv6 in eight groups of capital letters. */
function expanded(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const [before, after] = [head, tail ?? ''].map(part => (part === '' ? [] : part.split(':')));
  const zeros = Array<string>(8 - (before?.length ?? 0) - (after?.length ?? 0)).fill('0');
  const groups = tail === undefined ? (before ?? []) : [...(before ?? []), ...zeros, ...(after ?? [])];
  return groups.join(':').toUpperCase();
}

/** The digest in the critical extension, or undefined. */
function acmeIdentifier(certificateDer: Uint8Array): Uint8Array | undefined {
  const identifier = objectIdentifier(ACME_IDENTIFIER);
  const [body] = childrenOf(readElements(certificateDer)?.[0]);
  const tail = childrenOf(body).find(({ tag }) => tag === 0xa3);
  const [extensions] = childrenOf(tail);
  for (const extension of childrenOf(extensions)) {
    const [id, critical, value] = childrenOf(extension);
    if (id === undefined || !equalBytes(id.whole, identifier)) continue;
    if (critical?.tag !== TAG.boolean || value === undefined) return undefined;
    return readElements(value.content)?.[0]?.content;
  }
  return undefined;
}

function childrenOf(element: DerElement | undefined): DerElement[] {
  return element === undefined ? [] : (readElements(element.content) ?? []);
}
