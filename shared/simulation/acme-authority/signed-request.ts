import {
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import { malformed, Problem } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

/** A request's JWS taken apart but not yet judged: RFC 8555 §6.2. */
export interface SignedRequest {
  readonly header: Json;
  readonly nonce: string | undefined;
  readonly url: string | undefined;
  /** The account's URL, or the key itself for whoever has no account yet. */
  readonly kid: string | undefined;
  readonly jwk: Json | undefined;
  /** Empty for a POST-as-GET (§6.3). */
  readonly payload: string;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** @throws Problem */
export function parseSignedRequest(body: Uint8Array): SignedRequest {
  const jws = parseObject(decodeUtf8(body), 'the body');
  const text = (key: string): string => {
    const value = jws[key];
    if (typeof value !== 'string') throw malformed(`the JWS has no '${key}' text`);
    return value;
  };
  // RFC 8555 §6.2: flattened serialization, no unprotected header.
  if ('header' in jws || 'signatures' in jws)
    throw malformed('the JWS is not flattened or has an unprotected header');
  const header = parseObject(decodeUtf8(fromBase64Url(text('protected'))), 'the protected header');
  const [kid, jwk] = [header['kid'], header['jwk']];
  // RFC 8555 §6.2: exactly one of the two.
  if ((kid === undefined) === (jwk === undefined))
    throw malformed("exactly one of 'jwk' and 'kid' must be there");
  return {
    header,
    nonce: asText(header['nonce']),
    url: asText(header['url']),
    kid: asText(kid),
    jwk: jwk === undefined ? undefined : asObject(jwk, "'jwk'"),
    payload: decodeUtf8(fromBase64Url(text('payload'))),
    signed: encodeUtf8(`${text('protected')}.${text('payload')}`),
    signature: fromBase64Url(text('signature')),
  };
}

/** RFC 7518 §3.1 and RFC 8037 §3.1; MACs and 'none' are not taken for accounts (RFC 8555 §6.2). @throws Problem */
export function checkSignature({ header, signed, signature }: SignedRequest, key: KeyObject): void {
  const isGood = verifyWith(String(header['alg']), signed, key, signature);
  if (isGood === undefined)
    throw new Problem('badSignatureAlgorithm', 400, `'${String(header['alg'])}' does not fit the key`);
  if (!isGood) throw new Problem('unauthorized', 403, 'the signature is not made with that key');
}

/** undefined where the algorithm is not taken or does not fit the key. */
function verifyWith(
  algorithm: string,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean | undefined {
  const kind = `${algorithm} ${key.asymmetricKeyType ?? ''}`;
  if (kind === 'ES256 ec') return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (kind === 'RS256 rsa') return verify('sha256', data, key, signature);
  return kind === 'EdDSA ed25519' ? verify(null, data, key, signature) : undefined;
}

/** @throws Problem where it is no key that accounts may have. */
export function importKey(jwk: Json): KeyObject {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    throw new Problem('badPublicKey', 400, 'the key cannot be read');
  }
}

/** RFC 7638 §3.2: the members that are required, by their names' order. */
export function thumbprint(jwk: Json): string {
  const members = ['crv', 'e', 'kty', 'n', 'x', 'y'].filter(name => name in jwk);
  const canonical = JSON.stringify(Object.fromEntries(members.map(name => [name, jwk[name]])));
  return createHash('sha256').update(canonical).digest('base64url');
}

export interface ExternalAccountKey {
  readonly keyId: string;
  readonly hmacKey: Uint8Array;
}

/** RFC 8555 §7.3.4: the inner JWS is over the account's key, MACed with what the customer was given. @throws Problem */
export function checkExternalAccount(
  binding: unknown,
  jwk: Json,
  url: string,
  keys: readonly ExternalAccountKey[],
): void {
  if (binding === undefined)
    throw new Problem('externalAccountRequired', 403, 'this authority wants an external account binding');
  const inner = parseSignedRequest(encodeUtf8(JSON.stringify(binding)));
  const known = keys.find(({ keyId }) => keyId === inner.kid);
  if (known === undefined) throw new Problem('unauthorized', 403, 'the external account is not known');
  if (inner.header['alg'] !== 'HS256' || inner.url !== url || 'nonce' in inner.header)
    throw malformed('the binding has HS256, this URL, and no nonce');
  const mac = createHmac('sha256', known.hmacKey).update(inner.signed).digest();
  if (mac.length !== inner.signature.length || !timingSafeEqual(mac, inner.signature))
    throw new Problem('unauthorized', 403, 'the binding is not made with the key of that external account');
  if (thumbprint(parseObject(inner.payload, 'the binding')) !== thumbprint(jwk))
    throw malformed('the binding is over another key');
}

/** @throws Problem where the text is not the JSON of an object. */
export function parseObject(text: string, what: string): Json {
  try {
    return asObject(JSON.parse(text), what);
  } catch {
    throw malformed(`${what} is not a JSON object`);
  }
}

function asObject(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw malformed(`${what} is not a JSON object`);
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** @throws Problem */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  try {
    // RFC 7515 §2: without padding.
    if (text.includes('=')) throw malformed('base64url has no padding here');
    return Uint8Array.fromBase64(text, { alphabet: 'base64url' });
  } catch {
    throw malformed('not base64url');
  }
}
