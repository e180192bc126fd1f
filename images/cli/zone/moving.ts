import { formatMinute } from '../../../shared/components/times/format-minute.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatName } from '../../../shared/protocols/dns/name.ts';
import { formatData } from '../../../shared/protocols/dns/record-types/presentation.ts';
import { longestTtlOf, rrsetOf } from '../../../shared/protocols/dns/rrset-list.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';

const DAY_SECONDS = 86_400;
/** What most top-level domains have, of DS and NS records: a day and two. */
const PARENT_TTL_SECONDS = { ds: DAY_SECONDS, ns: 2 * DAY_SECONDS };
/** Until all servers of the parent have a change; some make a new zone a few times a day. */
const PARENT_CHANGE_SECONDS = 12 * 3_600;

export interface Moved {
  readonly zone: Zone;
  readonly isSigned: boolean;
  /** Where the zone was written to. */
  readonly file: string;
}

/**
 * What is to be done, and when, to move a domain here whose old server goes on with the zone meanwhile. A signed one goes unsigned for that
 * time (RFC 6781 §4.3.5.2): to stay signed, both servers would have to show each other's keys (RFC 8901). Times of the zone are its own, those
 * of the parent what most have.
 */
export function movingSteps({ zone, isSigned, file }: Moved, nowMs: number): string[] {
  const name = formatName(zone.apex);
  const withoutDsMs = nowMs + 1_000 * (PARENT_TTL_SECONDS.ds + PARENT_CHANGE_SECONDS);
  const changeMs = isSigned ? withoutDsMs : nowMs;
  const forgottenMs = changeMs + 1_000 * (longestMemorySeconds(zone) + PARENT_CHANGE_SECONDS);
  const unsign = `At the registrar, remove the DS record of ${name}, or with it “DNSSEC”. The old server goes on signing.`;
  const notEarlier = isSigned
    ? 'Not earlier, or the domain is gone for who still has the DS record: at'
    : 'At';
  const steps: readonly (readonly [atMs: number, text: string])[] = [
    [
      nowMs,
      `In ${file}, put the name servers from here in the place of ${nameServers(zone)}: in the NS records of ${name} itself, and the first one in its SOA record.`,
    ],
    [
      nowMs,
      `Serve it here, and look whether the rest is the same: lares zone compare ${file} dns://HOST. Change it at both from now on.`,
    ],
    ...(isSigned ? [[nowMs, unsign] as const] : []),
    [
      changeMs,
      `${notEarlier} the registrar, put the name servers from here in the place of the old ones; in the NS records at the old server, too, where it lets you: who asks it goes on asking whom these name.`,
    ],
    [
      forgottenMs,
      'Nobody who was told of the new name servers knows the old ones any more. When the old server is not asked any more, end it there: where its NS records could not be changed, look first.',
    ],
    [forgottenMs, `Give the registrar the DS record from here: lares zone ds ${name} --to HOST.`],
  ];
  return steps.map(([atMs, text], index) => `${index + 1}. ${formatMinute(atMs)}: ${text}`);
}

/** How long others may have what the old servers said of the zone, its NS records among it, or what the parent said of them. */
function longestMemorySeconds({ rrsets }: Zone): number {
  return Math.max(PARENT_TTL_SECONDS.ns, longestTtlOf(rrsets));
}

function nameServers({ apex, rrsets }: Zone): string {
  const names = (rrsetOf(rrsets, apex, TYPE.NS)?.data ?? []).map(data => formatData(TYPE.NS, data));
  return names.join(' and ') || 'none';
}
