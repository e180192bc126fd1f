import type { KeyObject } from 'node:crypto';
import {
  authorityKeyIdentifier,
  encodeCertificate,
  publicKeyDerOf,
  toPem,
  type Issuer,
} from './certificate.ts';
import { parseSigningRequest, type SigningRequest } from './signing-request.ts';
import type { AuthorityOptions } from './options.ts';
import { Problem } from './problem.ts';
import { thumbprint } from './signed-request.ts';
import type { Identifier, IssuedCertificate, Order } from './state.ts';

const HOUR_MS = 3_600_000;
const SERIAL_BYTES = 16;
/** Certificates begin a while before they are made, for clocks that are slow; as Let's Encrypt does it. */
const BACKDATE_MS = HOUR_MS;
/** The authority's own certificate outlives every simulation. */
const OWN_LIFETIME_MS = 20 * 365 * 24 * HOUR_MS;
const RSA_MIN_BITS = 2048;

/** RFC 8555 §7.4 and §11.1: the request stands for the order's identifiers exactly, with a key of its own. @throws Problem */
export function checkSigningRequest(
  der: Uint8Array,
  order: Order,
  keyTypes: readonly string[],
): SigningRequest {
  const request = parseSigningRequest(der);
  if (request === undefined) throw badCsr('the CSR is malformed or not signed with its own key');
  const wanted = order.identifiers.map(({ value }) => value).toSorted();
  const asked = request.names.toSorted();
  if (asked.join() !== wanted.join())
    throw badCsr(`the CSR is for ${asked.join()}, the order for ${wanted.join()}`);
  checkKey(request.publicKey, keyTypes);
  if (
    thumbprint(request.publicKey.export({ format: 'jwk' }) as Record<string, unknown>) ===
    order.account.thumbprint
  )
    throw badCsr("the CSR has the account's own key");
  return request;
}

function checkKey(key: KeyObject, keyTypes: readonly string[]): void {
  const { asymmetricKeyType = '', asymmetricKeyDetails } = key;
  if (!keyTypes.includes(asymmetricKeyType))
    throw badCsr(`keys of the type '${asymmetricKeyType}' are not taken`);
  if ((asymmetricKeyDetails?.modulusLength ?? RSA_MIN_BITS) < RSA_MIN_BITS)
    throw badCsr('the RSA key is too short');
}

function badCsr(detail: string): Problem {
  return new Problem('badCSR', 400, detail);
}

/** The authority's own certificate, which clients trust. */
export function selfCertificate(issuer: Issuer, serial: Uint8Array, nowMs: number): string {
  const der = encodeCertificate(
    {
      serial,
      subject: issuer.name,
      publicKeyDer: publicKeyDerOf(issuer.key),
      notBeforeMs: nowMs - BACKDATE_MS,
      notAfterMs: nowMs + OWN_LIFETIME_MS,
    },
    issuer,
  );
  return toPem('CERTIFICATE', der);
}

/** A certificate for what the request asks. */
export function issueCertificate(
  request: SigningRequest,
  order: Order,
  options: AuthorityOptions & { readonly lifetimeMs: number; readonly rootPem: string },
  nowMs: number,
): IssuedCertificate {
  // RFC 5280 §4.1.2.2: positive, at most 20 bytes; the first bit clear, so that it is written as it is.
  const serial = Uint8Array.from(options.random.bytes(SERIAL_BYTES));
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const issuer = { name: options.name, key: options.key };
  // X.509 counts whole seconds, the last one included (RFC 5280 §4.1.2.5).
  const notBeforeMs = Math.floor((nowMs - BACKDATE_MS) / 1000) * 1000;
  const notAfterMs = notBeforeMs + options.lifetimeMs - 1000;
  const names = order.identifiers.map(({ value }) => value);
  const { publicKeyDer } = request;
  const der = encodeCertificate(
    { serial, subject: '', publicKeyDer, notBeforeMs, notAfterMs, names },
    issuer,
  );
  return {
    serial: serial.toHex(),
    certificateId: `${base64Url(authorityKeyIdentifier(issuer))}.${base64Url(serial)}`,
    account: order.account,
    identifiers: order.identifiers,
    profile: order.profile,
    issuedMs: nowMs,
    notBeforeMs,
    notAfterMs,
    // RFC 8555 §9.1: the end entity's first.
    chainPem: toPem('CERTIFICATE', der) + options.rootPem,
  };
}

export function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
}

/** Whether two lists name the same, in whatever order. */
export function identifierKey(identifiers: readonly Identifier[]): string {
  return identifiers
    .map(({ type, value }) => `${type}:${value}`)
    .toSorted()
    .join(' ');
}
