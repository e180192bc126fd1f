import { encodeUtf8, viewOf } from '../../../../base/bytes.ts';
import { hashName } from '../../dnssec/nsec3.ts';
import { parseBase32hex } from '../../base32hex.ts';
import { RCODE, TYPE, type Message, type ResourceRecord } from '../../message.ts';
import { decodeName, equalNames, formatName, isAtOrBelow, type Name } from '../../name.ts';
import { dataFromMessage } from '../../record-types/wire.ts';
import { compareBytes, compareCanonical } from '../../rrset.ts';
import { ALIASES_MAX } from '../answerer.ts';
import { decodeTypeBitmap } from '../../type-bitmap.ts';

/**
 * Follows an answer as a validator does (RFC 4035 §5, RFC 5155 §8), but for the signatures themselves: throws where something is not
 * signed that should be, or where it does not follow from the NSEC or NSEC3 records that something is not there.
 */
export function checkProofs(message: Message, apex: Name, hash: HashParameters | undefined): void {
  new Checker(message, apex, hash).check();
}

export interface HashParameters {
  readonly iterations: number;
  readonly salt: Uint8Array;
}

/** An NSEC or NSEC3: the names from `owner` to `next` that are not there, and what is at the owner. */
interface Proof {
  readonly owner: Name;
  readonly next: Name;
  readonly ownerHash: Uint8Array;
  readonly nextHash: Uint8Array;
  readonly optOut: boolean;
  readonly types: readonly number[];
}

class Checker {
  readonly #message: Message;
  readonly #apex: Name;
  readonly #hash: HashParameters | undefined;
  readonly #proofs: readonly Proof[];

