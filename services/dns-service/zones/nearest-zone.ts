import { isAtOrBelow, type Name } from '../../../shared/protocols/dns/name.ts';

/** The zone that a name is in: of several, the lowest one. */
export function nearestZone<Z extends { readonly apex: Name }>(
  name: Name,
  zones: readonly Z[],
): Z | undefined {
  let nearest: Z | undefined;
  for (const zone of zones)
    if (isAtOrBelow(name, zone.apex) && zone.apex.length >= (nearest?.apex.length ?? 0)) nearest = zone;
  return nearest;
}
