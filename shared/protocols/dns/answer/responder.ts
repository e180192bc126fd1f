import { PASS_ON } from '../../../devices/udp.ts';
import type { Directory } from '../compiled/directory.ts';
import { DENIAL } from '../compiled/layout.ts';
import { mixHash } from '../compiled/name-hash.ts';
import { FLAG, HEADER_BYTES, RCODE } from '../message.ts';
import { Answerer } from './answerer.ts';
import { Cookies } from './cookies.ts';
import type { SignOnline } from './compact-answers.ts';
import { DATAGRAM_MAX_BYTES, EDNS_FLAG } from './edns.ts';
import type { Exchange } from './exchange.ts';
import { OnlineAllowance } from './online-allowance.ts';
import { INVALID_DATA, INVALID_QUERY_TYPE, NOT_AUTHORITATIVE, OptWriter } from './opt-writer.ts';
import { Query, VERDICT, type Verdict } from './query.ts';
import { OUTCOME, type RateLimiter } from './rate-limiter.ts';
import { Reply } from './reply.ts';
import { chooseZone } from './zone-choice.ts';

/** RFC 1035 §4.2.2: the length before a message of a stream has two bytes. */
const STREAM_MAX_BYTES = 0xffff;

export interface ResponderParts {
  readonly limiter?: RateLimiter;
  readonly sign?: SignOnline;
}

/** Answers requests one by one; holds the memory to do it without making objects. One for each plane and transport. */
export class Responder {
  readonly #query = new Query();
  readonly #reply = new Reply();
  readonly #answerer: Answerer;
  readonly #cookies = new Cookies();
  readonly #opt = new OptWriter();
  readonly #limiter: RateLimiter | undefined;
  readonly #isSigner: boolean;
  readonly #allowance = new OnlineAllowance();
  #nowMs = 0;
  #rcode = 0;
  #authoritative = false;
  /** See {@link RateLimiter}. */
  #kind = 0;

