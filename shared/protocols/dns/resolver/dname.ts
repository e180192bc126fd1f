import { TYPE } from '../message.ts';
import { decodeName, NAME_MAX_BYTES, nameBytes, nameInWire, type Name } from '../name.ts';
import type { RRset } from '../rrset.ts';

/** The CNAME that a DNAME above `name` stands for: RFC 6672 §2.2. undefined where it would be too long (there YXDOMAIN). */
export function followDname(dname: RRset, name: Name): RRset | undefined {
  const target = decodeName(dname.data[0] ?? new Uint8Array(), 0);
  if (!target.ok) return undefined;
  const alias = [...name.slice(0, name.length - dname.owner.length), ...target.value.name];
  if (nameBytes(alias) > NAME_MAX_BYTES) return undefined;
  // RFC 6672 §3.1: the TTL is the DNAME's.
  return { owner: name, type: TYPE.CNAME, ttlSeconds: dname.ttlSeconds, data: [nameInWire(alias)] };
}
