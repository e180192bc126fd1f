import { assert } from '../../../base/assert.ts';
import { viewOf } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { equalNames, type Name } from '../name.ts';
import { compareCanonical, type RRset, type Zone } from '../rrset.ts';
import { encodeDnskey } from './dnskey.ts';
import { compactChain } from './compact-denial.ts';
import { keyRecords } from './key-records.ts';
import { createKeptSignatures, type KeptSignatures } from './kept-signatures.ts';
import { nsec3Chain, nsec3Parameters } from './nsec3.ts';
import { nsecChain } from './nsec.ts';
import { signRRset } from './rrset-signer.ts';
import type { Denial, SignedRRset, SignedZone } from './signed-zone.ts';
import type { SigningKey, ZoneKeys } from './signing-key.ts';
import { digestInSteps, zonemdRecord } from './zone-digest.ts';
import { isSigned, zoneNodes, type Standing, type ZoneNode } from './zone-nodes.ts';

/** All times are Unix seconds. */
export interface SigningPolicy {
  /** Some time ago, for the sake of clocks that are behind. */
  readonly inceptionSeconds: number;
  /** When the signature of an RRset ends: jittered, so that they do not all end and are not all renewed at once. */
  expirationSeconds(owner: Name, type: number): number;
  /** Signatures made before are kept where they end after this. */
  readonly renewBeforeSeconds: number;
  readonly denial: Denial['kind'];
  readonly dnskeyTtlSeconds: number;
  /** RFC 8976: a digest of the whole zone. */
  readonly zonemd: boolean;
}

/**
 * Signs a zone (RFC 4035 §2): its keys, the proofs of what is not there, and a signature of each key on all that is the zone's own. Records that
 * signing makes are replaced where the zone has them. With `before`, an earlier signing, whatever did not change keeps its signatures while
 * they hold. The serial stays as it is: the caller raises it with every change.
 */
export function signZone(zone: Zone, keys: ZoneKeys, policy: SigningPolicy, before?: SignedZone): SignedZone {
  const signing = signInSteps(zone, keys, policy, before);
  for (;;) {
    const { done, value } = signing.next();
    if (done === true) return value;
  }
}

/** As {@link signZone}, in steps of about a millisecond, between which whoever runs it may do other things. */
export function* signInSteps(
  zone: Zone,
  keys: ZoneKeys,
  policy: SigningPolicy,
  before?: SignedZone,
): Generator<void, SignedZone> {
  assert(keys.ksk.length > 0 && keys.zsk.length > 0, 'a zone is signed with at least one KSK and one ZSK');
  const { apex } = zone;
  const content = withApexRecords(zone, keys, policy);
  const nodes: ZoneNode[] = [];
  for (const node of zoneNodes({ apex, rrsets: content })) {
    nodes.push(node);
    if (nodes.length % NODES_A_STEP === 0) yield;
  }
  const signer: Signer = { apex, keys, policy, kept: createKeptSignatures(before, policy) };
  const rrsets: SignedRRset[] = [];
  for (const { rrset, standing } of yield* withDenial(apex, nodes, policy.denial)) {
    rrsets.push(isSigned(standing, rrset.type) ? sign(signer, rrset) : { ...rrset, signatures: [] });
    if (rrsets.length % RRSETS_A_STEP === 0) yield;
  }
  if (policy.zonemd) yield* addDigest({ ...signer, kept: createKeptSignatures(before, policy) }, rrsets);
  const signedBy = new Set([...keys.ksk, ...keys.zsk]);
  return {
    apex,
    rrsets,
    denial: denialOf(policy),
    signedBy: [...signedBy].map(({ dnskey }) => encodeDnskey(dnskey)),
  };
}

/** What makes a step about a millisecond long: a signature takes some 50 µs. */
const RRSETS_A_STEP = 16;
const NODES_A_STEP = 256;

function denialOf({ denial }: SigningPolicy): Denial {
  return denial === 'nsec3' ? { kind: denial, iterations: 0, salt: new Uint8Array() } : { kind: denial };
}

/** Types that signing makes; those of the first list wherever they stand, those of the second at the apex. */
const MADE_ANYWHERE = new Set<number>([TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3]);
const MADE_AT_APEX = new Set<number>([TYPE.NSEC3PARAM, TYPE.DNSKEY, TYPE.ZONEMD]);

/** The zone's own records, and at the apex those of its keys and parameters; in order. */
function withApexRecords({ apex, rrsets }: Zone, keys: ZoneKeys, policy: SigningPolicy): RRset[] {
  const isApex = ({ owner }: RRset): boolean => owner.length === apex.length && equalNames(owner, apex);
  const shown = rrsets.find(rrset => rrset.type === TYPE.DNSKEY && isApex(rrset));
  const made = keyRecords(apex, keys, policy.dnskeyTtlSeconds, shown?.data);
  if (policy.denial === 'nsec3') made.push(nsec3Parameters(apex));
  if (policy.zonemd) made.push(zonemdRecord(soaOf(rrsets)));
  const isMade = (rrset: RRset): boolean =>
    MADE_ANYWHERE.has(rrset.type) ||
    (isApex(rrset) && (MADE_AT_APEX.has(rrset.type) || made.some(({ type }) => type === rrset.type)));
  const own = rrsets.filter(rrset => !isMade(rrset));
  const atApex = own.findIndex(rrset => !isApex(rrset));
  const end = atApex < 0 ? own.length : atApex;
  const first = [...own.slice(0, end), ...made].sort((left, right) => left.type - right.type);
  return [...first, ...own.slice(end)];
}

