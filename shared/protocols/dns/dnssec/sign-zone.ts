import { assert } from '../../../base/assert.ts';
import { viewOf } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { isWrittenAlike, type Name } from '../name.ts';
import { replaceNodes } from '../packed/edit-packed.ts';
import { PackedRRsets } from '../packed/packed-rrsets.ts';
import { RRsetPacker } from '../packed/rrset-packer.ts';
import { rrsetsOf, soaOf } from '../rrset-list.ts';
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
  const signer: Signer = { apex, keys, policy, kept: createKeptSignatures(before, policy) };
  const earlier = before?.rrsets instanceof PackedRRsets ? before.rrsets : undefined;
  const packer = new RRsetPacker<SignedRRset>({ apex, isSigned: true, before: earlier });
  let count = 0;
  for (const { rrset, standing } of withDenial(content, soaOf(zone), policy.denial)) {
    packer.add(isSigned(standing, rrset.type) ? sign(signer, rrset) : { ...rrset, signatures: [] });
    if (++count % RRSETS_A_STEP === 0) yield;
  }
  const rrsets = packer.finish();
  const signedBy = new Set([...keys.ksk, ...keys.zsk]);
  return {
    apex,
    rrsets: policy.zonemd
      ? yield* withDigest({ ...signer, kept: createKeptSignatures(before, policy) }, rrsets)
      : rrsets,
    denial: kindOfDenial(policy),
    signedBy: [...signedBy].map(({ dnskey }) => encodeDnskey(dnskey)),
  };
}

/** What makes a step about a millisecond long: a signature takes some 50 µs. */
const RRSETS_A_STEP = 16;

function kindOfDenial({ denial }: SigningPolicy): Denial {
  return denial === 'nsec3' ? { kind: denial, iterations: 0, salt: new Uint8Array() } : { kind: denial };
}

/** Types that signing makes; those of the first list wherever they stand, those of the second at the apex. */
const MADE_ANYWHERE = new Set<number>([TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3]);
const MADE_AT_APEX = new Set<number>([TYPE.NSEC3PARAM, TYPE.DNSKEY, TYPE.ZONEMD]);

/** The zone's own records, and at the apex those of its keys and parameters; in order. They may be gone along more than once. */
function withApexRecords(zone: Zone, keys: ZoneKeys, policy: SigningPolicy): Iterable<RRset> {
  const { apex, rrsets } = zone;
  const before = rrsetsOf(rrsets, apex);
  const shown = before.find(({ type }) => type === TYPE.DNSKEY);
  const made = keyRecords(apex, keys, policy.dnskeyTtlSeconds, shown?.data);
  if (policy.denial === 'nsec3') made.push(nsec3Parameters(apex));
  if (policy.zonemd) made.push(zonemdRecord(soaOf(zone)));
  const isMade = ({ type }: RRset): boolean =>
    MADE_ANYWHERE.has(type) || MADE_AT_APEX.has(type) || made.some(other => other.type === type);
  const atApex = [...before.filter(rrset => !isMade(rrset)), ...made].sort(
    (left, right) => left.type - right.type,
  );
  return {
    *[Symbol.iterator]() {
      yield* atApex;
      for (const rrset of rrsets)
        // All owners are in the zone, so that the apex alone has so few labels.
        if (rrset.owner.length > apex.length && !MADE_ANYWHERE.has(rrset.type)) yield rrset;
    },
  };
}

interface Placed {
  readonly rrset: RRset;
  readonly standing: Standing;
}

/** The RRsets of the zone with NSEC or NSEC3 records at their places. */
function withDenial(content: Iterable<RRset>, soa: RRset, denial: Denial['kind']): Generator<Placed> {
  const apex = soa.owner;
  const make = { nsec: nsecChain, nsec3: nsec3Chain, compact: compactChain }[denial];
  return merge(placed(zoneNodes(apex, content)), make(apex, zoneNodes(apex, content), negativeTtl(soa)));
}

function* placed(nodes: Iterable<ZoneNode>): Generator<Placed> {
  for (const { rrsets, standing } of nodes) for (const rrset of rrsets) yield { rrset, standing };
}

/** Both are in canonical order, and no RRset is in both. */
function* merge(content: Iterable<Placed>, chain: Iterator<RRset, void>): Generator<Placed> {
  let { value: proof } = chain.next();
  for (const one of content) {
    for (; proof && comesBefore(proof, one.rrset); { value: proof } = chain.next())
      yield { rrset: proof, standing: 'authoritative' };
    yield one;
  }
  for (; proof; { value: proof } = chain.next()) yield { rrset: proof, standing: 'authoritative' };
}

function comesBefore(left: RRset, right: RRset): boolean {
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
    isWrittenAlike(earlier.owner, owner) &&
    earlier.signatures.length === found.length &&
    found.every((signature, index) => signature === earlier.signatures[index])
  );
}

/** RFC 8976 §3.3: the digest is the last thing to be known; it is then written into its record, and that is signed. */
function* withDigest(
  signer: Signer,
  rrsets: PackedRRsets<SignedRRset>,
): Generator<void, PackedRRsets<SignedRRset>> {
  const { apex } = signer;
  const node = rrsetsOf(rrsets, apex);
  const soa = soaOf({ apex, rrsets: node });
  const digest = sign(signer, zonemdRecord(soa, yield* digestInSteps(apex, rrsets)));
  const changed = node.map(rrset => (rrset.type === TYPE.ZONEMD ? digest : rrset));
  return replaceNodes(rrsets, [{ owner: apex, rrsets: changed }]);
}
