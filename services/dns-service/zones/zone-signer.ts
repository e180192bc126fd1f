import type { Clock } from '../../../shared/devices/clock.ts';
import type { SignedZone } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { KeyRollEvent } from '../../../shared/protocols/dns/key-roll/step.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import type { ZoneConfiguration } from '../config.ts';
import { matchDs } from './ds-match.ts';
import type { KeyKeeper, KeyStep } from './key-keeper.ts';
import type { ParentSight } from './parent-view.ts';
import { rollTimes } from './roll-times.ts';
import { isRenewalDue, signFor, type TimedZone } from './sign.ts';

export interface ZoneSignerParts {
  readonly keys: KeyKeeper;
  readonly denial: ZoneConfiguration['denial'];
  /** Whether each version has a digest of the whole (RFC 8976). */
  readonly zonemd: boolean;
  readonly signatureDays: number;
  readonly clock: Clock;
}

/** What was seen at the parent, and when. */
export interface ParentLook {
  readonly sight: ParentSight;
  readonly atMs: number;
  /** DS records of keys that this server does not have; with no other, the zone is bogus. */
  readonly foreignCount: number;
}

/** Signs the versions of one zone by the keys that their rolls ask for. */
export class ZoneSigner {
  readonly keys: KeyKeeper;
  readonly #parts: ZoneSignerParts;
  #look: ParentLook | undefined;

  constructor(parts: ZoneSignerParts) {
    this.keys = parts.keys;
    this.#parts = parts;
  }

  get look(): ParentLook | undefined {
    return this.#look;
  }

  /** What did not change keeps the signatures of `before` while they hold. undefined: no key is to sign the zone. */
  async sign(zone: Zone, before: SignedZone | undefined): Promise<TimedZone | undefined> {
    const { denial, zonemd, signatureDays, clock } = this.#parts;
    const keys = this.keys.zoneKeys;
    if (keys === undefined) return undefined;
    return signFor(zone, { keys, denial, zonemd, signatureDays, clock }, before);
  }

  isRenewalDue(zone: TimedZone, nowSeconds: number): boolean {
    return isRenewalDue(zone, this.#parts.signatureDays, nowSeconds);
  }

  /** What the keys' rolls come to, for the zone as it is. */
  propose(content: Zone, event?: KeyRollEvent): Promise<KeyStep | undefined> {
    const sight = this.#look?.sight;
    const times = rollTimes(content, sight?.kind === 'seen' ? sight.ttlSeconds : undefined);
    return this.keys.propose({ times, nowSeconds: this.#nowSeconds() }, event);
  }

  /** Takes note of what is at the parent; gives what that means to the rolls, if anything. */
  see({ apex }: Pick<Zone, 'apex'>, sight: ParentSight): KeyRollEvent | undefined {
    const ds = sight.kind === 'seen' ? sight.ds : [];
    const { ids, foreignCount } = matchDs(apex, this.keys.keys, ds);
    this.#look = { sight, atMs: this.#parts.clock.now(), foreignCount };
    // Of other keys alone: nothing can be made of it, and above all not that there is no DS.
    if (sight.kind === 'fault' || (ids.length === 0 && foreignCount > 0)) return undefined;
    return { type: 'ds-seen', keys: ids };
  }

  #nowSeconds(): number {
    return Math.floor(this.#parts.clock.now() / 1_000);
  }
}
