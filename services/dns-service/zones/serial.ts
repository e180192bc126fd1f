import { assert } from '../../../shared/base/assert.ts';
import { viewOf } from '../../../shared/base/bytes.ts';
import { ZoneDraft } from '../../../shared/protocols/dns/changes/zone-draft.ts';
import { soaOf } from '../../../shared/protocols/dns/rrset-list.ts';
import type { RRset, Zone } from '../../../shared/protocols/dns/rrset.ts';
import { soaTimesOf } from '../../../shared/protocols/dns/serial.ts';
import { VERSION_INTERVAL_MS } from './limits.ts';

/** The serial that was shown last, and when it was made. */
export interface KeptSerial {
  readonly serial: number;
  readonly atMs: number;
}

/** RFC 1035 §3.3.13: MNAME and RNAME are followed by five numbers of four bytes, the serial first. */
const SERIAL_BEFORE_END = 20;

/** RFC 1982 §3.1: what may be added to a serial at once, so that it is a later one. */
const STEP_MAX = 0x7fff_ffff;

/** The serial of the next version: above the one before, not below `wanted`, nor below Unix time. */
export function nextSerial(wanted: number, kept: KeptSerial | undefined, nowMs: number): number {
  return atLeast(1, { wanted, kept, nowMs });
}

/**
 * The serial of the first version after a start. What is kept may be an older snapshot, restored: since then a version may have been made every
 * {@link VERSION_INTERVAL_MS}, and more than one never is. So this one leads above all that were shown.
 */
export function serialAtStart(wanted: number, kept: KeptSerial | undefined, nowMs: number): number {
  const possible = kept === undefined ? 0 : Math.floor((nowMs - kept.atMs) / VERSION_INTERVAL_MS);
  return atLeast(Math.max(1, possible), { wanted, kept, nowMs });
}

interface Wanted {
  readonly wanted: number;
  readonly kept: KeptSerial | undefined;
  readonly nowMs: number;
}

/** RFC 1982 §3.2: whether a serial is later than another is told by how far it leads above it, if that is less than half of all. */
function atLeast(steps: number, { wanted, kept, nowMs }: Wanted): number {
  const unixTime = Math.floor(nowMs / 1_000) >>> 0;
  const base = kept?.serial ?? wanted;
  const leads = [wanted, unixTime].map(serial => (serial - base) >>> 0).filter(lead => lead <= STEP_MAX);
  const least = kept === undefined ? 0 : Math.min(steps, STEP_MAX);
  return (base + Math.max(least, ...leads)) >>> 0;
}

export function serialOf(zone: Zone): number {
  return soaTimesOf(soaDataOf(soaOf(zone))).serial;
}

/** The zone with another serial; nothing else of it is copied. */
export function withSerial(zone: Zone, serial: number): Zone {
  const soa = soaOf(zone);
  const data = soaDataOf(soa).slice();
  viewOf(data).setUint32(data.length - SERIAL_BEFORE_END, serial);
  const draft = new ZoneDraft(zone);
  draft.put({ ...soa, data: [data] });
  return draft.finish();
}

function soaDataOf({ data: [data] }: RRset): Uint8Array {
  assert(data !== undefined, 'an RRset has records');
  return data;
}
