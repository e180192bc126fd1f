import { createHash, createHmac } from 'node:crypto';
import { encodeUtf8 } from '../../base/bytes.ts';

/** An account's key as the protocol needs it; signing is random for ECDSA, so the core is handed it. */
export interface AcmeSigner {
  /** As RFC 7518 §3.1 and RFC 8037 §3.1 name it: 'ES256', 'EdDSA'. */
  readonly alg: string;
  /** The public key (RFC 7517), required members alone. */
  readonly jwk: Readonly<Record<string, string>>;
  /** The signature in JWS form: R and S one after the other for ECDSA (RFC 7518 §3.4). */
  sign(data: Uint8Array): Uint8Array;
}

/** What the authority gave its customer: binds the new account to one that he has (RFC 8555 §7.3.4). */
export interface ExternalAccount {
  readonly keyId: string;
  readonly hmacKey: Uint8Array;
}

export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

export interface JwsHeader {
  readonly url: string;
  readonly nonce: string;
  /** The account's URL; without it the key itself is shown, as for newAccount (RFC 8555 §6.2). */
  readonly accountUrl?: string;
}

/** RFC 8555 §6.2: a flattened JWS; `payload` undefined is the empty one of a POST-as-GET (§6.3). */
export function signJws(header: JwsHeader, payload: object | undefined, signer: AcmeSigner): Jws {
  const { url, nonce, accountUrl } = header;
  const key = accountUrl === undefined ? { jwk: signer.jwk } : { kid: accountUrl };
  const protectedText = encodeJson({ alg: signer.alg, nonce, url, ...key });
  const payloadText = payload === undefined ? '' : encodeJson(payload);
  const signature = signer.sign(encodeUtf8(`${protectedText}.${payloadText}`));
  return { protected: protectedText, payload: payloadText, signature: encodeBase64Url(signature) };
}

/** RFC 8555 §7.3.4: the account's public key, signed with the key that the authority gave. No nonce stands in it. */
export function bindExternalAccount(
  account: ExternalAccount,
  newAccountUrl: string,
  signer: AcmeSigner,
): Jws {
  const protectedText = encodeJson({ alg: 'HS256', kid: account.keyId, url: newAccountUrl });
  const payload = encodeJson(signer.jwk);
  const mac = createHmac('sha256', account.hmacKey).update(`${protectedText}.${payload}`);
  return { protected: protectedText, payload, signature: mac.digest('base64url') };
}

/** RFC 7638 §3: SHA-256 over the required members, in the order of their names, without white space. */
export function thumbprintOf(jwk: Readonly<Record<string, string>>): string {
  const ordered = Object.fromEntries(
    Object.entries(jwk).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
  return createHash('sha256').update(JSON.stringify(ordered)).digest('base64url');
}

/** RFC 7515 §2: base64url without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
}

function encodeJson(value: object): string {
  return encodeBase64Url(encodeUtf8(JSON.stringify(value)));
}
