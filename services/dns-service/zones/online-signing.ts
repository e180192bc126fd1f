import type { Clock } from '../../../shared/devices/clock.ts';
import type { SignOnline } from '../../../shared/protocols/dns/answer/compact-answers.ts';
import { canonicalName } from '../../../shared/protocols/dns/dnssec/canonical.ts';
import { signOnline } from '../../../shared/protocols/dns/dnssec/compact-denial.ts';
import type { SigningKey } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import { equalNames, type Name } from '../../../shared/protocols/dns/name.ts';
import type { RRset } from '../../../shared/protocols/dns/rrset.ts';
import { INCEPTION_BEFORE_SECONDS } from '../limits.ts';
import { ONLINE_HOLD_SECONDS, ONLINE_KEPT_MAX, ONLINE_REUSE_MS } from './limits.ts';
import type { KeyKeeper } from './key-keeper.ts';

/** A zone that may be asked to sign. */
export interface OnlineZone {
  readonly apex: Name;
  /** undefined: it is not signed here. */
  readonly signer: { readonly keys: Pick<KeyKeeper, 'zoneKeys'> } | undefined;
}

interface Made {
  readonly signatures: readonly Uint8Array[];
  readonly atMs: number;
}

/** Signs what zones of compact denial make while they answer (RFC 9824), and keeps the last of it for who asks the same. */
export class OnlineSigning {
  readonly #zones: readonly OnlineZone[];
  readonly #clock: Clock;
  /** What was made last, and what was made before that. */
  #made = new Map<string, Made>();
  #before = new Map<string, Made>();

  constructor(zones: readonly OnlineZone[], clock: Clock) {
    this.#zones = zones;
    this.#clock = clock;
  }

  readonly sign: SignOnline = (apex, rrset) => {
    const zsk = this.#keysOf(apex);
    if (zsk === undefined) return undefined;
    // By all that is signed, so that another version of a zone, or other keys, cannot be answered by what was made for the one before.
    const key = keyOf(rrset, zsk);
    const kept = this.#made.get(key) ?? this.#before.get(key);
    const nowMs = this.#clock.now();
    if (kept !== undefined && Math.abs(nowMs - kept.atMs) < ONLINE_REUSE_MS) return kept.signatures;
    const nowSeconds = Math.floor(nowMs / 1_000);
    const signatures = signOnline(rrset, {
      apex,
      zsk,
      validity: {
        inceptionSeconds: nowSeconds - INCEPTION_BEFORE_SECONDS,
        expirationSeconds: nowSeconds + ONLINE_HOLD_SECONDS,
      },
    });
    this.#keep(key, { signatures, atMs: nowMs });
    return signatures;
  };

  /** The keys that sign the zone are in every cache's DNSKEY records, also a moment before the version that they sign first. */
  #keysOf(apex: Name): readonly SigningKey[] | undefined {
    return this.#zones.find(zone => equalNames(zone.apex, apex))?.signer?.keys.zoneKeys?.zsk;
  }

  #keep(key: string, made: Made): void {
    if (this.#made.size >= ONLINE_KEPT_MAX / 2) {
      this.#before = this.#made;
      this.#made = new Map();
    }
    this.#made.set(key, made);
  }
}

function keyOf({ owner, type, ttlSeconds, data }: RRset, zsk: readonly SigningKey[]): string {
  const tags = zsk.map(({ keyTag }) => keyTag).join(' ');
  return `${canonicalName(owner).toHex()} ${type} ${ttlSeconds} ${tags} ${data.map(each => each.toHex()).join(' ')}`;
}
