import { viewOf } from '../../../base/bytes.ts';
import { CLASS_IN } from '../message.ts';
import { encodeName, lowerByte, nameBytes, type Name } from '../name.ts';
import { canonicalData } from '../record-types/wire.ts';
import { compareBytes, type RRset } from '../rrset.ts';

/** Wire form in lower case: RFC 4034 §6.2. */
export function canonicalName(name: Name): Uint8Array<ArrayBuffer> {
  const wire = new Uint8Array(nameBytes(name));
  encodeName(name, wire, 0);
  // Length bytes are below the letters, so that lowering them changes nothing.
  for (let at = 0; at < wire.length; at++) wire[at] = lowerByte(wire[at] as number);
  return wire;
}

/** RDATA in canonical form and order: RFC 4034 §6.2 and §6.3, which also drops what is there twice. */
export function canonicalRecords({ type, data }: RRset): Uint8Array[] {
  const canonical = data.map(one => canonicalData(type, one));
  if (canonical.length === 1) return canonical;
  canonical.sort(compareBytes);
  return canonical.filter((one, at) => at === 0 || compareBytes(canonical[at - 1] as Uint8Array, one) !== 0);
}

/** What stands between owner and RDATA: type, class, TTL and RDLENGTH. */
const FIXED_BYTES = 10;

/** `head`, then each record of an RRset in canonical wire form: owner | type | class | TTL | RDLENGTH | RDATA. */
export function canonicalWire(
  head: Uint8Array,
  owner: Uint8Array,
  rrset: Pick<RRset, 'type' | 'ttlSeconds'>,
  records: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  let total = head.length;
  for (const record of records) total += owner.length + FIXED_BYTES + record.length;
  const wire = new Uint8Array(total);
  const view = viewOf(wire);
  wire.set(head);
  let at = head.length;
  for (const record of records) {
    wire.set(owner, at);
    at += owner.length;
    view.setUint16(at, rrset.type);
    view.setUint16(at + 2, CLASS_IN);
    view.setUint32(at + 4, rrset.ttlSeconds);
    view.setUint16(at + 8, record.length);
    wire.set(record, at + FIXED_BYTES);
    at += FIXED_BYTES + record.length;
  }
  return wire;
}
