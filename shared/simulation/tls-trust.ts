import { X509Certificate } from 'node:crypto';

/** A chain longer than this is refused rather than walked: public ones have two or three. */
const CHAIN_MAX = 8;

/** The certificates of a PEM text, in order; an empty list where there is none. */
export function parseChain(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.slice(0, CHAIN_MAX).map(block => new X509Certificate(block));
}

/** What is wrong with a chain at `nowMs`, or undefined when it leads to one of the anchors (RFC 5280 §6.1, signatures and validity). */
export function judgeChain(
  chain: readonly X509Certificate[],
  anchorsPem: readonly string[],
  nowMs: number,
): string | undefined {
  const anchors = anchorsPem.flatMap(parseChain);
  for (const [index, certificate] of chain.entries()) {
    if (nowMs < certificate.validFromDate.getTime()) return 'it is not valid yet';
    if (nowMs > certificate.validToDate.getTime()) return 'it has expired';
    if (anchors.some(anchor => anchor.fingerprint256 === certificate.fingerprint256)) return undefined;
    const anchor = anchors.find(anchor => isIssuedBy(certificate, anchor));
    if (anchor !== undefined)
      return nowMs > anchor.validToDate.getTime() ? 'its authority has expired' : undefined;
    const issuer = chain[index + 1];
    if (issuer === undefined || !isIssuedBy(certificate, issuer)) return 'its authority is unknown';
  }
  return 'there is none';
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
