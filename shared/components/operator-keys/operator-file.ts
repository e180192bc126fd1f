import { Buffer } from 'node:buffer';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
} from 'node:crypto';
import { err, ok, type Result } from '../../base/result.ts';
import type { TlsCredentials } from '../../devices/tls.ts';
import { createSelfSignedCertificate } from '../x509/self-signed.ts';
import { decodeBech32, encodeBech32 } from './bech32.ts';
import type { OperatorPublic } from './operator.ts';

/** Everything an operator holds. Secret: it stays in one file of the user's configuration directory, mode 0600. */
export interface OperatorKeys {
  readonly name: string;
  /** Ed25519, PKCS #8 PEM. */
  readonly signingKeyPem: string;
  /** The P-256 client certificate of tools and its key. */
  readonly client: TlsCredentials;
  /** X25519 as an age identity: `AGE-SECRET-KEY-1…`. */
  readonly backupIdentity: string;
}

const VERSION = 1;

export async function createOperatorKeys(name: string): Promise<OperatorKeys> {
  const signing = generateKeyPairSync('ed25519').privateKey;
  const backup = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  const client = await createSelfSignedCertificate({
    commonName: 'Lares operator',
    names: [],
    usage: 'client',
  });
  return {
    name,
    signingKeyPem: signing.export({ format: 'pem', type: 'pkcs8' }),
    client: { certificateChainPem: client.certificateChainPem, privateKeyPem: client.privateKeyPem },
    backupIdentity: encodeBech32('age-secret-key-', Buffer.from(backup.d ?? '', 'base64url')).toUpperCase(),
  };
}

/** What may be shown and baked into images. */
export function publicOperator(keys: OperatorKeys): OperatorPublic {
  return {
    name: keys.name,
    signingKey: rawPublicKey(keys.signingKeyPem),
    clientKeySha256: clientKeySha256(new X509Certificate(keys.client.certificateChainPem)),
    backupKey: backupPublicKey(keys.backupIdentity),
  };
}

/** What an appliance compares: the key, not the certificate around it. */
export function clientKeySha256(certificate: X509Certificate): Uint8Array {
  return createHash('sha256')
    .update(certificate.publicKey.export({ format: 'der', type: 'spki' }))
    .digest();
}

/** The text of the operator file (JSON). */
export function formatOperatorFile(keys: OperatorKeys): string {
  return `${JSON.stringify({ version: VERSION, ...keys }, undefined, 2)}\n`;
}

/** The error is the rest of a sentence that begins with the file's name. */
export function parseOperatorFile(text: string): Result<OperatorKeys, string> {
  let value: Partial<OperatorKeys> & { version?: number };
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return err('is not JSON; restore it from a copy, or move it away and run `lares keys create`');
  }
  if (value?.version !== VERSION) return err(`is not an operator file of version ${VERSION}`);
  const { name, signingKeyPem, client, backupIdentity } = value;
  if (!name || !signingKeyPem || !client?.certificateChainPem || !client.privateKeyPem || !backupIdentity)
    return err('lacks a key; restore it from a copy');
  return ok({ name, signingKeyPem, client, backupIdentity });
}

function rawPublicKey(privateKeyPem: string): Uint8Array {
  const jwk = createPublicKey(privateKeyPem).export({ format: 'jwk' });
  return Buffer.from(jwk.x ?? '', 'base64url');
}

/** RFC 8410 §7: PKCS #8 of an X25519 private key is this prefix and the 32 bytes. */
const X25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

function backupPublicKey(identity: string): Uint8Array {
  const decoded = decodeBech32(identity);
  if (!decoded.ok) throw new Error(`the age identity of the operator file ${decoded.error}`);
  const key = Buffer.concat([X25519_PKCS8_PREFIX, decoded.value.bytes]);
  const jwk = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })).export({
    format: 'jwk',
  });
  return Buffer.from(jwk.x ?? '', 'base64url');
}
