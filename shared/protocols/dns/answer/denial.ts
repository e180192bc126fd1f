import type { AskedName } from '../compiled/asked-name.ts';
import { NONE, type CompiledZone } from '../compiled/compiled-zone.ts';
import { DENIAL } from '../compiled/layout.ts';
import { TYPE } from '../message.ts';
import type { CompactAnswers } from './compact-answers.ts';
import { findCoveringHash, findHash, hashedBlock, writeHashedLabel } from './hashed-names.ts';
import { findNodeBefore, findOwnerNotBehind, writeLabels } from './listed-names.ts';
import { NameHasher } from './name-hasher.ts';
import { SECTION, type Reply } from './reply.ts';

/** Each alias may need one, the last name up to three. */
const PROOFS_MAX = 32;

/** `*` in wire form. */
const ASTERISK = Uint8Array.of(1, 0x2a);

/**
 * Gathers what proves that names and types are not there, by NSEC (RFC 4035 §3.1.3) or NSEC3 (RFC 5155 §7.2), each record once.
 * A name's ancestor is given as its depth; `encloser` is the node of the closest one that exists.
 */
export class Denial {
  readonly #compact: CompactAnswers;
  #zone!: CompiledZone;
  #kind = 0;
  /** Nodes with an NSEC, or entries of the table of hashes. */
  readonly #proofs = new Uint32Array(PROOFS_MAX);
  #count = 0;
  readonly #hasher = new NameHasher();
  /** Floods of names that are not there have one closest encloser: its own two proofs are kept from one question to the next. */
  #knownEncloser = NONE;
  #encloserProof = 0;
  #wildcardProof = 0;
  readonly #labels = new Uint8Array(256);
  /** The name that is denied by a proof made for it (RFC 9824), and the wildcard that stands for it, or {@link NONE}. */
  #madeFor: AskedName | undefined;
  #wildcard = NONE;

  constructor(compact: CompactAnswers) {
    this.#compact = compact;
  }

