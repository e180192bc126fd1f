import type { Clock } from '../../../shared/devices/clock.ts';
import type { SigningKey } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import type { SignedZone } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import type { ZoneConfiguration } from '../config.ts';
import { isRenewalDue, signFor, type TimedZone } from './sign.ts';

export interface ZoneSignerParts {
  readonly key: SigningKey;
  readonly denial: ZoneConfiguration['denial'];
  readonly signatureDays: number;
  readonly clock: Clock;
}

/** Signs the versions of one zone. */
export class ZoneSigner {
  readonly key: SigningKey;
  readonly #parts: ZoneSignerParts;

  constructor(parts: ZoneSignerParts) {
    this.key = parts.key;
    this.#parts = parts;
  }

  /** What did not change keeps the signatures of `before` while they hold. */
  async sign(zone: Zone, before: SignedZone | undefined): Promise<TimedZone> {
    const { key, denial, signatureDays, clock } = this.#parts;
    const nowSeconds = Math.floor(clock.now() / 1_000);
    return signFor(zone, { key, denial, signatureDays, nowSeconds }, before);
  }

  isRenewalDue(zone: TimedZone, nowSeconds: number): boolean {
    return isRenewalDue(zone, this.#parts.signatureDays, nowSeconds);
  }
}
