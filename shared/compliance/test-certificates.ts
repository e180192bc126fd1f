import '../components/x509/reflect-metadata.ts';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import type { TlsCredentials } from '../devices/tls.ts';

/** Names, keys and authorities for suites that speak TLS; made anew for each run. */
export interface TestCertificates {
  /** For one.test and other.test, both signed by the authority. */
  readonly one: TlsCredentials;
  readonly other: TlsCredentials;
  /** For one.test as well, with a key and a serial of its own: what a renewal gives. */
  readonly renewed: TlsCredentials;
  readonly client: TlsCredentials;
  readonly authorityPem: string;
  /** Has signed none of the above. */
  readonly strangerPem: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly sha256Of: (credentials: TlsCredentials) => Promise<string>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export async function makeTestCertificates(): Promise<TestCertificates> {
  const authority = await makeAuthority('Compliance Authority');
  const stranger = await makeAuthority('Stranger');
  return {
    one: await issue(authority, 'one.test', '11'),
    other: await issue(authority, 'other.test', '12'),
    renewed: await issue(authority, 'one.test', '13'),
    client: await issue(authority, 'client.test', '14'),
    authorityPem: authority.certificate.toString('pem'),
    strangerPem: stranger.certificate.toString('pem'),
    sha256Of: sha256Of,
  };
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey };
}

const DAY_MS = 24 * 60 * 60 * 1_000;

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) };
}

async function makeAuthority(name: string): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    ...validity(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { certificate, keys };
}

async function issue(authority: Authority, name: string, serialNumber: string): Promise<TlsCredentials> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    serialNumber,
    subject: `CN=${name}`,
    issuer: authority.certificate.subject,
    ...validity(),
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificateChainPem: certificate.toString('pem'),
    privateKeyPem: PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}

async function sha256Of({ certificateChainPem }: TlsCredentials): Promise<string> {
  const [der] = PemConverter.decode(certificateChainPem);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', der!)).toHex();
}