  begin(zone: CompiledZone): void {
    if (this.#zone !== zone) this.#knownEncloser = NONE;
    this.#zone = zone;
    this.#kind = zone.denial;
    this.#count = 0;
    this.#madeFor = undefined;
  }

  /** The name does not exist, nor a wildcard that would stand for it. */
  noName(encloser: number, name: AskedName, depth: number): void {
    if (this.#kind === DENIAL.NSEC) {
      // RFC 4035 §3.1.3.2.
      this.#addBefore(encloser, name.bytes, name.ends[depth] as number);
      this.#addBefore(encloser, ASTERISK, 0);
    } else if (this.#kind === DENIAL.NSEC3) {
      this.#denyHashed(encloser, name, depth);
    } else if (this.#kind === DENIAL.COMPACT) this.#make(name, NONE);
  }

  /** The node is the name of `depth` labels and has no such type; for a cut, that it has no DS. */
  noType(node: number, name: AskedName, depth: number): void {
    if (this.#kind === DENIAL.NSEC) this.#addOwner(node);
    else if (this.#kind === DENIAL.NSEC3) {
      // RFC 5155 §7.2.3. RFC 5155 §7.2.4: under opt-out a cut without DS may have no NSEC3 of its own.
      if (!this.#addMatching(this.#hash(name, depth))) this.#addEncloser(name, depth - 1);
    } else if (this.#kind === DENIAL.COMPACT) {
      // RFC 9824 §3.2 and §3.4: a name that exists has an NSEC of its own, made ahead.
      this.#add(node);
    }
  }

  /** The wildcard that stands for the name has no such type. */
  noTypeAtWildcard(wildcard: number, encloser: number, name: AskedName, depth: number): void {
    if (this.#kind === DENIAL.NSEC) {
      // RFC 4035 §3.1.3.4.
      this.#addOwner(wildcard);
      this.#addBefore(encloser, name.bytes, name.ends[depth] as number);
    } else if (this.#kind === DENIAL.NSEC3) {
      // RFC 5155 §7.2.5.
      this.#addEncloser(name, depth);
      this.#addMatching(this.#hasher.hashWildcard(this.#zone, name, depth));
    } else if (this.#kind === DENIAL.COMPACT) this.#make(name, wildcard);
  }

  /** A wildcard answered: there is no name that is closer. */
  noCloserName(encloser: number, name: AskedName, depth: number): void {
    // RFC 4035 §3.1.3.3.
    if (this.#kind === DENIAL.NSEC) this.#addBefore(encloser, name.bytes, name.ends[depth] as number);
    // RFC 5155 §7.2.6: the signature tells the encloser, so its next closer name is enough.
    else if (this.#kind === DENIAL.NSEC3) this.#addCovering(this.#hash(name, depth + 1));
  }

  /** Adds the proofs to the authority section; whether there was room for all. */
  write(reply: Reply): boolean {
    for (let index = 0; index < this.#count; index++)
      if (!this.#put(reply, this.#proofs[index] as number)) return false;
    if (this.#madeFor === undefined) return true;
    const made = { name: this.#madeFor, wildcard: this.#wildcard, section: SECTION.AUTHORITY };
    return this.#compact.putNsec(reply, this.#zone, made);
  }

  #make(name: AskedName, wildcard: number): void {
    this.#madeFor = name;
    this.#wildcard = wildcard;
  }

  #put(reply: Reply, proof: number): boolean {
    const zone = this.#zone;
    if (this.#kind === DENIAL.NSEC3) {
      const bytes = writeHashedLabel(zone, proof, this.#labels);
      return reply.putNamedRRset(zone, hashedBlock(zone, proof), this.#labels, bytes);
    }
    const block = zone.findBlock(proof, TYPE.NSEC);
    const bytes = writeLabels(zone, proof, this.#labels);
    if (bytes === 0) return reply.putRRset(zone, block, reply.apexPosition, SECTION.AUTHORITY);
    return reply.putNamedRRset(zone, block, this.#labels, bytes);
  }

  #add(proof: number): void {
    for (let index = 0; index < this.#count; index++) if (this.#proofs[index] === proof) return;
    if (this.#count < PROOFS_MAX) this.#proofs[this.#count++] = proof;
  }

  /** The NSEC of the node, or of the one before that covers it. */
  #addOwner(node: number): void {
    const owner = findOwnerNotBehind(this.#zone, node);
    if (owner !== NONE) this.#add(owner);
  }

  /** The NSEC that covers the name which has the label at `at` of `bytes` below the encloser. */
  #addBefore(encloser: number, bytes: Uint8Array, at: number): void {
    this.#addOwner(findNodeBefore(this.#zone, encloser, bytes, at));
  }

  /** RFC 5155 §7.2.2: the closest encloser, the next closer name, and the wildcard. */
  #denyHashed(encloser: number, name: AskedName, depth: number): void {
    if (encloser === this.#knownEncloser) {
      this.#add(this.#encloserProof);
      this.#addCovering(this.#hash(name, depth + 1));
      this.#add(this.#wildcardProof);
      return;
    }
    const first = this.#count;
    const proven = this.#addEncloser(name, depth);
    const wildcard = findCoveringHash(this.#zone, this.#hasher.hashWildcard(this.#zone, name, proven));
    this.#add(wildcard);
    // Where aliases led here, the first of these proofs may be another's.
    if (proven !== depth || first > 0) return;
    this.#knownEncloser = encloser;
    this.#encloserProof = this.#proofs[0] as number;
    this.#wildcardProof = wildcard;
  }

  #hash(name: AskedName, depth: number): Uint32Array {
    return this.#hasher.hashName(this.#zone, name, depth);
  }

  /** Whether there is such an NSEC3. */
  #addMatching(hash: Uint32Array): boolean {
    const entry = findHash(this.#zone, hash);
    if (entry !== NONE) this.#add(entry);
    return entry !== NONE;
  }

  #addCovering(hash: Uint32Array): void {
    this.#add(findCoveringHash(this.#zone, hash));
  }

  /**
   * RFC 5155 §7.2.1: the NSEC3 of the closest ancestor that has one, and the one that covers the name below it. Gives that
   * ancestor's depth, which is `depth` but under opt-out.
   */
  #addEncloser(name: AskedName, depth: number): number {
    const apexDepth = this.#zone.depth;
    let proven = depth;
    while (proven > apexDepth && !this.#addMatching(this.#hash(name, proven))) proven--;
    if (proven === apexDepth) this.#addMatching(this.#hash(name, proven));
    this.#addCovering(this.#hash(name, proven + 1));
    return proven;
  }
}
