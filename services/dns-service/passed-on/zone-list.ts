import { formatName, lowerName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { KeptZone } from '../zones/kept-zone.ts';

/** The zones of this server by their names. */
export class ZoneList {
  readonly #zones: ReadonlyMap<string, KeptZone>;

  constructor(zones: readonly KeptZone[]) {
    this.#zones = new Map(zones.map(zone => [keyOf(zone.apex), zone]));
  }

  at(apex: Name): KeptZone | undefined {
    return this.#zones.get(keyOf(apex));
  }
}

function keyOf(name: Name): string {
  return formatName(lowerName(name));
}
