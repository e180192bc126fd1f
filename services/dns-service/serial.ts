import { assert } from '../../shared/base/assert.ts';
import { viewOf } from '../../shared/base/bytes.ts';
import { TYPE } from '../../shared/protocols/dns/message.ts';
import type { Zone } from '../../shared/protocols/dns/rrset.ts';

/** The serial that was shown last, and when that was. */
export interface KeptSerial {
  readonly serial: number;
  readonly atSeconds: number;
}

/** RFC 1035 §3.3.13: MNAME and RNAME are followed by five numbers of four bytes, the serial first. */
const SERIAL_BEFORE_END = 20;

/**
 * The serial of the next version: above the one before, not below the file's, nor below Unix time. It grows by at least one a second, so that
 * what an older snapshot remembers, restored, still leads above everything shown since.
 */
export function nextSerial(fileSerial: number, kept: KeptSerial | undefined, nowSeconds: number): number {
  const now = nowSeconds >>> 0;
  if (kept === undefined) return later(fileSerial, now);
  const elapsed = Math.max(1, nowSeconds - kept.atSeconds);
  return later(later((kept.serial + elapsed) >>> 0, fileSerial), now);
}

/** RFC 1982 §3.2. */
function later(left: number, right: number): number {
  return ((right - left) | 0) > 0 ? right : left;
}

export function serialOf({ rrsets }: Zone): number {
  const data = soaDataOf(rrsets[soaIndex(rrsets)]?.data[0]);
  return viewOf(data).getUint32(data.length - SERIAL_BEFORE_END);
}

/** The zone with another serial; nothing else of it is copied. */
export function withSerial(zone: Zone, serial: number): Zone {
  const rrsets = [...zone.rrsets];
  const index = soaIndex(rrsets);
  const soa = rrsets[index];
  const data = soaDataOf(soa?.data[0]).slice();
  viewOf(data).setUint32(data.length - SERIAL_BEFORE_END, serial);
  if (soa !== undefined) rrsets[index] = { ...soa, data: [data] };
  return { apex: zone.apex, rrsets };
}

/** The apex comes first, and only it has one. */
function soaIndex(rrsets: Zone['rrsets']): number {
  return rrsets.findIndex(({ type }) => type === TYPE.SOA);
}

function soaDataOf(data: Uint8Array | undefined): Uint8Array {
  assert(data !== undefined, 'a checked zone has an SOA record');
  return data;
}
