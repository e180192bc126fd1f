import type { AskedName } from '../compiled/asked-name.ts';
import { NONE, type CompiledZones } from '../compiled/compiled-zones.ts';
import { TYPE } from '../message.ts';

/** RFC 1034 §4.3.2 step 2: the zone that is the nearest ancestor of the name, or {@link NONE}. */
export function chooseZone(zones: CompiledZones, name: AskedName, type: number): number {
  const nearest = zoneAtOrAbove(zones, name, name.labels);
  if (type !== TYPE.DS || nearest === NONE || zones.findZone(name, name.labels) === NONE) return nearest;
  // RFC 4035 §3.1.4.1: DS is asked of the parent; of the zone itself only where the parent is not here.
  const parent = zoneAtOrAbove(zones, name, name.labels - 1);
  return parent === NONE ? nearest : parent;
}

function zoneAtOrAbove(zones: CompiledZones, name: AskedName, depth: number): number {
  for (let at = depth; at >= 0; at--) {
    const zone = zones.findZone(name, at);
    if (zone !== NONE) return zone;
  }
  return NONE;
}
