import { CLASS_IN, FLAG, RCODE, TYPE, type Message, type Question } from '../../protocols/dns/message.ts';
import { equalNames, formatName, type Name } from '../../protocols/dns/name.ts';
import { DnsUpdateError } from './dns-update-error.ts';

/** Asks the server, which is not to ask others. @throws DnsUpdateError where there is no answer. */
type Ask = (question: Question) => Promise<Message>;

/**
 * The apex of the zone that `name` lies in, as its primary server tells: RFC 2136 §7.3 and RFC 1034 §4.3.2; whether the name
 * exists or not, an authoritative answer carries the SOA of its zone.
 */
export async function findZone(name: Name, ask: Ask, server: string): Promise<Name> {
  for (let up = 0; up <= name.length; up++) {
    const owner = name.slice(up);
    const question = { name: owner, type: TYPE.SOA, class: CLASS_IN };
    const message = await ask(question);
    const found = readZone(message, owner);
    if (found !== undefined) return found;
    if (isReferral(message))
      throw new DnsUpdateError(
        `${server} has handed ${formatName(name)} on to other servers (a delegation): name the server of that zone`,
      );
  }
  throw new DnsUpdateError(
    `${server} has no zone that ${formatName(name)} is in: name the zone's primary server`,
  );
}

function readZone({ flags, rcode, answers, authorities }: Message, owner: Name): Name | undefined {
  const isAnswer = rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN;
  if (!isAnswer || (flags & FLAG.AA) === 0) return undefined;
  const soa = [...answers, ...authorities].find(({ type }) => type === TYPE.SOA);
  return soa !== undefined && isWithin(owner, soa.name) ? soa.name : undefined;
}

/** RFC 1034 §4.3.2, step 3b: name servers of a lower zone, without authority. */
function isReferral({ flags, rcode, answers, authorities }: Message): boolean {
  const isAuthoritative = (flags & FLAG.AA) !== 0;
  return (
    rcode === RCODE.NOERROR &&
    !isAuthoritative &&
    answers.length === 0 &&
    authorities.some(({ type }) => type === TYPE.NS)
  );
}

function isWithin(name: Name, zone: Name): boolean {
  return name.length >= zone.length && equalNames(name.slice(name.length - zone.length), zone);
}
