import { viewOf } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { rrsetsOf, type RRsetList } from '../rrset-list.ts';
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
  readonly rrsets: RRsetList<SignedRRset>;
  readonly denial: Denial;
  /** The DNSKEY data of the keys whose signatures these are; none where it was signed elsewhere. */
  readonly signedBy: readonly Uint8Array[];
}

/** The zone with its RRSIGs as RRsets, each behind the one it covers: for files and transfers. */
export function flattenSignatures({ apex, rrsets }: SignedZone): Zone {
  return { apex, rrsets: flattenNode([...rrsets]) };
}

/** RRsets of a signed zone with their RRSIGs as RRsets; others as they are. */
export function flattenNode(rrsets: readonly (RRset | SignedRRset)[]): readonly RRset[] {
  const flat: RRset[] = [];
  for (const rrset of rrsets) {
    if (!('signatures' in rrset)) {
      flat.push(rrset);
      continue;
    }
    const { owner, type, ttlSeconds, data, signatures } = rrset;
    flat.push({ owner, type, ttlSeconds, data });
    // RFC 4034 §3: an RRSIG has the TTL of what it covers, so those of one owner are no RRset with one TTL.
    if (signatures.length > 0) flat.push({ owner, type: TYPE.RRSIG, ttlSeconds, data: signatures });
  }
  return flat;
}

/** RRsets of one owner in a zone that was signed elsewhere, with their RRSIGs beside them. */
export function gatherNode(node: readonly RRset[]): readonly SignedRRset[] {
  const signatures = node.filter(({ type }) => type === TYPE.RRSIG).flatMap(({ data }) => data);
  return node
    .filter(({ type }) => type !== TYPE.RRSIG)
    .map(rrset => ({ ...rrset, signatures: signatures.filter(data => covers(data, rrset.type)) }));
}

function covers(rrsigData: Uint8Array, type: number): boolean {
  return rrsigData.length > 1 && (((rrsigData[0] as number) << 8) | (rrsigData[1] as number)) === type;
}

/**
 * How a zone that was signed elsewhere proves what is not there; undefined where it is not signed. RFC 5155 §7.1: an NSEC3PARAM at the apex
 * names the chain; without one it is NSEC, if there is any.
 */
export function denialOf({ apex, rrsets }: Zone): Denial | undefined {
  const atApex = rrsetsOf(rrsets, apex);
  // RFC 5155 §4.1.2: with flags other than zero it is not in use.
  const parameters = atApex
    .find(({ type }) => type === TYPE.NSEC3PARAM)
    ?.data.find(data => data.length >= 5 && data[1] === 0);
  if (parameters !== undefined)
    return { kind: 'nsec3', iterations: viewOf(parameters).getUint16(2), salt: parameters.subarray(5) };
  return atApex.some(({ type }) => type === TYPE.NSEC) ? { kind: 'nsec' } : undefined;
}
