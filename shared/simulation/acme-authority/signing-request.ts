import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { decodeUtf8, equalBytes } from '../../base/bytes.ts';
import { formatAddress } from '../../protocols/ip/address.ts';
import { alternativeNames, extension, publicKeyDerOf } from './certificate.ts';
import {
  bitString,
  element,
  integer,
  objectIdentifier,
  readElements,
  sequence,
  TAG,
  tagged,
  type DerElement,
} from './der.ts';

/** What a CSR (RFC 2986) asks for. */
export interface SigningRequest {
  readonly publicKey: KeyObject;
  readonly publicKeyDer: Uint8Array;
  /** DNS names in lower case and addresses, of subjectAltName and the common name together. */
  readonly names: readonly string[];
}

/** The request, or undefined where it is none or its signature is not made with its own key. */
export function parseSigningRequest(der: Uint8Array): SigningRequest | undefined {
  const [request, ...more] = readElements(der) ?? [];
  if (request?.tag !== TAG.sequence || more.length > 0) return undefined;
  // RFC 2986 §4.2: info, algorithm, signature.
  const [info, algorithm, signature] = readElements(request.content) ?? [];
  if (info === undefined || algorithm === undefined || signature?.tag !== TAG.bitString) return undefined;
  // RFC 2986 §4.1: version, subject, key, attributes.
  const [, subject, key, attributes] = readElements(info.content) ?? [];
  if (subject === undefined || key === undefined) return undefined;
  const publicKey = readKey(key.whole);
  if (publicKey === undefined) return undefined;
  if (!isSignedBy(info.whole, publicKey, signature.content.subarray(1))) return undefined;
  const names = [...requestedNames(attributes), ...commonNames(subject)];
  return { publicKey, publicKeyDer: key.whole, names: [...new Set(names)] };
}

function readKey(der: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function isSignedBy(data: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    // Ed25519 has its digest inside; ECDSA and RSA requests are signed with SHA-256 by every client of today.
    return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, key, signature);
  } catch {
    return false;
  }
}

/** RFC 2985 §5.4.2: the attribute that holds the wished-for extensions. */
const EXTENSION_REQUEST = objectIdentifier('1.2.840.113549.1.9.14');
const SUBJECT_ALT_NAME = objectIdentifier('2.5.29.17');
const COMMON_NAME = objectIdentifier('2.5.4.3');
/** RFC 8410 §3. */
const ED25519 = objectIdentifier('1.3.101.112');

function requestedNames(attributes: DerElement | undefined): string[] {
  const requested = childrenOf(attributes).find(attribute => startsWith(attribute, EXTENSION_REQUEST));
  const values = childrenOf(childrenOf(requested)[1]);
  const extension = childrenOf(values[0]).find(each => startsWith(each, SUBJECT_ALT_NAME));
  const value = childrenOf(extension).at(-1);
  const [names] = value === undefined ? [] : (readElements(value.content) ?? []);
  return childrenOf(names).flatMap(generalName);
}

/** RFC 5280 §4.2.1.6: [2] is a DNS name, [7] an address. */
function generalName({ tag, content }: DerElement): string[] {
  if (tag === 0x82) return [decodeUtf8(content).toLowerCase()];
  if (tag === 0x87) return [formatAddress(content)];
  return [];
}

function commonNames(subject: DerElement): string[] {
  const attributes = childrenOf(subject).flatMap(childrenOf);
  return attributes
    .filter(attribute => startsWith(attribute, COMMON_NAME))
    .map(attribute => decodeUtf8(childrenOf(attribute)[1]?.content ?? new Uint8Array()).toLowerCase());
}

function childrenOf(element: DerElement | undefined): DerElement[] {
  return element === undefined ? [] : (readElements(element.content) ?? []);
}

function startsWith(element: DerElement, identifier: Uint8Array): boolean {
  const [first] = childrenOf(element);
  return first !== undefined && equalBytes(first.whole, identifier);
}

/** A request signed with an Ed25519 key: the same bytes for the same names and key, as simulated worlds need it. */
export function encodeSigningRequest(
  names: readonly string[],
  privateKey: KeyObject,
): Uint8Array<ArrayBuffer> {
  const extensions = sequence(extension('2.5.29.17', alternativeNames(names)));
  const info = sequence(
    integer(Uint8Array.of(0)),
    sequence(),
    publicKeyDerOf(privateKey),
    tagged(0, sequence(EXTENSION_REQUEST, element(TAG.set, extensions))),
  );
  return sequence(info, sequence(ED25519), bitString(sign(null, info, privateKey)));
}
