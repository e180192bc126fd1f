import { differenceOf, type ZoneDifference } from '../../../shared/protocols/dns/changes/difference.ts';
import type { SignedZone } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { DIFFERENCE_RRSETS_MIN, VERSIONS_KEPT_MAX } from './limits.ts';
import { serialOf } from './serial.ts';

interface Step {
  readonly fromSerial: number;
  readonly difference: ZoneDifference;
}

/** How the last served versions differ, for those who have an older one: RFC 1995 §2. Kept in memory: after a start zones are fetched whole. */
export class ServedHistory {
  #served: Zone | SignedZone;
  readonly #steps: Step[] = [];

  constructor(served: Zone | SignedZone) {
    this.#served = served;
  }

  get served(): Zone | SignedZone {
    return this.#served;
  }

  add(served: Zone | SignedZone): void {
    // Nobody has what was not there.
    if (this.#served.rrsets.length > 0) this.#remember(served);
    this.#served = served;
    this.#forget();
  }

  #remember(served: Zone | SignedZone): void {
    const difference = differenceOf(this.#served, served);
    this.#steps.push({ fromSerial: serialOf(this.#served), difference });
  }

  since(serial: number): readonly ZoneDifference[] | undefined {
    if (serial === serialOf(this.#served)) return [];
    const index = this.#steps.findLastIndex(({ fromSerial }) => fromSerial === serial);
    return index < 0 ? undefined : this.#steps.slice(index).map(({ difference }) => difference);
  }

  #forget(): void {
    const sizes = this.#steps.map(({ difference: { removed, added } }) => removed.length + added.length);
    let total = sizes.reduce((sum, size) => sum + size, 0);
    const most = Math.max(DIFFERENCE_RRSETS_MIN, this.#served.rrsets.length);
    let gone = 0;
    while (total > most || this.#steps.length - gone > VERSIONS_KEPT_MAX) total -= sizes[gone++] as number;
    this.#steps.splice(0, gone);
  }
}
