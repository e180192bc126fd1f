import { AskedName } from '../compiled/asked-name.ts';
import { CLASS_IN, FLAG, HEADER_BYTES, OPCODE, TYPE } from '../message.ts';
import { EDNS_FLAG, EDNS_OPTION, OPT_FIXED_BYTES } from './edns.ts';

/** What is to be done with a request. */
export const VERDICT = {
  ANSWER: 0,
  /** Nothing: it is no request, or too short to be answered. */
  DROP: 1,
  /** It is for others: transfers, updates, what is signed. */
  PASS_ON: 2,
  FORMERR: 3,
  /** Well-formed up to the question; the options are not. */
  EDNS_FORMERR: 4,
  NOTIMP: 5,
  BADVERS: 6,
  /** Another class. */
  REFUSED: 7,
  /** RFC 7873 §5.4: no question, a cookie is asked for. */
  COOKIE_ONLY: 8,
  /** A type that is no question: RFC 9824 §3.5. */
  INVALID_TYPE: 9,
} as const;
export type Verdict = (typeof VERDICT)[keyof typeof VERDICT];

/** RFC 6891 §6.2.3: a requestor takes at least what it took before EDNS. */
export const PLAIN_MAX_BYTES = 512;
/** RFC 5936, RFC 1995: they are long, and need what the main thread has. */
const TRANSFERS: ReadonlySet<number> = new Set([TYPE.AXFR, TYPE.IXFR]);

/** A request, read in place. Made once and filled for every request. */
export class Query {
  readonly name: AskedName = new AskedName();
  bytes: Uint8Array = new Uint8Array();
  start = 0;
  end = 0;
  id = 0;
  /** The header's second word. */
  flags = 0;
  type = 0;
  class = 0;
  /** The position behind the question; behind the header where there is none to be repeated. */
  questionEnd = 0;
  /** Whether it has an OPT record; the rest is about that. */
  edns = false;
  payloadBytes = 0;
  dnssecOk = false;
  /** RFC 9824 §5.1: takes NXDOMAIN with the proof of a name that exists without data. */
  takesCompact = false;
  wantsNsid = false;
  wantsKeepalive = false;
  wantsPadding = false;
  /** RFC 7873 §4: 8 bytes of the client, then 8 to 32 of a server. 0: there is none. */
  cookieAt = 0;
  cookieBytes = 0;
  #version = 0;

  /** Whether name, type and class are those of its question. */
  get hasQuestion(): boolean {
    return this.questionEnd > HEADER_BYTES;
  }

  read(bytes: Uint8Array, start: number, length: number): Verdict {
    this.bytes = bytes;
    this.start = start;
    this.end = start + length;
    this.questionEnd = HEADER_BYTES;
    this.edns = this.dnssecOk = this.takesCompact = false;
    this.wantsNsid = this.wantsKeepalive = this.wantsPadding = false;
    this.payloadBytes = PLAIN_MAX_BYTES;
    this.cookieAt = this.cookieBytes = this.#version = 0;
    if (length < HEADER_BYTES) return VERDICT.DROP;
    this.id = this.#half(0);
    this.flags = this.#half(2);
    // An answer to an answer would go round for ever.
    if ((this.flags & FLAG.QR) !== 0) return VERDICT.DROP;
    const opcode = (this.flags >>> 11) & 0xf;
    if (opcode === OPCODE.NOTIFY || opcode === OPCODE.UPDATE) return VERDICT.PASS_ON;
    if (opcode !== OPCODE.QUERY) return VERDICT.NOTIMP;
    return this.#readSections();
  }

