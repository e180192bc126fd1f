import { Buffer } from 'node:buffer';
import { createPublicKey, sign, verify } from 'node:crypto';
import { err, ok, type Result } from '../../base/result.ts';
import type { OperatorPublic } from './operator.ts';

/** A log-in link holds for this long: time to click it, and little time for whoever finds it later. */
export const LOGIN_TOKEN_LIFETIME_MS = 60_000;
/** The maker reads the appliance's clock in whole seconds, so a fresh token may seem to live a little longer. */
const CLOCK_SLACK_MS = 5_000;
const NONCE_BYTES = 16;
const TOKEN_MAX_CHARACTERS = 256;

export interface LoginToken {
  readonly operator: OperatorPublic;
  readonly nonce: string;
  readonly expiresMs: number;
}

export type LoginRefusal = 'malformed' | 'expired' | 'too-long-lived' | 'unknown-operator' | 'used' | 'busy';

/**
 * A token that lets its bearer into the appliance with that certificate fingerprint until `expiresMs`.
 * `<expiry in ms>.<nonce>.<Ed25519 signature>`, the last two in base64url.
 */
export function createLoginToken(
  signingKeyPem: string,
  bound: { readonly fingerprint: string; readonly expiresMs: number; readonly nonce: Uint8Array },
): string {
  const nonce = Buffer.from(bound.nonce).toString('base64url');
  const signature = sign(null, signedText(bound.fingerprint, bound.expiresMs, nonce), signingKeyPem);
  return `${bound.expiresMs}.${nonce}.${signature.toString('base64url')}`;
}

/** Whether `token` was made for this appliance by one of `operators` and is in its time. Says nothing on replay. */
export function verifyLoginToken(
  token: string,
  appliance: {
    readonly fingerprint: string;
    readonly operators: readonly OperatorPublic[];
    readonly nowMs: number;
  },
): Result<LoginToken, LoginRefusal> {
  if (token.length > TOKEN_MAX_CHARACTERS) return err('malformed');
  const match = /^(\d{10,16})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{86})$/.exec(token);
  const [, expiry = '', nonce = '', signature = ''] = match ?? [];
  if (match === null || Buffer.from(nonce, 'base64url').length !== NONCE_BYTES) return err('malformed');
  const expiresMs = Number(expiry);
  const text = signedText(appliance.fingerprint, expiresMs, nonce);
  const signatureBytes = Buffer.from(signature, 'base64url');
  const operator = appliance.operators.find(each =>
    verify(null, text, ed25519Key(each.signingKey), signatureBytes),
  );
  if (operator === undefined) return err('unknown-operator');
  if (expiresMs <= appliance.nowMs) return err('expired');
  if (expiresMs > appliance.nowMs + LOGIN_TOKEN_LIFETIME_MS + CLOCK_SLACK_MS) return err('too-long-lived');
  return ok({ operator, nonce, expiresMs });
}

function signedText(fingerprint: string, expiresMs: number, nonce: string): Buffer {
  return Buffer.from(`lares login 1\n${fingerprint}\n${expiresMs}\n${nonce}\n`);
}

function ed25519Key(raw: Uint8Array): ReturnType<typeof createPublicKey> {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') };
  return createPublicKey({ key: jwk, format: 'jwk' });
}
