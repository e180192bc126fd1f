import { createPrivateKey, X509Certificate } from 'node:crypto';
import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import { createSelfSignedCertificate, sha256Of, type SelfSigned } from '../../components/x509/self-signed.ts';
import type { KeyValue } from '../../devices/key-value.ts';

const STORED_AS = 'appliance/admin-certificate';

/**
 * The appliance's own certificate, made at first start and kept: its fingerprint is how `lares` knows the appliance.
 * A stored one that cannot be read is never replaced: whoever pinned it would take the new one for an attack.
 * @throws Error with a sentence for people.
 */
export async function loadAdminCertificate(
  keyValue: KeyValue,
  names: readonly string[],
): Promise<SelfSigned> {
  const stored = await keyValue.get(STORED_AS);
  if (stored !== undefined) return parseStored(stored);
  const made = await createSelfSignedCertificate({ commonName: 'Lares appliance', names, usage: 'server' });
  const { certificateChainPem, privateKeyPem } = made;
  await keyValue.put(STORED_AS, encodeUtf8(JSON.stringify({ certificateChainPem, privateKeyPem })));
  return made;
}

function parseStored(bytes: Uint8Array): SelfSigned {
  try {
    const { certificateChainPem, privateKeyPem } = JSON.parse(decodeUtf8(bytes)) as SelfSigned;
    const matches = new X509Certificate(certificateChainPem).checkPrivateKey(createPrivateKey(privateKeyPem));
    if (!matches) throw new Error('key and certificate do not belong together');
    return { certificateChainPem, privateKeyPem, sha256: sha256Of(certificateChainPem) };
  } catch (cause) {
    throw new Error(
      `the appliance's certificate on the data volume (key ${STORED_AS}) cannot be used; restore a backup, or delete it to get a new one, which must then be pinned again`,
      { cause },
    );
  }
}

/** Pairs of digits with colons, as browsers show it. */
export function formatFingerprint(sha256: string): string {
  return (sha256.toUpperCase().match(/../g) ?? []).join(':');
}