  #readSections(): Verdict {
    const questions = this.#half(4);
    // RFC 9619 §4: a query has one question at most.
    if (questions > 1) return VERDICT.FORMERR;
    if (questions === 1 && !this.#readQuestion()) return VERDICT.FORMERR;
    if (questions === 1 && TRANSFERS.has(this.type)) return VERDICT.PASS_ON;
    // A query has nothing to answer with.
    if (this.#half(6) !== 0 || this.#half(8) !== 0) return VERDICT.FORMERR;
    const verdict = this.#readAdditional();
    if (verdict !== VERDICT.ANSWER) return verdict;
    // RFC 6891 §6.1.3: the version comes first; what a later one means by the rest is not known.
    if (this.#version !== 0) return VERDICT.BADVERS;
    if (questions === 0) return this.cookieAt === 0 ? VERDICT.FORMERR : VERDICT.COOKIE_ONLY;
    if (this.class !== CLASS_IN) return VERDICT.REFUSED;
    // RFC 9824 §3.5: NXNAME stands in NSEC records alone.
    return this.type === TYPE.NXNAME ? VERDICT.INVALID_TYPE : VERDICT.ANSWER;
  }

  #readQuestion(): boolean {
    const position = this.name.takeQuestion(this.bytes, this.start, this.end);
    if (position === 0 || this.start + position + 4 > this.end) return false;
    this.type = this.#half(position);
    this.class = this.#half(position + 2);
    this.questionEnd = position + 4;
    return true;
  }

  #readAdditional(): Verdict {
    let position = this.questionEnd;
    let faulty = false;
    for (let left = this.#half(10); left > 0; left--) {
      const fields = this.#skipName(position);
      if (fields === 0 || this.start + fields + 10 > this.end) return VERDICT.FORMERR;
      const data = fields + 10;
      const length = this.#half(fields + 8);
      if (this.start + data + length > this.end) return VERDICT.FORMERR;
      const type = this.#half(fields);
      // RFC 8945 §5.2: who signs wants a signed answer.
      if (type === TYPE.TSIG || type === TYPE.SIG) return VERDICT.PASS_ON;
      // RFC 6891 §6.1.1: one OPT record, its owner the root.
      if (type === TYPE.OPT && (this.edns || fields !== position + 1)) faulty = true;
      else if (type === TYPE.OPT && !this.#readOpt(fields, length)) faulty = true;
      position = data + length;
    }
    if (this.start + position !== this.end) return VERDICT.FORMERR;
    return faulty ? VERDICT.EDNS_FORMERR : VERDICT.ANSWER;
  }

  /** RFC 6891 §6.1.2 and §6.1.3. Unknown flags and options mean nothing. */
  #readOpt(fields: number, length: number): boolean {
    this.edns = true;
    this.payloadBytes = Math.max(PLAIN_MAX_BYTES, this.#half(fields + 2));
    this.#version = this.bytes[this.start + fields + 5] as number;
    const flags = this.#half(fields + 6);
    this.dnssecOk = (flags & EDNS_FLAG.DO) !== 0;
    this.takesCompact = (flags & EDNS_FLAG.CO) !== 0;
    const end = fields + OPT_FIXED_BYTES - 1 + length;
    let position = end - length;
    while (position + 4 <= end) {
      const code = this.#half(position);
      const bytes = this.#half(position + 2);
      position += 4;
      if (position + bytes > end) return false;
      if (code === EDNS_OPTION.NSID) this.wantsNsid = true;
      if (code === EDNS_OPTION.TCP_KEEPALIVE) this.wantsKeepalive = true;
      if (code === EDNS_OPTION.PADDING) this.wantsPadding = true;
      if (code === EDNS_OPTION.COOKIE && this.cookieAt === 0) {
        // RFC 7873 §5.2.2: any other length is malformed.
        if (bytes !== 8 && (bytes < 16 || bytes > 40)) return false;
        this.cookieAt = position;
        this.cookieBytes = bytes;
      }
      position += bytes;
    }
    return position === end;
  }

  /** The position after a name, which may be compressed; 0 where it runs past the message or is malformed. */
  #skipName(position: number): number {
    for (;;) {
      const length = this.bytes[this.start + position] as number;
      if (this.start + position >= this.end) return 0;
      if (length === 0) return position + 1;
      if (length >= 0xc0) return position + 2;
      if (length > 63) return 0;
      position += 1 + length;
    }
  }

  #half(position: number): number {
    const at = this.start + position;
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }
}
