import { renewalCertificateId } from './renewal-info.ts';

/**
 * RFC 9773 §4.1: what a certificate (DER) is called when its authority is asked about it; undefined where it lacks an
 * authority key identifier, or is no certificate.
 */
export function certificateIdOf(certificate: Uint8Array): string | undefined {
  // RFC 5280 §4.1: Certificate ::= SEQUENCE { tbsCertificate SEQUENCE { [0] version, serialNumber, …, [3] extensions }, … }
  const tbs = childrenOf(childrenOf(certificate)[0]?.content)[0]?.content;
  const fields = childrenOf(tbs);
  const serial = fields.find(({ tag }) => tag === INTEGER)?.content;
  const extensions = childrenOf(fields.find(({ tag }) => tag === EXPLICIT_3)?.content)[0]?.content;
  const keyId = childrenOf(extensions)
    .map(({ content }) => authorityKeyIdOf(content))
    .find(each => each !== undefined);
  return serial === undefined || keyId === undefined ? undefined : renewalCertificateId(keyId, serial);
}

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const CONTEXT_0 = 0x80;
const EXPLICIT_3 = 0xa3;
// RFC 5280 §4.2.1.1: id-ce-authorityKeyIdentifier, 2.5.29.35.
const AUTHORITY_KEY_IDENTIFIER = '551d23';

/** The key identifier in an authority-key-identifier extension; undefined for any other extension. */
function authorityKeyIdOf(extension: Uint8Array): Uint8Array | undefined {
  const [oid, ...rest] = childrenOf(extension);
  if (oid?.content.toHex() !== AUTHORITY_KEY_IDENTIFIER) return undefined;
  const value = rest.find(({ tag }) => tag === OCTET_STRING)?.content;
  return childrenOf(childrenOf(value)[0]?.content).find(({ tag }) => tag === CONTEXT_0)?.content;
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The DER elements that stand one after another in `bytes`, up to the first that is malformed (X.690 §8.1). */
function childrenOf(bytes: Uint8Array | undefined): Element[] {
  const elements: Element[] = [];
  for (let rest = bytes ?? new Uint8Array(); rest.length >= 2;) {
    const [tag = 0, first = 0] = rest;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    // Four bytes of length are more than any certificate has.
    if (lengthBytes > 4 || first === 0x80) return elements;
    let length = first;
    if (lengthBytes > 0)
      length = rest.subarray(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
    const start = 2 + lengthBytes;
    if (start + length > rest.length) return elements;
    elements.push({ tag, content: rest.subarray(start, start + length) });
    rest = rest.subarray(start + length);
  }
  return elements;
}