  /** `limiter` is for datagrams, whose source may be forged; `sign` is there where the keys of zones are. */
  constructor({ limiter, sign }: ResponderParts) {
    this.#limiter = limiter;
    this.#isSigner = sign !== undefined;
    const signNow: SignOnline | undefined =
      sign && ((apex, rrset) => (this.#allowance.take(this.#nowMs) ? sign(apex, rrset) : undefined));
    this.#answerer = new Answerer(this.#reply, signNow);
  }

  /** The length of the answer; 0: there is none to be sent; `PASS_ON`: others have to answer. */
  respond(directory: Directory, exchange: Exchange, nowMs: number): number {
    const verdict = this.#query.read(exchange.request, exchange.requestStart, exchange.requestLength);
    const length = this.#respondBy(verdict, directory, exchange, nowMs);
    if (verdict === VERDICT.DROP) return length;
    const { counts } = directory;
    const { transport } = exchange;
    if (this.#query.hasQuestion && !exchange.isCounted) counts.countType(transport, this.#query.type);
    if (length === 0) counts.countLimited(transport);
    else if (length !== PASS_ON) counts.countRcode(transport, this.#rcode);
    return length;
  }

  #respondBy(verdict: Verdict, directory: Directory, exchange: Exchange, nowMs: number): number {
    this.#reply.begin(exchange.reply, exchange.replyStart);
    this.#authoritative = false;
    switch (verdict) {
      case VERDICT.DROP:
        return 0;
      case VERDICT.PASS_ON:
        return PASS_ON;
      // Of an unknown opcode, and of a message that cannot be read, nothing behind the header is known.
      case VERDICT.NOTIMP:
        return this.#end(RCODE.NOTIMP);
      case VERDICT.FORMERR:
        return this.#end(RCODE.FORMERR);
      default:
        return this.#respondTo(verdict, directory, exchange, nowMs);
    }
  }

  #respondTo(verdict: Verdict, directory: Directory, exchange: Exchange, nowMs: number): number {
    const query = this.#query;
    const reply = this.#reply;
    const hasCookie = this.#cookies.take(directory, query, exchange, nowMs);
    this.#opt.begin(directory, query, exchange, hasCookie ? this.#cookies.cookie : undefined);
    // The question goes back as it came, letters in the same case.
    reply.copy(query.bytes, query.start + HEADER_BYTES, query.questionEnd - HEADER_BYTES);
    const limit = sizeLimit(query, exchange);
    reply.limit = limit - this.#opt.bytes;
    reply.signed = query.dnssecOk;
    this.#kind = 0;
    const isComplete = verdict === VERDICT.ANSWER ? this.#answer(directory, nowMs) : this.#refuse(verdict);
    reply.limit = limit;
    const isProven = this.#cookies.isValid;
    const outcome =
      this.#limiter === undefined || isProven
        ? OUTCOME.SEND
        : this.#limiter.check(directory, exchange, this.#kind, nowMs);
    if (outcome === OUTCOME.DROP) return 0;
    if (outcome === OUTCOME.SLIP) this.#slip(hasCookie);
    else if (!isComplete) {
      // The rate limit comes first: what is not to be sent is not signed either.
      if (!this.#isSigner && this.#allowance.take(nowMs)) return PASS_ON;
      if (exchange.isStream) this.#fail();
      else this.#slip(hasCookie && !isProven);
    }
    this.#opt.write(reply, this.#rcode);
    return this.#end(this.#rcode);
  }

  #refuse(verdict: Verdict): boolean {
    this.#rcode = RCODE_OF[verdict] ?? RCODE.NOERROR;
    if (verdict === VERDICT.REFUSED) this.#opt.extendedError = NOT_AUTHORITATIVE;
    if (verdict === VERDICT.INVALID_TYPE) this.#opt.extendedError = INVALID_QUERY_TYPE;
    return true;
  }

  /** False: something has to be signed that is not signed here, or not now. */
  #answer(directory: Directory, nowMs: number): boolean {
    this.#nowMs = nowMs;
    const { name, type, takesCompact } = this.#query;
    const asked = name.hashes[name.labels] as number;
    const zone = chooseZone(directory, name, type);
    if (zone === undefined) {
      this.#rcode = RCODE.REFUSED;
      this.#opt.extendedError = NOT_AUTHORITATIVE;
      return true;
    }
    const apex = name.hashes[zone.depth] as number;
    if (!zone.isAnswered) {
      // RFC 1034 §4.3.5, and as BIND, Knot and NSD do: resolvers go to another server of the zone.
      this.#rcode = RCODE.SERVFAIL;
      this.#opt.extendedError = INVALID_DATA;
      this.#kind = mixHash(apex, RCODE.SERVFAIL);
      return true;
    }
    const isComplete = this.#answerer.answer(zone, name, type, takesCompact);
    this.#rcode = this.#answerer.rcode;
    this.#authoritative = this.#answerer.authoritative;
    // RFC 9824 §5.1: a server of compact denial sends CO back.
    if (takesCompact && zone.denial === DENIAL.COMPACT) this.#opt.flags |= EDNS_FLAG.CO;
    // Names that are there are few; of those that are not, or that a wildcard makes, an attacker has as many as he likes.
    this.#kind = mixHash(this.#answerer.isExact ? asked : apex, this.#rcode);
    return isComplete;
  }

  /** RFC 7873 §5.2.3: who sends cookies can show by one that the source is his own; others come by TCP. */
  #slip(hasCookie: boolean): void {
    this.#reply.clear(this.#query.questionEnd);
    this.#rcode = hasCookie ? RCODE.BADCOOKIE : RCODE.NOERROR;
    this.#reply.truncated = !hasCookie;
  }

  /** Too much is to be signed at once; over a stream there is no other way to come by. */
  #fail(): void {
    this.#reply.clear(this.#query.questionEnd);
    this.#reply.truncated = this.#authoritative = false;
    this.#rcode = RCODE.SERVFAIL;
  }

  /** Writes the header: RFC 1035 §4.1.1. Flags that have no meaning stay zero (RFC 8906 §3.1.3), and AD and CD (RFC 4035 §3.1.6). */
  #end(rcode: number): number {
    this.#rcode = rcode;
    const reply = this.#reply;
    const query = this.#query;
    const kept = FLAG.RD | OPCODE_BITS;
    const authoritative = this.#authoritative ? FLAG.AA : 0;
    const truncated = reply.truncated ? FLAG.TC : 0;
    reply.set16(0, query.id);
    reply.set16(2, FLAG.QR | (query.flags & kept) | authoritative | truncated | (rcode & 0xf));
    reply.set16(4, query.hasQuestion && reply.position > HEADER_BYTES ? 1 : 0);
    return reply.end();
  }
}

const OPCODE_BITS = 0x7800;

const RCODE_OF: Readonly<Partial<Record<Verdict, number>>> = {
  [VERDICT.EDNS_FORMERR]: RCODE.FORMERR,
  [VERDICT.BADVERS]: RCODE.BADVERS,
  [VERDICT.REFUSED]: RCODE.REFUSED,
  [VERDICT.INVALID_TYPE]: RCODE.FORMERR,
};

function sizeLimit(query: Query, { isStream, replyRoom }: Exchange): number {
  const limit = isStream ? STREAM_MAX_BYTES : Math.min(query.payloadBytes, DATAGRAM_MAX_BYTES);
  return Math.min(limit, replyRoom);
}
