import type { AskedName } from '../compiled/asked-name.ts';
import { NONE, type CompiledZone } from '../compiled/compiled-zone.ts';
import { BLOCK, DENIAL, NODE_FLAG } from '../compiled/layout.ts';
import { RCODE, TYPE } from '../message.ts';
import { Additional } from './additional.ts';
import { CompactAnswers, type SignOnline } from './compact-answers.ts';
import { Denial } from './denial.ts';
import { isTooLong, putSynthesizedAlias, Redirections } from './redirection.ts';
import { RECORD_BYTES, SECTION, type Reply } from './reply.ts';

/** How many aliases one answer follows: resolvers stop at 8 to 16. */
export const ALIASES_MAX = 16;
const NO_WILDCARD = 0;

/** RFC 1034 §4.3.2: the answer of one zone to one question, written into a reply that has the question already. */
export class Answerer {
  rcode = 0;
  authoritative = false;
  /** The question's name has records of its own that are the answer. */
  isExact = false;
  readonly #reply: Reply;
  readonly #additional = new Additional();
  readonly #compact: CompactAnswers;
  readonly #denial: Denial;
  /** Each is followed by an alias, and one more may come behind the last. */
  readonly #redirections = new Redirections(ALIASES_MAX + 1);
  #zone!: CompiledZone;
  #name!: AskedName;
  #type = 0;
  #takesCompact = false;
  #aliases = 0;
  /** The hashes of the names that were aliases; two names with one hash would end an answer early, and no more. */
  readonly #aliasHashes = new Int32Array(ALIASES_MAX);

  /** `sign`: where the keys of zones with compact denial are. */
  constructor(reply: Reply, sign?: SignOnline) {
    this.#reply = reply;
    this.#compact = new CompactAnswers(sign);
    this.#denial = new Denial(this.#compact);
  }

