import { concatBytes, viewOf } from '../../base/bytes.ts';
import { CLASS_ANY, TYPE, type ResourceRecord } from './message.ts';
import { decodeName, nameInWire, type Name } from './name.ts';

/** The data of a TSIG record: RFC 8945 §4.2. */
export interface TsigData {
  readonly algorithm: Name;
  /** Seconds since 1970, 48 bits. */
  readonly timeSignedSeconds: number;
  readonly fudgeSeconds: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly otherData: Uint8Array;
}

/** The whole record. RFC 8945 §4.2: class ANY, TTL 0; the names in it are not compressed. */
export function encodeTsigRecord(keyName: Name, data: TsigData): Uint8Array<ArrayBuffer> {
  const encoded = encodeTsigData(data);
  const fixed = new Uint8Array(10);
  const view = viewOf(fixed);
  view.setUint16(0, TYPE.TSIG);
  view.setUint16(2, CLASS_ANY);
  view.setUint16(8, encoded.length);
  return concatBytes([nameInWire(keyName), fixed, encoded]);
}

function encodeTsigData(data: TsigData): Uint8Array {
  const times = new Uint8Array(10);
  const view = viewOf(times);
  view.setUint16(0, Math.floor(data.timeSignedSeconds / 2 ** 32));
  view.setUint32(2, data.timeSignedSeconds % 2 ** 32);
  view.setUint16(6, data.fudgeSeconds);
  view.setUint16(8, data.mac.length);
  const rest = new Uint8Array(6);
  const restView = viewOf(rest);
  restView.setUint16(0, data.originalId);
  restView.setUint16(2, data.error);
  restView.setUint16(4, data.otherData.length);
  return concatBytes([nameInWire(data.algorithm), times, data.mac, rest, data.otherData]);
}

/** undefined where the data is not of the form, or runs past the record. */
export function decodeTsigData(message: Uint8Array, record: ResourceRecord): TsigData | undefined {
  const decoded = decodeName(message, record.dataStart);
  if (!decoded.ok) return undefined;
  const { name: algorithm, end: at } = decoded.value;
  const view = viewOf(message);
  if (at + 10 > record.dataEnd) return undefined;
  const macEnd = at + 10 + view.getUint16(at + 8);
  if (macEnd + 6 > record.dataEnd) return undefined;
  const otherEnd = macEnd + 6 + view.getUint16(macEnd + 4);
  if (otherEnd !== record.dataEnd) return undefined;
  return {
    algorithm,
    timeSignedSeconds: view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2),
    fudgeSeconds: view.getUint16(at + 6),
    mac: message.slice(at + 10, macEnd),
    originalId: view.getUint16(macEnd),
    error: view.getUint16(macEnd + 2),
    otherData: message.slice(macEnd + 6, otherEnd),
  };
}
