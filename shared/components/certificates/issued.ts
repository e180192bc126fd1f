import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { TlsCredentials } from '../../devices/tls.ts';
import { certificateIdOf } from '../../protocols/acme/certificate-id.ts';
import { isAddress } from './names.ts';

/** A certificate that an authority gave, as it is kept. */
export interface Issued extends TlsCredentials {
  /** The names that were asked for. */
  readonly names: readonly string[];
  /** The authority's directory. */
  readonly directoryUrl: string;
}

/** What stands in it. */
export interface IssuedFacts {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** The organisation of the issuer, or its common name. */
  readonly issuer: string;
  readonly certificateId?: string;
}

export function factsOf({ certificateChainPem }: TlsCredentials): IssuedFacts {
  const certificate = new X509Certificate(certificateChainPem);
  const certificateId = certificateIdOf(certificate.raw);
  return {
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
    issuer: attribute(certificate.issuer, 'O') ?? attribute(certificate.issuer, 'CN') ?? 'unknown',
    ...(certificateId === undefined ? {} : { certificateId }),
  };
}

/** Why it cannot be used, or undefined: an authority's mistake must not replace what works. */
export function faultOf(issued: Issued): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(issued.certificateChainPem);
  } catch {
    return 'what the authority gave is no certificate';
  }
  if (!certificate.checkPrivateKey(createPrivateKey(issued.privateKeyPem)))
    return 'the certificate is for another key';
  const missing = issued.names.find(name => !covers(certificate, name));
  return missing === undefined ? undefined : `the certificate does not stand for ${missing}`;
}

function covers(certificate: X509Certificate, name: string): boolean {
  if (isAddress(name)) return certificate.checkIP(name) !== undefined;
  // A wildcard is checked by a name that it must match.
  const host = name.startsWith('*.') ? `lares${name.slice(1)}` : name;
  return certificate.checkHost(host, { subject: 'never' }) !== undefined;
}

/** One attribute of a distinguished name in Node's form: a line each, `O=…`. */
function attribute(name: string, key: string): string | undefined {
  const line = name.split('\n').find(each => each.startsWith(`${key}=`));
  return line?.slice(key.length + 1);
}
