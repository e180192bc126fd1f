import { assert } from '../../../shared/base/assert.ts';
import { createSecrets, type SecretReader } from '../../../shared/components/certificates/secrets.ts';
import { formatName, lowerName, parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { TsigKey } from '../../../shared/protocols/dns/tsig-mac.ts';
import type { TsigKeyConfiguration } from '../config/changes.ts';

/** The keys that are shared with other servers. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, TsigKey>;

  constructor(keys: readonly TsigKey[]) {
    this.#keys = new Map(keys.map(key => [formatName(lowerName(key.name)), key]));
  }

  named(name: Name): TsigKey | undefined {
    return this.#keys.get(formatName(lowerName(name)));
  }

  /** By a name of the configuration, which has been checked. */
  referredTo(text: string): TsigKey {
    const key = this.named(keyNameOf(text));
    assert(key !== undefined, 'the configuration refers to keys that it has');
    return key;
  }
}

/** @throws DeviceError with a sentence for people where a secret is missing or is not in base64. */
export async function openKeyRing(
  configurations: readonly TsigKeyConfiguration[],
  secret: SecretReader | undefined,
): Promise<KeyRing> {
  const secrets = createSecrets(secret ?? (async () => undefined));
  const keys = configurations.map(async ({ name, algorithm, secret: place }) => ({
    name: keyNameOf(name),
    algorithm,
    secret: await secrets.bytes(place, 'base64'),
  }));
  return new KeyRing(await Promise.all(keys));
}

export function keyNameOf(text: string): Name {
  const name = parseName(text);
  assert(name.ok, 'the configuration has names alone');
  return name.value;
}
