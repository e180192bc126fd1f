import { NONE, type CompiledZone } from '../compiled/compiled-zone.ts';
import { BLOCK, LINK, LINK_FLAG } from '../compiled/layout.ts';
import { POINTER_TARGET_MAX, SECTION, type Reply } from './reply.ts';

/** The addresses of names in the answer or in a referral (RFC 1034 §4.3.2 step 6). One message has one RRset with such names. */
export class Additional {
  #block = NONE;
  #position = 0;
  #owner = 0;

  clear(): void {
    this.#block = NONE;
  }

  /** Remembers the RRset of `block`, whose records begin at `position` and belong to the name at `owner`. */
  note(block: number, position: number, owner: number): void {
    this.#block = block;
    this.#position = position;
    this.#owner = owner;
  }

  write(zone: CompiledZone, reply: Reply): void {
    if (this.#block === NONE) return;
    const links = zone.half(this.#block, BLOCK.LINKS);
    // RFC 9471 §3.1: glue for servers below the cut first, since without it the message is a truncated one.
    for (let link = 0; link < links; link++)
      if (this.#isNeeded(zone, link) && !this.#putAddresses(zone, reply, link)) reply.truncated = true;
    for (let link = 0; link < links; link++)
      if (!this.#isNeeded(zone, link)) this.#putAddresses(zone, reply, link);
  }

  #isNeeded(zone: CompiledZone, link: number): boolean {
    return ((zone.link(this.#block, link, LINK.NAME) >>> 16) & LINK_FLAG.NEEDED) !== 0;
  }

  /** Whether there was room. */
  #putAddresses(zone: CompiledZone, reply: Reply, link: number): boolean {
    const name = zone.link(this.#block, link, LINK.NAME);
    const isOwner = ((name >>> 16) & LINK_FLAG.OWNER) !== 0;
    const owner = isOwner ? this.#owner : this.#position + (name & 0xffff);
    // Behind hundreds of servers: those before have their addresses.
    if (owner > POINTER_TARGET_MAX) return true;
    const ipv4 = zone.link(this.#block, link, LINK.A);
    const ipv6 = zone.link(this.#block, link, LINK.AAAA);
    const fits = ipv4 === 0 || reply.putRRset(zone, ipv4, owner, SECTION.ADDITIONAL);
    return (ipv6 === 0 || reply.putRRset(zone, ipv6, owner, SECTION.ADDITIONAL)) && fits;
  }
}
