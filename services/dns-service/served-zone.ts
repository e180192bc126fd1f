import { assert } from '../../shared/base/assert.ts';
import type { KeyValue } from '../../shared/devices/key-value.ts';
import type { SigningKey } from '../../shared/protocols/dns/dnssec/signing-key.ts';
import type { SignedZone } from '../../shared/protocols/dns/dnssec/signed-zone.ts';
import { parseName, type Name } from '../../shared/protocols/dns/name.ts';
import type { Zone } from '../../shared/protocols/dns/rrset.ts';
import type { ReadFile } from '../../shared/protocols/dns/zone-file/parse-zone-file.ts';
import type { ReadZone } from '../../shared/protocols/dns/zone-file/read-zone.ts';
import type { ZoneConfiguration } from './config.ts';
import { nextSerial, serialOf, withSerial } from './serial.ts';
import { isRenewalDue, signFor, type TimedZone } from './sign.ts';
import { loadZone } from './zone-files.ts';
import { createZoneStore, type ZoneStore } from './zone-store.ts';

/** One zone with what it is signed with. */
export class ServedZone {
  readonly configuration: ZoneConfiguration;
  readonly apex: Name;
  /** What the check of its file found not wrong, but odd. */
  readonly faults: ReadZone['faults'];
  readonly #file: Zone;
  readonly #store: ZoneStore;
  readonly #signatureDays: number;
  #key: SigningKey | undefined;
  #signed: TimedZone | undefined;

  /** @throws ZoneError where the file is wrong */
  constructor(
    configuration: ZoneConfiguration,
    signatureDays: number,
    { read, keyValue }: { readonly read: ReadFile; readonly keyValue: KeyValue },
  ) {
    const apex = parseName(configuration.name);
    assert(apex.ok, 'the configuration has names alone');
    this.configuration = configuration;
    this.apex = apex.value;
    const { zone, faults } = loadZone(read, configuration, this.apex);
    this.#file = zone;
    this.faults = faults;
    this.#store = createZoneStore(configuration.name, keyValue);
    this.#signatureDays = signatureDays;
  }

  /** What is to be answered from. */
  get content(): Zone | SignedZone {
    return this.#signed?.zone ?? this.#file;
  }

  get serial(): number {
    return serialOf(this.content);
  }

  get key(): SigningKey | undefined {
    return this.#key;
  }

  /** When the first signature ends; undefined where the zone is not signed. */
  get firstEndSeconds(): number | undefined {
    return this.#signed?.firstEndSeconds;
  }

  isRenewalDue(nowSeconds: number): boolean {
    return this.#signed !== undefined && isRenewalDue(this.#signed, this.#signatureDays, nowSeconds);
  }

  /** Signs under a new serial, which is durable when this resolves. A zone that is not to be signed is left as its file has it. */
  async sign(nowSeconds: number): Promise<void> {
    const { sign, algorithm, denial } = this.configuration;
    if (!sign) return;
    this.#key ??= await this.#store.key(algorithm);
    const serial = nextSerial(serialOf(this.#file), await this.#store.serial(), nowSeconds);
    await this.#store.saveSerial({ serial, atSeconds: nowSeconds });
    const wanted = { key: this.#key, denial, signatureDays: this.#signatureDays, nowSeconds };
    this.#signed = signFor(withSerial(this.#file, serial), wanted, this.#signed?.zone);
  }
}
