import { RCODE, TYPE } from '../message.ts';
import { formatName, isAtOrBelow, type Name } from '../name.ts';
import { viewOf } from '../../../base/bytes.ts';
import type { SignedRRset } from '../dnssec/signed-zone.ts';
import { EDE, fault, type Fault } from './fault.ts';
import { NEGATIVE_TTL_MAX_SECONDS } from './limits.ts';
import { found, type Absent, type Found } from './outcome.ts';
import { followDname } from './dname.ts';
import { findRRset, type Reply } from './reply.ts';
import type { Asked } from './validation/absence.ts';
import { Validation } from './validation/validation.ts';
import type { Budget } from './validation/budget.ts';
import { formatZone, type Zone } from './zone.ts';

/** What a reply comes to. */
export type Judgement =
  | Found
  | Absent
  | Referral
  /** Not proven by the keys of the zone that was asked. */
  | { readonly kind: 'doubtful'; readonly fault: Fault }
  /** The server does not serve the zone: another one is asked. */
  | { readonly kind: 'useless'; readonly fault: Fault };

/** RFC 1034 §4.3.2, step 3b: others are to be asked. */
export interface Referral {
  readonly kind: 'referral';
  readonly servers: SignedRRset;
  /** What the parent proves of the DS at the cut; undefined: nothing. */
  readonly ds: Found | Absent | undefined;
}

/** Reads the answer of a server of `zone`. */
export function judgeReply(
  reply: Reply,
  asked: Asked,
  { zone, nowSeconds, budget }: { readonly zone: Zone; readonly nowSeconds: number; readonly budget: Budget },
): Judgement {
  const validation = new Validation(reply, zone, nowSeconds, budget);
  const answer = judgeAnswers(reply, asked, zone, validation);
  if (answer !== undefined) return answer;
  const referral = findReferral(reply, asked, zone);
  if (referral !== undefined) {
    const ds = judgeDs(reply, { name: referral.owner, type: TYPE.DS }, validation);
    return { kind: 'referral', servers: referral, ds };
  }
  if (isUseless(reply, zone)) return useless(`the server does not serve ${formatZone(zone)}`);
  return judgeAbsence(reply, asked, validation);
}

function useless(text: string): Judgement {
  return { kind: 'useless', fault: fault(EDE.INVALID_DATA, text) };
}

function judgeAnswers(reply: Reply, asked: Asked, zone: Zone, validation: Validation): Judgement | undefined {
  // RFC 6672 §3.4: a DNAME comes before the CNAME made from it, which has no signature of its own.
  const dname = findDname(reply, asked.name, zone);
  const records = dname ?? findRecords(reply, asked);
  if (records === undefined) return undefined;
  if (isUseless(reply, zone)) return useless(`the server is no authority for ${formatZone(zone)}`);
  const verified = validation.verify(records);
  if (!verified.ok) return { kind: 'doubtful', fault: verified.error };
  if (dname !== undefined) {
    const alias = followDname(verified.value.rrset, asked.name);
    if (alias === undefined) return useless(`${formatName(asked.name)} becomes too long by a DNAME`);
    return found(alias, verified.value.secure);
  }
  // The letters' case is what the query had by chance.
  const rrset = { ...verified.value.rrset, owner: asked.name };
  return validation.checkWildcard({ ...verified.value, rrset }, asked);
}

function findRecords({ answers }: Reply, { name, type }: Asked): SignedRRset | undefined {
  return findRRset(answers, name, type) ?? findRRset(answers, name, TYPE.CNAME);
}

function findDname({ answers }: Reply, name: Name, { delegation }: Zone): SignedRRset | undefined {
  return answers.find(
    ({ type, owner }) =>
      type === TYPE.DNAME &&
      owner.length < name.length &&
      isAtOrBelow(name, owner) &&
      isAtOrBelow(owner, delegation.apex),
  );
}

/** RFC 2181 §5.4.1: only towards the name, never up, and only from servers that are asked for what they know themselves. */
function findReferral(reply: Reply, { name, type }: Asked, { delegation }: Zone): SignedRRset | undefined {
  if (delegation.isRecursive || reply.rcode !== RCODE.NOERROR) return undefined;
  if (reply.authorities.some(rrset => rrset.type === TYPE.SOA)) return undefined;
  return reply.authorities.find(
    rrset =>
      rrset.type === TYPE.NS &&
      rrset.owner.length > delegation.heldFrom.length &&
      isAtOrBelow(rrset.owner, delegation.heldFrom) &&
      isAtOrBelow(name, rrset.owner) &&
      // RFC 4035 §3.1.4.1: DS is the parent's, which refers nobody to the child for it.
      !(type === TYPE.DS && rrset.owner.length === name.length),
  );
}

/** RFC 1912 §2.8: a lame server has no authority for the zone. A resolver that was asked to recurse never has. */
function isUseless(reply: Reply, { delegation }: Zone): boolean {
  return !delegation.isRecursive && !reply.isAuthoritative;
}

function judgeDs(reply: Reply, asked: Asked, validation: Validation): Found | Absent | undefined {
  const ds = findRRset(reply.authorities, asked.name, TYPE.DS);
  if (ds === undefined) {
    const absent = judgeAbsence(reply, asked, validation);
    return absent.kind === 'absent' ? absent : undefined;
  }
  const verified = validation.verify(ds);
  if (!verified.ok) return undefined;
  return found(verified.value.rrset, verified.value.secure);
}

function judgeAbsence(reply: Reply, asked: Asked, validation: Validation): Absent | Judgement {
  const proven = validation.proveAbsence(asked);
  if (!proven.ok) return { kind: 'doubtful', fault: proven.error };
  const { secure, isCut, exists } = proven.value;
  return {
    kind: 'absent',
    secure,
    isCut,
    // The rcode is not signed: what is proven holds, whatever it says.
    exists: secure ? exists : reply.rcode !== RCODE.NXDOMAIN,
    ttlSeconds: negativeTtl(reply, proven.value.ttlSeconds),
  };
}

/** RFC 2308 §5: the lesser of the SOA's TTL and its MINIMUM field. Without SOA (RFC 2308 §2.1) it is not kept. */
function negativeTtl({ authorities }: Reply, ttlOfProofs: number): number {
  const soa = authorities.find(({ type }) => type === TYPE.SOA);
  const data = soa?.data[0];
  if (soa === undefined || data === undefined) return Number.isFinite(ttlOfProofs) ? ttlOfProofs : 0;
  const minimum = viewOf(data).getUint32(data.length - 4);
  return Math.min(soa.ttlSeconds, minimum, ttlOfProofs, NEGATIVE_TTL_MAX_SECONDS);
}
