import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { encodeUtf8 } from '../../base/bytes.ts';
import { parseAddress } from '../../protocols/ip/address.ts';
import {
  bitString,
  element,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  TAG,
  tagged,
  time,
  TRUE,
  utf8String,
} from './der.ts';

/** Who signs: a name and a private key. */
export interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

export interface CertificateContent {
  readonly serial: Uint8Array;
  readonly subject: string;
  /** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). */
  readonly publicKeyDer: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** DNS names and addresses; absent for an authority's own certificate. */
  readonly names?: readonly string[];
  readonly extensions?: readonly Uint8Array[];
}

/** A certificate in DER (RFC 5280 §4.1), signed with Ed25519 or with SHA-256 by ECDSA or RSA. */
export function encodeCertificate(content: CertificateContent, issuer: Issuer): Uint8Array<ArrayBuffer> {
  const algorithm = signatureAlgorithm(issuer.key);
  const body = sequence(
    tagged(0, integer(Uint8Array.of(2))),
    integer(content.serial),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    distinguishedName(content.subject),
    content.publicKeyDer,
    tagged(3, sequence(...extensionsOf(content, issuer))),
  );
  return sequence(body, algorithm, bitString(signWith(issuer.key, body)));
}

function extensionsOf(content: CertificateContent, issuer: Issuer): Uint8Array[] {
  const { names, publicKeyDer } = content;
  const isAuthority = names === undefined;
  return [
    // RFC 5280 §4.2.1.9 and §4.2.1.3: an authority signs certificates (bit 5), others show who they are (bit 0).
    extension('2.5.29.19', isAuthority ? sequence(TRUE) : sequence(), true),
    extension(
      '2.5.29.15',
      isAuthority ? bitString(Uint8Array.of(0x04), 2) : bitString(Uint8Array.of(0x80), 7),
      true,
    ),
    extension('2.5.29.14', octetString(keyIdentifier(publicKeyDer))),
    extension('2.5.29.35', sequence(implicit(0, authorityKeyIdentifier(issuer)))),
    ...(isAuthority
      ? []
      : [
          extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
          extension('2.5.29.17', alternativeNames(names)),
        ]),
    ...(content.extensions ?? []),
  ];
}

export function extension(
  identifier: string,
  value: Uint8Array,
  isCritical = false,
): Uint8Array<ArrayBuffer> {
  return sequence(objectIdentifier(identifier), ...(isCritical ? [TRUE] : []), octetString(value));
}

export function alternativeNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  return sequence(...names.map(alternativeName));
}

/** RFC 5280 §4.2.1.6: [2] is a DNS name, [7] an address. */
function alternativeName(name: string): Uint8Array {
  const address = parseAddress(name);
  return address === undefined ? implicit(2, encodeUtf8(name)) : implicit(7, address);
}

/** RFC 7093 §2, method 1: the first 160 bits of SHA-256 over the key. */
function keyIdentifier(publicKeyDer: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(publicKeyDer).digest().subarray(0, 20));
}

export function authorityKeyIdentifier(issuer: Issuer): Uint8Array<ArrayBuffer> {
  return keyIdentifier(publicKeyDerOf(issuer.key));
}

/** An authority's own key is asked for at every certificate. */
const publicKeys = new WeakMap<KeyObject, Uint8Array>();

export function publicKeyDerOf(privateKey: KeyObject): Uint8Array {
  const der =
    publicKeys.get(privateKey) ?? createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  publicKeys.set(privateKey, der);
  return der;
}

function distinguishedName(commonName: string): Uint8Array {
  if (commonName === '') return sequence();
  return sequence(element(TAG.set, sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))));
}

function signatureAlgorithm(key: KeyObject): Uint8Array {
  // RFC 8410 §3, RFC 5758 §3.2, RFC 4055 §5.
  if (key.asymmetricKeyType === 'ed25519') return sequence(objectIdentifier('1.3.101.112'));
  if (key.asymmetricKeyType === 'ec') return sequence(objectIdentifier('1.2.840.10045.4.3.2'));
  return sequence(objectIdentifier('1.2.840.113549.1.1.11'), element(0x05));
}

function signWith(key: KeyObject, data: Uint8Array): Uint8Array {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, key);
}

export function toPem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
