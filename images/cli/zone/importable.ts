import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { equalNames } from '../../../shared/protocols/dns/name.ts';
import { formatType } from '../../../shared/protocols/dns/record-types/mnemonics.ts';
import type { RRset, Zone } from '../../../shared/protocols/dns/rrset.ts';
import { SIGNER_TYPES } from '../../../shared/protocols/dns/update/update-policy.ts';

/** BIND keeps the state of its signing in records of a private type at the apex (`sig-signing-type`). */
const BIND_SIGNING_STATE = 65_534;

const MADE_BY_SERVERS: readonly number[] = [...SIGNER_TYPES, BIND_SIGNING_STATE];

export interface Importable {
  readonly zone: Zone;
  /** Records left out, by their type. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Whether the old server signs it: whoever moves it then has to look after the DS record. */
  readonly isSigned: boolean;
}

/** What of a zone another server shall have: all but what that makes itself when it signs, and what belongs to the parent. */
export function importable({ apex, rrsets }: Zone): Importable {
  const kept: RRset[] = [];
  const leftOut = new Map<string, number>();
  for (const rrset of rrsets) {
    // RFC 4035 §2.4: a DS RRset stands at the parental side of a cut alone.
    const isParents = rrset.type === TYPE.DS && equalNames(rrset.owner, apex);
    if (!isParents && !MADE_BY_SERVERS.includes(rrset.type)) kept.push(rrset);
    else {
      const type = formatType(rrset.type);
      leftOut.set(type, (leftOut.get(type) ?? 0) + rrset.data.length);
    }
  }
  return { zone: { apex, rrsets: kept }, leftOut, isSigned: leftOut.has('DNSKEY') };
}
