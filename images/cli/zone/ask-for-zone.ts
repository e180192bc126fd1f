import { CLASS_IN, FLAG, formatRcode, RCODE, TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatName } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { ZoneAssembler } from '../../../shared/protocols/dns/zone-file/assemble-zone.ts';
import { FaultList } from '../../../shared/protocols/dns/zone-file/fault.ts';
import { askForSet, type Ask } from './ask-for-set.ts';

/** So many questions are under way: a zone of thousands of names takes seconds, and no server takes it for an attack. */
const QUESTIONS_AT_ONCE = 16;

/**
 * What a server has of the RRsets of `known`; what it has beside them is not found so. @throws Error for people where it is no server of
 * the zone, or does not answer.
 */
export async function askForZone(known: Zone, ask: Ask): Promise<Zone> {
  await requireAuthority(known, ask);
  const assembler = new ZoneAssembler(known.apex, new FaultList());
  for (let at = 0; at < known.rrsets.length; at += QUESTIONS_AT_ONCE) {
    const some = known.rrsets.slice(at, at + QUESTIONS_AT_ONCE);
    for (const rrset of (await Promise.all(some.map(each => askForSet(each, ask)))).flat())
      for (const data of rrset.data) assembler.add({ ...rrset, data }, { file: 'the answer', line: 0 });
  }
  return assembler.finish().zone;
}

/** RFC 1035 §4.1.1: AA says that the server itself is asked, and not a cache that may know an old version. */
async function requireAuthority({ apex }: Zone, ask: Ask): Promise<void> {
  const { flags, rcode, answers } = await ask({ name: apex, type: TYPE.SOA, class: CLASS_IN });
  if (rcode === RCODE.NOERROR && (flags & FLAG.AA) !== 0 && answers.length > 0) return;
  throw new Error(
    `the server is none of the zone ${formatName(apex)} (it answers ${formatRcode(rcode)} without authority); name one that has the zone`,
  );
}
