import { createHash } from 'node:crypto';
import { decodeUtf8, encodeUtf8 } from '../../../shared/base/bytes.ts';
import type { KeyValue } from '../../../shared/devices/key-value.ts';
import type { SigningKey } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import { createPrivateKeyPem, signingKeyOf, type SigningAlgorithm } from './signing-key.ts';
import { ZoneError } from './zone-error.ts';

/** What is durable of one signed zone beside its journal. */
export interface ZoneStore {
  /** The zone's key, made at the first call ever. @throws ZoneError where what is kept cannot be used; DeviceError. */
  key(algorithm: SigningAlgorithm): Promise<SigningKey>;
}

/** Zones' names may have characters that keys of the store and paths have not. */
export function placeOf(zone: string): string {
  return createHash('sha256').update(zone).digest('hex').slice(0, 32);
}

interface StoredKey {
  readonly zone: string;
  readonly algorithm: number;
  readonly privateKeyPem: string;
}

export function createZoneStore(zone: string, keyValue: KeyValue): ZoneStore {
  const keyPlace = `dns-service/key-${placeOf(zone)}`;
  return {
    async key(algorithm) {
      const kept = await keyValue.get(keyPlace);
      if (kept !== undefined) return restoreKey(zone, algorithm, kept);
      const privateKeyPem = createPrivateKeyPem(algorithm);
      // Durable before it signs anything: a DS record at the parent may follow at once.
      await keyValue.put(keyPlace, encode({ zone, algorithm, privateKeyPem } satisfies StoredKey));
      return signingKeyOf(privateKeyPem, algorithm);
    },
  };
}

function encode(value: object): Uint8Array {
  return encodeUtf8(JSON.stringify(value));
}

/** Never a new key in place of one that cannot be read: the parent's DS would lead to nothing, and the zone be bogus. */
function restoreKey(zone: string, algorithm: SigningAlgorithm, kept: Uint8Array): SigningKey {
  const stored = parseStoredKey(zone, kept);
  if (stored.algorithm !== algorithm)
    throw new ZoneError(
      `the zone ${zone} has a key of algorithm ${stored.algorithm}, and the configuration asks for ${algorithm}: ` +
        `set algorithm = ${stored.algorithm}; a key cannot be rolled to another algorithm`,
    );
  return signingKeyOf(stored.privateKeyPem, algorithm);
}

function parseStoredKey(zone: string, kept: Uint8Array): StoredKey {
  try {
    return JSON.parse(decodeUtf8(kept)) as StoredKey;
  } catch (cause) {
    // The cause may quote what it could not read.
    throw new ZoneError(
      `the key of the zone ${zone} cannot be read: restore the data volume from a snapshot`,
      { cause: (cause as Error).name },
    );
  }
}