  /**
   * `takesCompact`: who asks knows compact denial. False: a signature that is needed can only be made by who has the zone's keys (RFC 9824).
   */
  answer(zone: CompiledZone, name: AskedName, type: number, takesCompact: boolean): boolean {
    this.#zone = zone;
    this.#name = name;
    this.#type = type;
    this.#takesCompact = takesCompact;
    this.#aliases = 0;
    this.#compact.isComplete = true;
    this.rcode = RCODE.NOERROR;
    this.authoritative = true;
    this.isExact = false;
    this.#additional.clear();
    this.#redirections.clear();
    this.#denial.begin(zone);
    this.#reply.apexPosition = name.positions[zone.depth] as number;
    // RFC 4035 §3.1: an unsigned zone answers as if DO were not set; its DS records would lead nowhere.
    if (zone.denial === DENIAL.NONE) this.#reply.signed = false;
    let more = true;
    while (more) more = this.#answerName();
    if (!this.#reply.truncated && this.#reply.signed)
      this.#reply.truncated = !this.#denial.write(this.#reply);
    if (!this.#reply.truncated) this.#additional.write(zone, this.#reply);
    return this.#compact.isComplete;
  }

  /** Answers for the name at hand; whether an alias leads to another one. */
  #answerName(): boolean {
    const zone = this.#zone;
    const name = this.#name;
    let depth = name.labels;
    let node = zone.findNode(name, depth);
    while (node === NONE) node = zone.findNode(name, --depth);
    const flags = zone.flags(node);
    const isWhole = depth === name.labels;
    // RFC 4035 §3.1.4.1: the DS RRset of a cut is the parent's own.
    if ((flags & NODE_FLAG.CUT) !== 0 && !(isWhole && this.#type === TYPE.DS))
      return this.#refer(node, depth);
    if (isWhole) return this.#answerFrom(node, NONE, depth);
    if ((flags & NODE_FLAG.DNAME) !== 0) return this.#redirect(node, depth);
    // RFC 4592 §3.3.1: only the wildcard directly below the closest encloser is the source of synthesis.
    const wildcard = zone.wildcard(node);
    if (this.#isCompact && this.#type === TYPE.NSEC) return this.#answerByNsec(wildcard);
    if (wildcard !== NO_WILDCARD) return this.#answerFrom(wildcard, node, depth);
    // RFC 6604 §3: behind aliases too, the rcode is that of the last name. RFC 9824 §3.1 and §5.1: what is denied as a name without
    // data is told by it only to those who know it from its NSEC.
    this.rcode = this.#isCompact && !this.#takesCompact ? RCODE.NOERROR : RCODE.NXDOMAIN;
    this.#putNegativeSoa();
    if (this.#reply.signed) this.#denial.noName(node, name, depth);
    return false;
  }

  get #isCompact(): boolean {
    return this.#reply.signed && this.#zone.denial === DENIAL.COMPACT;
  }

  /** RFC 9824 §3.1: every name has an NSEC, also to those who ask for it. */
  #answerByNsec(wildcard: number): boolean {
    const made = {
      name: this.#name,
      wildcard: wildcard === NO_WILDCARD ? NONE : wildcard,
      section: SECTION.ANSWER,
    };
    if (!this.#compact.putNsec(this.#reply, this.#zone, made)) this.#reply.truncated = true;
    return false;
  }

  /** Answers from the node's RRsets. `encloser`: the node above a wildcard that stands for the name, or {@link NONE}. */
  #answerFrom(node: number, encloser: number, depth: number): boolean {
    // RFC 2181 §5: an RRset stands in an answer once, and this one has led here.
    if (this.#type === TYPE.DNAME && this.#redirections.find(node) !== 0) return false;
    const start = this.#reply.position;
    const isMade = encloser !== NONE && this.#isCompact;
    // The wildcard's own signatures would call for a proof that no name is closer.
    if (isMade) this.#reply.signed = false;
    const found = this.#putWanted(node);
    const alias = found === NONE && this.#type !== TYPE.CNAME ? this.#putRRset(node, TYPE.CNAME) : NONE;
    if (isMade) this.#reply.signed = true;
    if (found === NONE && alias === NONE) {
      this.#putNegativeSoa();
      if (this.#reply.signed) this.#denyType(node, encloser, depth);
      return false;
    }
    this.isExact ||= this.#aliases === 0 && encloser === NONE;
    if (isMade) this.#signExpanded(start);
    else if (encloser !== NONE && this.#reply.signed) this.#denial.noCloserName(encloser, this.#name, depth);
    if (alias === NONE) {
      this.#additional.note(found, start, this.#owner());
      return false;
    }
    return this.#moveTo(start + RECORD_BYTES);
  }

  /** Puts what the question asks of the node; the block, or {@link NONE} where there is none. */
  #putWanted(node: number): number {
    const zone = this.#zone;
    if (this.#type === TYPE.RRSIG) return this.#putAllSignatures(node);
    if (this.#type !== TYPE.ANY) return this.#putRRset(node, this.#type);
    if (zone.blockCount(node) === 0) return NONE;
    // RFC 8482 §4.1: one RRset is enough of an answer to ANY.
    const block = zone.firstBlock(node);
    this.#put(block, this.#owner(), SECTION.ANSWER);
    return block;
  }

  #putRRset(node: number, type: number): number {
    const block = this.#zone.findBlock(node, type);
    if (block !== NONE) this.#put(block, this.#owner(), SECTION.ANSWER);
    return block;
  }

  /** The signatures stand behind what they cover, so they are gathered for who asks for RRSIG. */
  #putAllSignatures(node: number): number {
    let found = NONE;
    let block = this.#zone.firstBlock(node);
    // RFC 2181 §5: those of a DNAME that has led here stand in the answer already, where signatures go along.
    const isThere = this.#reply.signed && this.#redirections.find(node) !== 0;
    for (let left = this.#zone.blockCount(node); left > 0; left--) {
      if (this.#zone.half(block, BLOCK.SIGNATURES) > 0) {
        found = block;
        const isRepeated = isThere && this.#zone.half(block, BLOCK.TYPE) === TYPE.DNAME;
        if (!isRepeated && !this.#reply.putSignatures(this.#zone, block, this.#owner()))
          this.#reply.truncated = true;
      }
      block = this.#zone.nextBlock(block);
    }
    return found;
  }

  #signExpanded(start: number): void {
    // RFC 4035 §2.2: RRSIGs are not signed.
    if (this.#reply.truncated || this.#type === TYPE.RRSIG) return;
    if (!this.#compact.signExpanded(this.#reply, start, this.#name)) this.#reply.truncated = true;
  }

  #denyType(node: number, encloser: number, depth: number): void {
    if (encloser === NONE) this.#denial.noType(node, this.#name, depth);
    else this.#denial.noTypeAtWildcard(node, encloser, this.#name, depth);
  }

  /** RFC 1034 §4.3.2 step 3b: the servers of the zone below, with proof of how it is signed (RFC 4035 §3.1.4). */
  #refer(cut: number, depth: number): boolean {
    const reply = this.#reply;
    if (reply.count(SECTION.ANSWER) === 0) this.authoritative = false;
    const owner = this.#name.positions[depth] as number;
    const start = reply.position;
    const servers = this.#zone.findBlock(cut, TYPE.NS);
    if (!this.#put(servers, owner, SECTION.AUTHORITY)) return false;
    this.#additional.note(servers, start, owner);
    if (!reply.signed) return false;
    const signer = this.#zone.findBlock(cut, TYPE.DS);
    if (signer === NONE) this.#denial.noType(cut, this.#name, depth);
    else this.#put(signer, owner, SECTION.AUTHORITY);
    return false;
  }

  /** RFC 6672 §3.2: the DNAME, a CNAME made from it, and on with the new name. */
  #redirect(node: number, depth: number): boolean {
    const reply = this.#reply;
    const name = this.#name;
    let redirection = this.#redirections.find(node);
    if (redirection === 0) {
      redirection = reply.position;
      const block = this.#zone.findBlock(node, TYPE.DNAME);
      if (!this.#put(block, name.positions[depth] as number, SECTION.ANSWER)) return false;
      this.#redirections.note(node, redirection);
    }
    if (isTooLong(reply, name, { depth, redirection })) {
      // RFC 6672 §2.2.
      this.rcode = RCODE.YXDOMAIN;
      return false;
    }
    const target = putSynthesizedAlias(reply, name, { depth, redirection });
    if (target === 0) {
      reply.truncated = true;
      return false;
    }
    // The alias itself is what was asked for: so do NSD, Knot and BIND, where RFC 6672 §3.2 says nothing.
    return this.#type !== TYPE.CNAME && this.#type !== TYPE.ANY && this.#moveTo(target);
  }

  /** Where the name at hand stands in the reply. */
  #owner(): number {
    return this.#name.positions[this.#name.labels] as number;
  }

  #put(block: number, owner: number, section: number): boolean {
    if (this.#reply.putRRset(this.#zone, block, owner, section)) return true;
    this.#reply.truncated = true;
    return false;
  }

  #putNegativeSoa(): void {
    const soa = this.#zone.negativeSoa;
    this.#put(soa, this.#reply.apexPosition, SECTION.AUTHORITY);
  }

  /** Goes on with the name at `position` of the reply, if it is one of the zone and was not there before. */
  #moveTo(position: number): boolean {
    const { bytes, start, truncated } = this.#reply;
    if (truncated || this.#aliases === ALIASES_MAX) return false;
    const name = this.#name;
    this.#aliasHashes[this.#aliases++] = name.hashes[name.labels] as number;
    name.takeWritten(bytes, start, position);
    const hash = name.hashes[name.labels] as number;
    // RFC 1034 §3.6.2: aliases may form a loop.
    for (let index = 0; index < this.#aliases; index++) if (this.#aliasHashes[index] === hash) return false;
    return this.#zone.contains(name);
  }
}
