import { concatBytes, viewOf } from '../../../shared/base/bytes.ts';
import { err, ok, type Result } from '../../../shared/base/result.ts';
import { decodeName, nameInWire } from '../../../shared/protocols/dns/name.ts';
import type { RRset } from '../../../shared/protocols/dns/rrset.ts';

/** Behind the owner: type, TTL, number of records; each record behind its length. Big-endian, as in messages. */
const FIXED_BYTES = 8;
const LENGTH_BYTES = 2;

/** RRsets as bytes of the journal. */
export function encodeRRsets(rrsets: readonly RRset[]): Uint8Array<ArrayBuffer> {
  return concatBytes(rrsets.flatMap(encodeRRset));
}

function encodeRRset({ owner, type, ttlSeconds, data }: RRset): Uint8Array[] {
  const fixed = new Uint8Array(FIXED_BYTES);
  const view = viewOf(fixed);
  view.setUint16(0, type);
  view.setUint32(2, ttlSeconds);
  view.setUint16(6, data.length);
  return [nameInWire(owner), fixed, ...data.flatMap(one => [lengthOf(one), one])];
}

function lengthOf({ length }: Uint8Array): Uint8Array {
  return Uint8Array.of(length >>> 8, length & 0xff);
}

/** What {@link encodeRRsets} made. */
export function decodeRRsets(bytes: Uint8Array): Result<RRset[], string> {
  const view = viewOf(bytes);
  const rrsets: RRset[] = [];
  for (let at = 0; at < bytes.length;) {
    const owner = decodeName(bytes, at);
    if (!owner.ok) return owner;
    at = owner.value.end;
    if (at + FIXED_BYTES > bytes.length) return err('an RRset is cut off');
    const [type, ttlSeconds, count] = [view.getUint16(at), view.getUint32(at + 2), view.getUint16(at + 6)];
    at += FIXED_BYTES;
    const data: Uint8Array[] = [];
    for (let left = count; left > 0; left--) {
      const start = at + LENGTH_BYTES;
      const end = start > bytes.length ? Infinity : start + view.getUint16(at);
      if (end > bytes.length) return err('a record is cut off');
      data.push(bytes.slice(start, end));
      at = end;
    }
    rrsets.push({ owner: owner.value.name, type, ttlSeconds, data });
  }
  return ok(rrsets);
}
