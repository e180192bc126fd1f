import { viewOf } from '../../base/bytes.ts';

/** RFC 1982 §3.2: whether `left` comes after `right`. Of two that are half the circle apart neither does. */
export function isLaterSerial(left: number, right: number): boolean {
  const ahead = (left - right) >>> 0;
  return ahead > 0 && ahead < 0x8000_0000;
}

/** The numbers of an SOA record: RFC 1035 §3.3.13. */
export interface SoaTimes {
  readonly serial: number;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
}

/** MNAME and RNAME are followed by five numbers of four bytes. */
const NUMBERS_BYTES = 20;

/** Of data that is well-formed. */
export function soaTimesOf(data: Uint8Array): SoaTimes {
  const view = viewOf(data);
  const at = data.length - NUMBERS_BYTES;
  return {
    serial: view.getUint32(at),
    refreshSeconds: view.getUint32(at + 4),
    retrySeconds: view.getUint32(at + 8),
    expireSeconds: view.getUint32(at + 12),
  };
}
