import { decodeUtf8, encodeUtf8 } from '../../../shared/base/bytes.ts';
import type { KeyValue } from '../../../shared/devices/key-value.ts';
import type { KeyRole, KeyRollState } from '../../../shared/protocols/dns/key-roll/state.ts';
import { placeOf } from './place.ts';
import type { SigningAlgorithm } from './signing-key.ts';
import { ZoneError } from './zone-error.ts';

export interface KeptKey {
  /** As in the state: the key tag. */
  readonly id: string;
  readonly role: KeyRole;
  readonly algorithm: SigningAlgorithm;
  readonly privateKeyPem: string;
}

/** All of a zone's keys and where their rolls stand: one durable value, so that the one is never without the other. */
export interface KeptKeys {
  readonly zone: string;
  readonly keys: readonly KeptKey[];
  readonly state: KeyRollState;
}

export interface KeyStore {
  /** undefined: the zone never had keys. @throws ZoneError where what is kept cannot be used; DeviceError. */
  load(): Promise<KeptKeys | undefined>;
  save(kept: KeptKeys): Promise<void>;
  /** Of a zone that is signed no more. */
  remove(): Promise<void>;
}

export function createKeyStore(zone: string, keyValue: KeyValue): KeyStore {
  const place = `dns-service/keys-${placeOf(zone)}`;
  return {
    async load() {
      const kept = await keyValue.get(place);
      return kept === undefined ? undefined : parse(zone, kept);
    },
    save: kept => keyValue.put(place, encodeUtf8(JSON.stringify(kept))),
    remove: () => keyValue.delete(place),
  };
}

/** Never new keys in place of those that cannot be read: the parent's DS would lead to nothing, and the zone be bogus. */
function parse(zone: string, kept: Uint8Array): KeptKeys {
  try {
    return JSON.parse(decodeUtf8(kept)) as KeptKeys;
  } catch (cause) {
    // The cause may quote what it could not read.
    throw new ZoneError(
      `the keys of the zone ${zone} cannot be read: restore the data volume from a snapshot`,
      { cause: (cause as Error).name },
    );
  }
}