  constructor(message: Message, apex: Name, hash: HashParameters | undefined) {
    this.#message = message;
    this.#apex = apex;
    this.#hash = hash;
    this.#proofs = message.authorities
      .filter(({ type }) => type === (hash === undefined ? TYPE.NSEC : TYPE.NSEC3))
      .map(record => this.#readProof(record));
  }

  check(): void {
    const [question] = this.#message.questions;
    if (question === undefined) throw new Error('no question');
    this.#checkSignatures();
    const last = this.#followAliases(question.name, question.type);
    if (last === undefined) return;
    const cut = this.#message.authorities.find(
      ({ type, name }) => type === TYPE.NS && isAtOrBelow(last, name),
    );
    if (cut !== undefined) this.#checkReferral(cut.name);
    else if (this.#message.rcode === RCODE.NXDOMAIN) this.#checkNoName(last);
    else this.#checkNoType(last, question.type);
  }

  /** RFC 4035 §3.1.1: all but the servers of a cut, and aliases made from a DNAME, have signatures in the same section. */
  #checkSignatures(): void {
    for (const section of [this.#message.answers, this.#message.authorities])
      for (const record of section) {
        const { name, type } = record;
        const isServer = type === TYPE.NS && section === this.#message.authorities;
        if (type === TYPE.RRSIG || isServer || this.#isSynthesized(record)) continue;
        if (this.#signatureOf(section, name, type) === undefined)
          throw new Error(`${formatName(name)} ${type} is not signed`);
      }
  }

  #isSynthesized({ name, type }: ResourceRecord): boolean {
    return type === TYPE.CNAME && this.#redirectionOf(name) !== undefined;
  }

  #redirectionOf(name: Name): ResourceRecord | undefined {
    return this.#message.answers.find(
      other => other.type === TYPE.DNAME && name.length > other.name.length && isAtOrBelow(name, other.name),
    );
  }

  /** The labels field of the signature: RFC 4034 §3.1.3. */
  #signatureOf(section: readonly ResourceRecord[], name: Name, type: number): number | undefined {
    const view = viewOf(this.#message.bytes);
    const signature = section.find(
      record =>
        record.type === TYPE.RRSIG &&
        equalNames(record.name, name) &&
        view.getUint16(record.dataStart) === type,
    );
    return signature === undefined ? undefined : this.#message.bytes[signature.dataStart + 3];
  }

  /** Where the aliases end with no answer; undefined: in an answer, outside of the zone, in a loop, or after too many. */
  #followAliases(asked: Name, type: number): Name | undefined {
    const seen: Name[] = [];
    let name = asked;
    while (isAtOrBelow(name, this.#apex) && !seen.some(other => equalNames(other, name))) {
      if (seen.length === ALIASES_MAX) return undefined;
      seen.push(name);
      const here = this.#message.answers.filter(record => equalNames(record.name, name));
      const found = here.find(record => record.type === type);
      const alias = here.find(record => record.type === TYPE.CNAME);
      const record = found ?? alias;
      if (record === undefined) return name;
      this.#checkExpansion(record);
      if (found !== undefined || alias === undefined) return undefined;
      const target = dataFromMessage(this.#message.bytes, TYPE.CNAME, alias.dataStart, alias.dataEnd);
      if (!target.ok) throw new Error(target.error);
      name = nameAt(target.value, 0).name;
    }
    return undefined;
  }

  /** RFC 4035 §5.3.4: fewer labels signed than the name has: no closer name may be there. */
  #checkExpansion({ name, type }: ResourceRecord): void {
    const labels = this.#signatureOf(this.#message.answers, name, type);
    // RFC 4034 §3.1.3: the asterisk itself is not counted.
    const own = formatName(name.slice(0, 1)) === '*' ? name.length - 1 : name.length;
    if (labels === undefined || labels >= own) return;
    this.#expectCovered(name.slice(name.length - labels - 1));
  }

  #checkReferral(cut: Name): void {
    if (this.#message.authorities.some(({ name, type }) => type === TYPE.DS && equalNames(name, cut))) return;
    const proof = this.#match(cut);
    // RFC 5155 §8.9: under opt-out, cuts that are not shown have no DS.
    if (proof === undefined) return this.#expectOptOut(cut);
    // RFC 6840 §4.1: NS without SOA is the parent's word on a cut.
    if (proof.types.includes(TYPE.DS) || !proof.types.includes(TYPE.NS) || proof.types.includes(TYPE.SOA))
      throw new Error(`${formatName(cut)} is not shown to be without DS`);
  }

  #expectOptOut(cut: Name): void {
    const encloser = this.#expectEncloser(cut);
    const nextCloser = cut.slice(cut.length - encloser.length - 1);
    if (!this.#proofs.some(proof => proof.optOut && this.#covers(proof, nextCloser)))
      throw new Error(`${formatName(cut)} is not shown to be without DS by opt-out`);
  }

  /** RFC 4035 §5.4, RFC 5155 §8.4. */
  #checkNoName(name: Name): void {
    const encloser = this.#expectEncloser(name);
    this.#expectCovered([encodeUtf8('*'), ...encloser]);
  }

