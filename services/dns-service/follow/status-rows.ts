import type { StatusSection } from '../../../shared/appliance/service.ts';
import { formatMinute } from '../../../shared/components/times/format-minute.ts';
import { FAMILIES, type Source } from '../../../shared/protocols/home-address/addresses.ts';
import type { Remembered } from './address-memory.ts';
import type { FollowedName } from './followed-name.ts';

const SEEN_BY: Readonly<Record<Source, string>> = {
  interface: "on this machine's own interface",
  question: 'by a server outside that was asked',
  update: 'by the router, which reported it',
};

/** The names that follow the line on the status page. */
export function followSections(names: readonly FollowedName[]): StatusSection[] {
  if (names.length === 0) return [];
  return [
    {
      title: 'Names that follow this line',
      rows: names.map(each => [each.configuration.name, textOf(each)] as const),
    },
  ];
}

function textOf(followed: FollowedName): string {
  const { shown, isBehind } = followed;
  const addresses = FAMILIES.flatMap(family => shown[family] ?? []).map(formatRemembered);
  const known = addresses.length > 0 ? addresses.join('; ') : 'no address was seen yet';
  return isBehind ? `${known}; another one was seen and comes in a moment` : known;
}

function formatRemembered({ address, source, sinceMs }: Remembered): string {
  if (source === undefined) return `${address}, as the zone has it`;
  return `${address} since ${formatMinute(sinceMs)}, seen ${SEEN_BY[source]}`;
}
