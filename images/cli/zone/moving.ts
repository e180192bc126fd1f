import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatName } from '../../../shared/protocols/dns/name.ts';
import { longestTtlOf } from '../../../shared/protocols/dns/rrset-list.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';

const DAY_SECONDS = 86_400;
/** What most top-level domains have, of DS and NS records: a day and two. */
const PARENT_TTL_SECONDS = { ds: DAY_SECONDS, ns: 2 * DAY_SECONDS };
/** Until all servers of the parent have a change; some make a new zone a few times a day. */
const PARENT_CHANGE_SECONDS = 12 * 3_600;

interface Step {
  readonly atMs: number;
  readonly text: string;
}

/**
 * What is to be done, and when, to move a domain here whose old server goes on with the zone meanwhile. A signed one goes unsigned for that time, since two
 * operators that do not share their keys have no other way (RFC 6781 §4.3.5.2). Times of the parent are those of most.
 */
export function movingSteps(
  { zone, isSigned, file }: { readonly zone: Zone; readonly isSigned: boolean; readonly file: string },
  nowMs: number,
): string[] {
  const name = formatName(zone.apex);
  const steps: Step[] = [
    {
      atMs: nowMs,
      text: `Serve it here, and look whether it is the same: lares zone compare ${file} dns://HOST. Change it at both from now on.`,
    },
  ];
  let atMs = nowMs;
  if (isSigned) {
    steps.push({
      atMs,
      text: `At the registrar, remove the DS record of ${name}, or with it “DNSSEC”. The old server goes on signing.`,
    });
    atMs += 1_000 * (PARENT_TTL_SECONDS.ds + PARENT_CHANGE_SECONDS);
  }
  const servers = isSigned ? 'Not earlier, or the domain is gone for who still has the DS record: at' : 'At';
  steps.push({
    atMs,
    text: `${servers} the registrar, put the name servers from here in the place of the old ones.`,
  });
  const ttl = Math.max(PARENT_TTL_SECONDS.ns, longestTtlOf(zone.rrsets), nsTtlOf(zone));
  atMs += 1_000 * (ttl + PARENT_CHANGE_SECONDS);
  steps.push(
    { atMs, text: 'Nobody asks the old server any more: end it there.' },
    { atMs, text: `Give the registrar the DS record from here: lares zone ds ${name} --to HOST.` },
  );
  return steps.map((step, index) => `${index + 1}. ${formatDay(step.atMs)}: ${step.text}`);
}

function nsTtlOf({ rrsets }: Zone): number {
  return rrsets.find(({ type }) => type === TYPE.NS)?.ttlSeconds ?? 0;
}

function formatDay(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
