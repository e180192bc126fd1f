import { decodeUtf8, viewOf } from '../../base/bytes.ts';
import { ok, type Result } from '../../base/result.ts';
import type { RecordData, RecordType } from '../../devices/resolver.ts';
import { formatAddress } from '../ip/address.ts';
import { TYPE, type Message, type ResourceRecord } from './message.ts';
import { decodeName, formatName, lowerName } from './name.ts';
import { dataFromMessage } from './record-types/wire.ts';

/** The data of `record` in the form that resolvers give, or what is wrong with it. */
export function decodeRecordData<T extends RecordType>(
  message: Message,
  record: ResourceRecord,
  type: T,
): Result<RecordData[T], string> {
  const data = dataFromMessage(message.bytes, TYPE[type], record.dataStart, record.dataEnd);
  return data.ok ? ok(readRecordData(type, data.value)) : data;
}

/** From data that is well-formed by its type, with whole names. */
export function readRecordData<T extends RecordType>(type: T, data: Uint8Array): RecordData[T] {
  return decoders[type](data);
}

/** From data that is well-formed by its type, and whose names are whole. */
const decoders: { readonly [T in RecordType]: (data: Uint8Array) => RecordData[T] } = {
  A: formatAddress,
  AAAA: formatAddress,
  NS: formatLowerName,
  CNAME: formatLowerName,
  PTR: formatLowerName,
  MX: data => ({ preference: viewOf(data).getUint16(0), exchange: formatLowerName(data.subarray(2)) }),
  TXT(data) {
    const strings: string[] = [];
    for (let offset = 0; offset < data.length;) {
      const end = offset + 1 + (data[offset] ?? 0);
      strings.push(decodeUtf8(data.subarray(offset + 1, end)));
      offset = end;
    }
    return strings;
  },
  SRV(data) {
    const view = viewOf(data);
    return {
      priority: view.getUint16(0),
      weight: view.getUint16(2),
      port: view.getUint16(4),
      target: formatLowerName(data.subarray(6)),
    };
  },
  CAA([flags = 0, tagBytes = 0, ...rest]) {
    const text = Uint8Array.from(rest);
    return {
      flags,
      // RFC 8659 §4.1: matching of tags is case insensitive.
      tag: decodeUtf8(text.subarray(0, tagBytes)).toLowerCase(),
      value: decodeUtf8(text.subarray(tagBytes)),
    };
  },
  TLSA([usage = 0, selector = 0, matchingType = 0, ...data]) {
    return { usage, selector, matchingType, data: Uint8Array.from(data) };
  },
  DS(data) {
    const [, , algorithm = 0, digestType = 0, ...digest] = data;
    return {
      keyTag: viewOf(data).getUint16(0),
      algorithm,
      digestType,
      digest: Uint8Array.from(digest),
    };
  },
};

/** The name that `data` is. */
function formatLowerName(data: Uint8Array): string {
  const decoded = decodeName(data, 0);
  return decoded.ok ? formatName(lowerName(decoded.value.name)) : '';
}
