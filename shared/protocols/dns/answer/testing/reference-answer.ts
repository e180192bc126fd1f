import { RCODE, TYPE } from '../../message.ts';
import {
  decodeName,
  equalNames,
  isAtOrBelow,
  NAME_MAX_BYTES,
  nameBytes,
  nameInWire,
  type Name,
} from '../../name.ts';
import type { RRset, Zone } from '../../rrset.ts';
import { encodeUtf8 } from '../../../../base/bytes.ts';
import { ALIASES_MAX } from '../answerer.ts';
import { formatRecord, type Shown } from './ask.ts';

/**
 * What RFC 1034 §4.3.2 (as amended by RFC 4592 and RFC 6672) answers for an unsigned zone, written down as it stands there: slow,
 * by looking at every record. TTLs and data as they are to be sent.
 */
export function referenceAnswer(zone: Zone, asked: Name, type: number): Shown {
  return new Reference(zone, type).answer(asked);
}

class Reference {
  readonly #zone: Zone;
  readonly #type: number;
  readonly #answers: string[] = [];
  readonly #authorities: string[] = [];
  readonly #additionals = new Set<string>();
  readonly #seen: Name[] = [];
  #rcode: number = RCODE.NOERROR;
  #authoritative = true;

  constructor(zone: Zone, type: number) {
    this.#zone = zone;
    this.#type = type;
  }

  answer(asked: Name): Shown {
    let name: Name | undefined = asked;
    while (name !== undefined && isAtOrBelow(name, this.#zone.apex)) name = this.#step(name);
    return {
      rcode: this.#rcode,
      authoritative: this.#authoritative,
      truncated: false,
      answers: this.#answers.sort(),
      authorities: this.#authorities.sort(),
      additionals: [...this.#additionals].sort(),
    };
  }

  /** Gives the name that an alias leads to. */
  #step(name: Name): Name | undefined {
    // Down from the apex, label by label (step 3).
    for (let labels = this.#zone.apex.length; labels <= name.length; labels++) {
      const node = name.slice(name.length - labels);
      const isWhole = labels === name.length;
      if (labels > this.#zone.apex.length && this.#get(node, TYPE.NS) && !(isWhole && this.#type === TYPE.DS))
        return this.#refer(node);
      if (!this.#exists(node)) return this.#below(name, node.slice(1));
      if (isWhole) return this.#at(node, name);
      const dname = this.#get(node, TYPE.DNAME);
      if (dname !== undefined) return this.#redirect(dname, name);
    }
    throw new Error('the last label ends the loop');
  }

  /** The name is not there: a wildcard below its closest encloser, or nothing (step 3c). */
  #below(name: Name, encloser: Name): Name | undefined {
    const wildcard = [encodeUtf8('*'), ...encloser];
    if (this.#exists(wildcard)) return this.#at(wildcard, name);
    this.#rcode = RCODE.NXDOMAIN;
    this.#addSoa();
    return undefined;
  }

  /** Answers for `name` by what stands at `node` (step 3a). */
  #at(node: Name, name: Name): Name | undefined {
    const found = this.#get(node, this.#type);
    if (found !== undefined) {
      this.#add(this.#answers, { ...found, owner: name });
      this.#addAddresses(found);
      return undefined;
    }
    const alias = this.#get(node, TYPE.CNAME);
    if (alias !== undefined) {
      this.#add(this.#answers, { ...alias, owner: name });
      return this.#once(name, decode(alias.data[0] as Uint8Array));
    }
    this.#addSoa();
    return undefined;
  }

  #refer(cut: Name): undefined {
    if (this.#answers.length === 0) this.#authoritative = false;
    const servers = this.#get(cut, TYPE.NS) as RRset;
    this.#add(this.#authorities, servers);
    this.#addAddresses(servers);
  }

  #redirect(dname: RRset, name: Name): Name | undefined {
    this.#add(this.#answers, dname);
    const prefix = name.slice(0, name.length - dname.owner.length);
    const to = [...prefix, ...decode(dname.data[0] as Uint8Array)];
    if (nameBytes(to) > NAME_MAX_BYTES) {
      this.#rcode = RCODE.YXDOMAIN;
      return undefined;
    }
    const { ttlSeconds } = dname;
    this.#add(this.#answers, { owner: name, type: TYPE.CNAME, ttlSeconds, data: [nameInWire(to)] });
    return this.#type === TYPE.CNAME ? undefined : this.#once(name, to);
  }

  /** Where the alias leads; nowhere, if that was an alias before, or after too many. */
  #once(from: Name, to: Name): Name | undefined {
    if (this.#seen.length === ALIASES_MAX) return undefined;
    this.#seen.push(from);
    return this.#seen.some(name => equalNames(name, to)) ? undefined : to;
  }

  #addAddresses({ type, data }: RRset): void {
    const skipped = { [TYPE.NS]: 0, [TYPE.MX]: 2, [TYPE.SRV]: 6 }[type];
    if (skipped === undefined) return;
    for (const bytes of data)
      for (const wanted of [TYPE.A, TYPE.AAAA]) {
        const owner = decode(bytes.subarray(skipped));
        const found = this.#isHidden(owner) ? undefined : this.#get(owner, wanted);
        for (const record of found === undefined ? [] : toText({ ...found, owner }))
          this.#additionals.add(record);
      }
  }

  /** RFC 2308 §3: its TTL is no longer than its last field says. */
  #addSoa(): void {
    const soa = this.#get(this.#zone.apex, TYPE.SOA) as RRset;
    this.#add(this.#authorities, { ...soa, ttlSeconds: 300 });
  }

  #add(section: string[], rrset: RRset): void {
    for (const record of toText(rrset)) if (!section.includes(record)) section.push(record);
  }

  #get(owner: Name, type: number): RRset | undefined {
    return this.#zone.rrsets.find(rrset => rrset.type === type && equalNames(rrset.owner, owner));
  }

  /** It has records, or a name below it has. */
  #exists(node: Name): boolean {
    return this.#zone.rrsets.some(({ owner }) => isAtOrBelow(owner, node));
  }

  /** Below a DNAME. */
  #isHidden(name: Name): boolean {
    return this.#zone.rrsets.some(
      ({ owner, type }) => type === TYPE.DNAME && name.length > owner.length && isAtOrBelow(name, owner),
    );
  }
}

function toText(rrset: RRset): string[] {
  const { owner, type, ttlSeconds } = rrset;
  return rrset.data.map(data => formatRecord({ owner, type, ttlSeconds, data }));
}

function decode(data: Uint8Array): Name {
  const decoded = decodeName(data, 0);
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value.name;
}