  /** RFC 4035 §5.4, RFC 5155 §8.5 to §8.7. */
  #checkNoType(name: Name, type: number): void {
    if (this.#isEmptyNonTerminal(name)) return;
    let own = this.#match(name);
    if (own === undefined) {
      const wildcard = [encodeUtf8('*'), ...this.#expectEncloser(name)];
      if (this.#isEmptyNonTerminal(wildcard)) return;
      // RFC 5155 §8.6: what is not shown under opt-out may be a cut, which has no DS.
      if (type === TYPE.DS && this.#match(wildcard) === undefined) return this.#expectOptOut(name);
      own = this.#expectMatch(wildcard);
    }
    if (own.types.includes(type) || own.types.includes(TYPE.CNAME))
      throw new Error(`${formatName(name)} is shown to have type ${type} or an alias`);
    if (own.types.includes(TYPE.NS) && !own.types.includes(TYPE.SOA) && type !== TYPE.DS)
      throw new Error(`${formatName(name)} is a cut`);
  }

  /** RFC 4035 §5.4: a name that ends in it comes next. */
  #isEmptyNonTerminal(name: Name): boolean {
    if (this.#hash !== undefined) return false;
    return this.#proofs.some(proof => this.#covers(proof, name) && isAtOrBelow(proof.next, name));
  }

  /** The closest ancestor that is there, by the proofs alone. */
  #expectEncloser(name: Name): Name {
    for (let skipped = 1; name.length - skipped >= this.#apex.length; skipped++) {
      const encloser = name.slice(skipped);
      const isThere =
        this.#hash === undefined ? this.#isListed(encloser) : this.#match(encloser) !== undefined;
      if (!isThere) continue;
      this.#expectCovered(name.slice(skipped - 1));
      return encloser;
    }
    throw new Error(`no closest encloser of ${formatName(name)} is proven`);
  }

  #isListed(name: Name): boolean {
    return this.#proofs.some(({ owner, next }) => isAtOrBelow(owner, name) || isAtOrBelow(next, name));
  }

  #expectCovered(name: Name): void {
    const proof = this.#proofs.find(candidate => this.#covers(candidate, name));
    if (proof === undefined) throw new Error(`${formatName(name)} is not covered`);
    // RFC 6840 §4.1: a cut or DNAME above the name says nothing of what is below it.
    const isAbove = this.#hash === undefined && isAtOrBelow(name, proof.owner);
    const ends =
      proof.types.includes(TYPE.DNAME) || (proof.types.includes(TYPE.NS) && !proof.types.includes(TYPE.SOA));
    if (isAbove && ends) throw new Error(`${formatName(name)} is below the cut that should deny it`);
  }

  #expectMatch(name: Name): Proof {
    const proof = this.#match(name);
    if (proof === undefined) throw new Error(`${formatName(name)} has no proof of its own`);
    return proof;
  }

  #match(name: Name): Proof | undefined {
    const hash =
      this.#hash === undefined ? undefined : hashName(name, this.#hash.iterations, this.#hash.salt);
    return this.#proofs.find(proof =>
      hash === undefined ? equalNames(proof.owner, name) : compareBytes(proof.ownerHash, hash) === 0,
    );
  }

  /** Between the two, or behind the last one. */
  #covers({ owner, next, ownerHash, nextHash }: Proof, name: Name): boolean {
    if (this.#hash !== undefined) {
      const hash = hashName(name, this.#hash.iterations, this.#hash.salt);
      return isBetween(
        compareBytes(ownerHash, hash),
        compareBytes(hash, nextHash),
        compareBytes(ownerHash, nextHash),
      );
    }
    return isBetween(
      compareCanonical(owner, name),
      compareCanonical(name, next),
      compareCanonical(owner, next),
    );
  }

  #readProof({ name, type, dataStart, dataEnd }: ResourceRecord): Proof {
    const data = this.#message.bytes.subarray(dataStart, dataEnd);
    const none = new Uint8Array();
    if (type === TYPE.NSEC) {
      const next = nameAt(data, 0);
      const types = decodeTypeBitmap(data.subarray(next.end)) ?? [];
      return { owner: name, next: next.name, ownerHash: none, nextHash: none, optOut: false, types };
    }
    const hashAt = 6 + (data[4] as number);
    const hashEnd = hashAt + (data[hashAt - 1] as number);
    return {
      owner: name,
      next: [],
      ownerHash: parseBase32hex(formatName(name.slice(0, 1))) ?? none,
      nextHash: data.subarray(hashAt, hashEnd),
      optOut: ((data[1] as number) & 1) !== 0,
      types: decodeTypeBitmap(data.subarray(hashEnd)) ?? [],
    };
  }
}

function isBetween(afterOwner: number, beforeNext: number, ownerToNext: number): boolean {
  if (ownerToNext < 0) return afterOwner < 0 && beforeNext < 0;
  // The chain goes round over its end.
  return afterOwner < 0 || beforeNext < 0;
}

function nameAt(data: Uint8Array, offset: number): { name: Name; end: number } {
  const decoded = decodeName(data, offset);
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}
