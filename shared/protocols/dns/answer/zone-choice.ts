import type { AskedName } from '../compiled/asked-name.ts';
import type { CompiledZone } from '../compiled/compiled-zone.ts';
import type { Directory } from '../compiled/directory.ts';
import { TYPE } from '../message.ts';

/** RFC 1034 §4.3.2 step 2: the zone that is the nearest ancestor of the name. */
export function chooseZone(directory: Directory, name: AskedName, type: number): CompiledZone | undefined {
  const nearest = zoneAtOrAbove(directory, name, name.labels);
  if (type !== TYPE.DS || nearest === undefined || nearest.depth !== name.labels) return nearest;
  // RFC 4035 §3.1.4.1: DS is asked of the parent; of the zone itself only where the parent is not here.
  return zoneAtOrAbove(directory, name, name.labels - 1) ?? nearest;
}

function zoneAtOrAbove(directory: Directory, name: AskedName, depth: number): CompiledZone | undefined {
  for (let at = depth; at >= 0; at--) {
    const zone = directory.findZone(name, at);
    if (zone !== undefined) return zone;
  }
  return undefined;
}
