import { viewOf } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { equalNames } from '../name.ts';
import type { RRset, Zone } from '../rrset.ts';

/** An RRset and the data of the RRSIGs that cover it, whose TTL is its own; none where the zone is not its authority. */
export interface SignedRRset extends RRset {
  readonly signatures: readonly Uint8Array[];
}

/** How the zone proves that something is not there. A zone signed elsewhere may have iterations and salt; ours have none. */
export type Denial =
  | { readonly kind: 'nsec' }
  | { readonly kind: 'nsec3'; readonly iterations: number; readonly salt: Uint8Array }
  /** RFC 9824: each name's own NSEC; names that do not exist are denied by signatures made when they are asked for. */
  | { readonly kind: 'compact' };

/** A zone with NSEC or NSEC3 records and keys among its RRsets; RRSIGs stand beside what they cover. */
export interface SignedZone extends Zone {
  readonly rrsets: readonly SignedRRset[];
  readonly denial: Denial;
  /** The DNSKEY data of the keys whose signatures these are; none where it was signed elsewhere. */
  readonly signedBy: readonly Uint8Array[];
}

/** The zone with its RRSIGs as RRsets, each behind the one it covers: for files and transfers. */
export function flattenSignatures({ apex, rrsets }: SignedZone): Zone {
  const flat: RRset[] = [];
  for (const { owner, type, ttlSeconds, data, signatures } of rrsets) {
    flat.push({ owner, type, ttlSeconds, data });
    // RFC 4034 §3: an RRSIG has the TTL of what it covers, so those of one owner are no RRset with one TTL.
    if (signatures.length > 0) flat.push({ owner, type: TYPE.RRSIG, ttlSeconds, data: signatures });
  }
  return { apex, rrsets: flat };
}

/** A zone that was signed elsewhere, with its RRSIGs beside what they cover; undefined where it is not signed. */
export function gatherSignatures(zone: Zone): SignedZone | undefined {
  const denial = findDenial(zone);
  if (denial === undefined) return undefined;
  const rrsets: SignedRRset[] = [];
  for (let at = 0; at < zone.rrsets.length;) {
    const end = endOfOwner(zone.rrsets, at);
    const node = zone.rrsets.slice(at, end);
    const signatures = node.filter(({ type }) => type === TYPE.RRSIG).flatMap(({ data }) => data);
    for (const rrset of node) {
      if (rrset.type === TYPE.RRSIG) continue;
      rrsets.push({ ...rrset, signatures: signatures.filter(data => covers(data, rrset.type)) });
    }
    at = end;
  }
  return { apex: zone.apex, rrsets, denial, signedBy: [] };
}

function covers(rrsigData: Uint8Array, type: number): boolean {
  return rrsigData.length > 1 && viewOf(rrsigData).getUint16(0) === type;
}

/** Where the RRsets of the owner at `start` end. */
export function endOfOwner(rrsets: readonly RRset[], start: number): number {
  const { owner } = rrsets[start] as RRset;
  let end = start + 1;
  while (end < rrsets.length && isSameName(owner, (rrsets[end] as RRset).owner)) end++;
  return end;
}

function isSameName(left: RRset['owner'], right: RRset['owner']): boolean {
  return left === right || equalNames(left, right);
}

/** RFC 5155 §7.1: an NSEC3PARAM at the apex names the chain; without one it is NSEC, if there is any. */
function findDenial({ apex, rrsets }: Zone): Denial | undefined {
  const atApex = rrsets.filter(({ owner }) => owner.length === apex.length);
  // RFC 5155 §4.1.2: with flags other than zero it is not in use.
  const parameters = atApex
    .find(({ type }) => type === TYPE.NSEC3PARAM)
    ?.data.find(data => data.length >= 5 && data[1] === 0);
  if (parameters !== undefined)
    return { kind: 'nsec3', iterations: viewOf(parameters).getUint16(2), salt: parameters.subarray(5) };
  return atApex.some(({ type }) => type === TYPE.NSEC) ? { kind: 'nsec' } : undefined;
}
