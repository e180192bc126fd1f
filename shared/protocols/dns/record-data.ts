import { decodeUtf8, viewOf } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { RecordData, RecordType } from '../../devices/resolver.ts';
import type { Message, ResourceRecord } from './message.ts';
import { formatAddress } from '../ip/address.ts';
import { decodeName, formatName, lowerName } from './name.ts';

type Decoder<T> = (message: Uint8Array, start: number, end: number) => T | undefined;

/** The data of `record` in the form that resolvers give, or what is wrong with it. */
export function decodeRecordData<T extends RecordType>(
  message: Message,
  record: ResourceRecord,
  type: T,
): Result<RecordData[T], string> {
  const decode = decoders[type] as Decoder<RecordData[T]>;
  const data = decode(message.bytes, record.dataStart, record.dataEnd);
  return data === undefined ? err(`malformed ${type} data`) : ok(data);
}

const decoders: { readonly [T in RecordType]: Decoder<RecordData[T]> } = {
  A: (message, start, end) => (end - start === 4 ? formatAddress(message.subarray(start, end)) : undefined),
  AAAA: (message, start, end) =>
    end - start === 16 ? formatAddress(message.subarray(start, end)) : undefined,
  NS: decodeWholeName,
  CNAME: decodeWholeName,
  PTR: decodeWholeName,
  // RFC 1035 §3.3.9.
  MX(message, start, end) {
    const exchange = decodeWholeName(message, start + 2, end);
    return exchange === undefined ? undefined : { preference: viewOf(message).getUint16(start), exchange };
  },
  // RFC 1035 §3.3.14: one or more character-strings, each with a length byte.
  TXT(message, start, end) {
    const strings: string[] = [];
    for (let offset = start; offset < end;) {
      const next = offset + 1 + (message[offset] ?? 0);
      if (next > end) return undefined;
      strings.push(decodeUtf8(message.subarray(offset + 1, next)));
      offset = next;
    }
    return strings.length === 0 ? undefined : strings;
  },
  // RFC 2782.
  SRV(message, start, end) {
    const target = decodeWholeName(message, start + 6, end);
    if (target === undefined) return undefined;
    const view = viewOf(message);
    return {
      priority: view.getUint16(start),
      weight: view.getUint16(start + 2),
      port: view.getUint16(start + 4),
      target,
    };
  },
  // RFC 8659 §4.1: flags, tag length, tag, value.
  CAA(message, start, end) {
    const tagEnd = start + 2 + (message[start + 1] ?? 0);
    if (end - start < 3 || tagEnd > end || tagEnd === start + 2) return undefined;
    return {
      flags: message[start] ?? 0,
      // RFC 8659 §4.1: matching of tags is case insensitive.
      tag: decodeUtf8(message.subarray(start + 2, tagEnd)).toLowerCase(),
      value: decodeUtf8(message.subarray(tagEnd, end)),
    };
  },
  // RFC 6698 §2.1.
  TLSA(message, start, end) {
    if (end - start < 4) return undefined;
    const [usage = 0, selector = 0, matchingType = 0] = message.subarray(start, end);
    return { usage, selector, matchingType, data: message.slice(start + 3, end) };
  },
  // RFC 4034 §5.1.
  DS(message, start, end) {
    if (end - start < 5) return undefined;
    const [, , algorithm = 0, digestType = 0] = message.subarray(start, end);
    return {
      keyTag: viewOf(message).getUint16(start),
      algorithm,
      digestType,
      digest: message.slice(start + 4, end),
    };
  },
};

/** The name that fills `start` … `end` exactly. */
function decodeWholeName(message: Uint8Array, start: number, end: number): string | undefined {
  if (start >= end) return undefined;
  const decoded = decodeName(message, start);
  return decoded.ok && decoded.value.end === end ? formatName(lowerName(decoded.value.name)) : undefined;
}