function soaOf(rrsets: readonly RRset[]): RRset {
  // The apex comes first, and only it has one.
  const soa = rrsets.find(({ type }) => type === TYPE.SOA);
  assert(soa !== undefined, 'a zone has an SOA record');
  return soa;
}

interface Placed {
  readonly rrset: RRset;
  readonly standing: Standing;
}

/** The RRsets of the zone with NSEC or NSEC3 records at their places. */
function* withDenial(
  apex: Name,
  nodes: readonly ZoneNode[],
  denial: Denial['kind'],
): Generator<void, Placed[]> {
  const ttlSeconds = negativeTtl(soaOf((nodes[0] as ZoneNode).rrsets));
  const make = { nsec: nsecChain, nsec3: nsec3Chain, compact: compactChain }[denial];
  const chain: Placed[] = [];
  for (const rrset of make(apex, nodes, ttlSeconds)) {
    chain.push({ rrset, standing: 'authoritative' });
    if (chain.length % NODES_A_STEP === 0) yield;
  }
  const placed = nodes.flatMap(({ rrsets, standing }) => rrsets.map(rrset => ({ rrset, standing })));
  yield;
  return yield* merge(placed, chain);
}

/** Both are in canonical order, and no RRset is in both. */
function* merge(left: readonly Placed[], right: readonly Placed[]): Generator<void, Placed[]> {
  const merged: Placed[] = [];
  let at = 0;
  for (const placed of left) {
    while (at < right.length && comesBefore(right[at] as Placed, placed)) merged.push(right[at++] as Placed);
    merged.push(placed);
    if (merged.length % NODES_A_STEP === 0) yield;
  }
  return merged.concat(right.slice(at));
}

function comesBefore({ rrset: left }: Placed, { rrset: right }: Placed): boolean {
  const order = left.owner === right.owner ? 0 : compareCanonical(left.owner, right.owner);
  return (order || left.type - right.type) < 0;
}

/** RFC 9077 §3: the lesser of the SOA's MINIMUM, its last field, and its TTL. */
function negativeTtl({ ttlSeconds, data }: RRset): number {
  const soa = data[0] as Uint8Array;
  return Math.min(ttlSeconds, viewOf(soa).getUint32(soa.length - 4));
}

interface Signer {
  readonly apex: Name;
  readonly keys: ZoneKeys;
  readonly policy: SigningPolicy;
  readonly kept: KeptSignatures;
}

// RFC 7344 §4.1: CDS and CDNSKEY are signed by a key that the parent's DS leads to.
const BY_KSK = new Set<number>([TYPE.DNSKEY, TYPE.CDS, TYPE.CDNSKEY]);

function sign({ apex, keys, policy, kept }: Signer, rrset: RRset): SignedRRset {
  const signers = BY_KSK.has(rrset.type) && rrset.owner.length === apex.length ? keys.ksk : keys.zsk;
  const earlier = kept.find(rrset);
  const found = signers.map(key => earlier && kept.pick(earlier, key));
  // Nothing is made anew where nothing changed: a zone of a million records is signed again with every change.
  if (earlier !== undefined && isWhole(earlier, rrset, found)) return earlier;
  const { inceptionSeconds } = policy;
  const make = (key: SigningKey): Uint8Array => {
    const expirationSeconds = policy.expirationSeconds(rrset.owner, rrset.type);
    return signRRset(rrset, apex, key, { inceptionSeconds, expirationSeconds });
  };
  return { ...rrset, signatures: signers.map((key, index) => found[index] ?? make(key)) };
}

function isWhole(
  earlier: SignedRRset,
  { owner }: RRset,
  found: readonly (Uint8Array | undefined)[],
): boolean {
  // The case of the owner is the zone's, and may have changed.
  return (
    earlier.owner === owner &&
    earlier.signatures.length === found.length &&
    found.every((signature, index) => signature === earlier.signatures[index])
  );
}

/** RFC 8976 §3.3: the digest is the last thing to be known; it is then written into its record, and that is signed. */
function* addDigest(signer: Signer, rrsets: SignedRRset[]): Generator<void, void> {
  const at = rrsets.findIndex(({ type }) => type === TYPE.ZONEMD);
  const digest = yield* digestInSteps(signer.apex, rrsets);
  rrsets[at] = sign(signer, zonemdRecord(soaOf(rrsets), digest));
}
