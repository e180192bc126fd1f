import type { Directory } from '../compiled/directory.ts';
import { DIRECTORY, NSID_AT } from '../compiled/layout.ts';
import { TYPE } from '../message.ts';
import { COOKIE_BYTES } from './cookies.ts';
import {
  DATAGRAM_MAX_BYTES,
  EDNS_FLAG,
  EDNS_OPTION,
  OPT_FIXED_BYTES,
  OPTION_FIXED_BYTES,
  PADDING_BLOCK_BYTES,
} from './edns.ts';
import type { Exchange } from './exchange.ts';
import type { Query } from './query.ts';
import { SECTION, type Reply } from './reply.ts';

/** RFC 8914 §4.21: not the server for that zone. */
export const NOT_AUTHORITATIVE = 20;
/** RFC 8914 §4.25: "its most recent zone being too old or having expired". */
export const INVALID_DATA = 24;
/** RFC 9824 §3.5. */
export const INVALID_QUERY_TYPE = 30;
export const NO_EXTENDED_ERROR = -1;
const NUMBER_BYTES = 2;

/** Writes the OPT record of an answer. Set up before the rest of the answer, so that room is kept for it. */
export class OptWriter {
  /** How many bytes are kept for it; 0: the query had none, so the answer has none (RFC 6891 §7). */
  bytes = 0;
  /** RFC 8914 §2, or {@link NO_EXTENDED_ERROR}: told where there is room. */
  extendedError: number = NO_EXTENDED_ERROR;
  /** Of {@link EDNS_FLAG}. */
  flags = 0;
  #directory!: Directory;
  #nsidBytes = 0;
  #cookie: Uint8Array | undefined;
  #keepaliveTenths = 0;
  #pads = false;

  begin(directory: Directory, query: Query, exchange: Exchange, cookie: Uint8Array | undefined): void {
    this.#directory = directory;
    this.#cookie = cookie;
    this.extendedError = NO_EXTENDED_ERROR;
    // RFC 3225 §3: DO comes back as it was sent; flags that have no meaning are zero.
    this.flags = query.dnssecOk ? EDNS_FLAG.DO : 0;
    this.#nsidBytes = query.wantsNsid ? (directory.header[DIRECTORY.NSID_BYTES] as number) : 0;
    this.#keepaliveTenths = query.wantsKeepalive ? exchange.keepaliveTenths : 0;
    // RFC 7830 §4 and §6: for who sends the option, and where nobody else can see the length anyway.
    this.#pads = query.wantsPadding && exchange.isEncrypted;
    this.bytes = 0;
    if (!query.edns) return;
    this.bytes = OPT_FIXED_BYTES;
    if (this.#nsidBytes > 0) this.bytes += OPTION_FIXED_BYTES + this.#nsidBytes;
    if (cookie !== undefined) this.bytes += OPTION_FIXED_BYTES + COOKIE_BYTES;
    if (this.#keepaliveTenths > 0) this.bytes += OPTION_FIXED_BYTES + NUMBER_BYTES;
    if (this.#pads) this.bytes += OPTION_FIXED_BYTES;
  }

  /** The record goes where the reply stands. */
  write(reply: Reply, rcode: number): void {
    if (this.bytes === 0) return;
    const start = reply.position;
    reply.bytes[reply.start + start] = 0;
    reply.set16(start + 1, TYPE.OPT);
    // What we take is as much as we send.
    reply.set16(start + 3, DATAGRAM_MAX_BYTES);
    // RFC 6891 §6.1.3: the upper bits of the rcode, then the version, which is 0.
    reply.set16(start + 5, (rcode >>> 4) << 8);
    reply.set16(start + 7, this.flags);
    reply.position += OPT_FIXED_BYTES;
    if (this.#nsidBytes > 0) {
      this.#option(reply, EDNS_OPTION.NSID, this.#nsidBytes);
      reply.copy(this.#directory.bytes, NSID_AT, this.#nsidBytes);
    }
    if (this.#cookie !== undefined) {
      this.#option(reply, EDNS_OPTION.COOKIE, COOKIE_BYTES);
      reply.copy(this.#cookie, 0, COOKIE_BYTES);
    }
    if (this.#keepaliveTenths > 0) this.#number(reply, EDNS_OPTION.TCP_KEEPALIVE, this.#keepaliveTenths);
    const kept = OPTION_FIXED_BYTES + NUMBER_BYTES + (this.#pads ? OPTION_FIXED_BYTES : 0);
    if (this.extendedError !== NO_EXTENDED_ERROR && reply.position + kept <= reply.limit)
      this.#number(reply, EDNS_OPTION.EXTENDED_ERROR, this.extendedError);
    if (this.#pads) this.#pad(reply);
    reply.set16(start + OPT_FIXED_BYTES - 2, reply.position - start - OPT_FIXED_BYTES);
    reply.add(SECTION.ADDITIONAL, 1);
  }

  /** RFC 7830 §3: as many zeros as make the whole message a multiple of the block, so nothing can follow. */
  #pad(reply: Reply): void {
    const start = reply.position + OPTION_FIXED_BYTES;
    const end = Math.min(Math.ceil(start / PADDING_BLOCK_BYTES) * PADDING_BLOCK_BYTES, reply.limit);
    this.#option(reply, EDNS_OPTION.PADDING, end - start);
    reply.bytes.fill(0, reply.start + start, reply.start + end);
    reply.position = end;
  }

  #number(reply: Reply, code: number, value: number): void {
    this.#option(reply, code, NUMBER_BYTES);
    reply.set16(reply.position, value);
    reply.position += NUMBER_BYTES;
  }

  #option(reply: Reply, code: number, bytes: number): void {
    reply.set16(reply.position, code);
    reply.set16(reply.position + 2, bytes);
    reply.position += OPTION_FIXED_BYTES;
  }
}
