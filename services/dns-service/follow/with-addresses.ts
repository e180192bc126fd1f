import { ZoneDraft } from '../../../shared/protocols/dns/changes/zone-draft.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatName, type Name } from '../../../shared/protocols/dns/name.ts';
import { rrsetsOf } from '../../../shared/protocols/dns/rrset-list.ts';
import type { RRset, Zone } from '../../../shared/protocols/dns/rrset.ts';
import { FAMILIES, type Addresses, type Family } from '../../../shared/protocols/home-address/addresses.ts';
import { formatAddress, parseAddress } from '../../../shared/protocols/ip/address.ts';
import type { Edited } from '../zones/kept-zone.ts';
import { ZoneError } from '../zones/zone-error.ts';

const TYPES: Readonly<Record<Family, number>> = { ipv4: TYPE.A, ipv6: TYPE.AAAA };

export interface NameAddresses {
  readonly owner: Name;
  readonly ttlSeconds: number;
  /** The others are left as they are. */
  readonly families: readonly Family[];
  /** None of a family: its records go. */
  readonly addresses: Addresses;
}

/** The zone with these addresses in place of the name's. @throws ZoneError where the name is an alias. */
export function withAddresses(
  content: Zone,
  { owner, ttlSeconds, families, addresses }: NameAddresses,
): Edited<undefined> {
  const draft = new ZoneDraft(content);
  const there = draft.at(owner);
  // RFC 1034 §3.6.2: beside an alias there is nothing else.
  if (there.some(({ type }) => type === TYPE.CNAME))
    throw new ZoneError(
      `${formatName(owner)} is an alias in its zone: take the CNAME away, or let another name follow`,
    );
  // A version that changes nothing would be transferred for nothing.
  const present = addressesIn(content, owner);
  const changed = families.filter(
    family => addresses[family] !== present[family] || isSeveral(there, TYPES[family]),
  );
  for (const family of changed) {
    const data = parseAddress(addresses[family] ?? '');
    const former = there.find(({ type }) => type === TYPES[family]);
    if (data !== undefined) draft.put({ owner, type: TYPES[family], ttlSeconds, data: [data] });
    else if (former !== undefined) draft.remove(former);
  }
  return { next: changed.length > 0 ? draft.finish() : undefined, result: undefined };
}

function isSeveral(there: readonly RRset[], type: number): boolean {
  return there.some(each => each.type === type && each.data.length > 1);
}

/** What the zone has for the name; none of a family where it has several, since none of them is the one. */
export function addressesIn(content: Zone, owner: Name): Addresses {
  const there = rrsetsOf(content.rrsets, owner);
  return Object.fromEntries(FAMILIES.map(family => [family, onlyOf(there, TYPES[family])]));
}

function onlyOf(there: readonly RRset[], type: number): string | undefined {
  const [only, ...others] = there.find(each => each.type === type)?.data ?? [];
  return only === undefined || others.length > 0 ? undefined : formatAddress(only);
}
