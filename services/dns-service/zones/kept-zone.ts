import type { SignedZone } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { ZoneDifference } from '../../../shared/protocols/dns/changes/difference.ts';
import type { Name } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import type { ZoneConfiguration } from '../config.ts';

/** What an edit makes of a zone. */
export interface Edited<R> {
  /** undefined: the zone stays as it is. Its serial may be the one before or a later one. */
  readonly next: Zone | undefined;
  readonly result: R;
}

/** A zone that this server has authority for, with what is durable of it. */
export interface KeptZone {
  readonly configuration: ZoneConfiguration;
  readonly apex: Name;
  /** Unsigned, as file, changes or primary have made it; its SOA has the serial that is served. Without RRsets: nothing is there yet. */
  readonly content: Zone;
  /** What is answered and transferred. */
  readonly served: Zone | SignedZone;
  /** 0 where nothing is there yet. */
  readonly serial: number;
  /** Whether it is answered from: what a secondary has is not once it has expired. */
  readonly isAnswered: boolean;

  /**
   * Between the served versions, RRSIGs as RRsets: oldest first, from the one with `serial` to now; none where that is the present one.
   * undefined: that far back they are not kept.
   */
  differencesSince(serial: number): readonly ZoneDifference[] | undefined;

  /**
   * Changes the zone; one after the other, each seeing what those before it made. `edit` is pure, and what it makes has been checked by it.
   * Those that come together become one version. Resolves when that is durable and answered from.
   * @throws what `edit` throws; ZoneError or DeviceError where the version cannot be kept: then all is as it was.
   */
  change<R>(edit: (content: Zone) => Edited<R>): Promise<R>;

  /**
   * Puts a primary's version in place, under its serial; one that is not signed is signed under a serial of ours where the zone is to be.
   * @throws as {@link change}.
   */
  take(version: Zone): Promise<void>;

  /** Takes the zone out of the answers, or back into them, as does {@link take}. */
  answer(isAnswered: boolean): Promise<void>;

  /** Calls `listener` after each version that is served. */
  onServed(listener: () => void): void;
}
