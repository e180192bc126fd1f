import { concatBytes, viewOf } from '../../../base/bytes.ts';
import { err, ok } from '../../../base/result.ts';
import { formatAddress, IPV4_BYTES, IPV6_BYTES, parsePrefix } from '../../ip/address.ts';
import { MALFORMED, type Field } from './field.ts';

/** RFC 3123 §4: what precedes the address: family (16 bits), prefix length, then the sign and the length of what follows. */
const ITEM_HEADER_BYTES = 4;
const NEGATED = 0x80;

/** Bytes of an address by its family: IANA's address family numbers. */
const FAMILY_BYTES: Readonly<Record<number, number>> = { 1: IPV4_BYTES, 2: IPV6_BYTES };

/** RFC 3123: any number of items such as `!1:192.0.2.0/24`, none included, to the end of the data. */
export function addressPrefixes(name: string): Field {
  const form = 'prefixes such as 1:192.0.2.0/24, with ! before those that are excluded';
  return {
    name,
    form,
    end(data, offset) {
      while (offset !== MALFORMED && offset < data.length) offset = itemEnd(data, offset);
      return offset;
    },
    parse(tokens) {
      const words = tokens.takeWords(form);
      if (!words.ok) return words;
      const items = words.value.map(parseItem);
      const wrong = words.value[items.indexOf(undefined)];
      if (wrong !== undefined) return err(`${JSON.stringify(wrong)} is none of ${form}`);
      return ok(concatBytes(items as Uint8Array[]));
    },
    format(bytes) {
      const texts: string[] = [];
      for (let offset = 0; offset < bytes.length; offset = itemEnd(bytes, offset))
        texts.push(formatItem(bytes.subarray(offset)));
      return texts.join(' ');
    },
  };
}

function itemEnd(data: Uint8Array, offset: number): number {
  if (offset + ITEM_HEADER_BYTES > data.length) return MALFORMED;
  const bytes = FAMILY_BYTES[viewOf(data).getUint16(offset)];
  const prefixLength = data[offset + 2] as number;
  const length = (data[offset + 3] as number) & ~NEGATED;
  const end = offset + ITEM_HEADER_BYTES + length;
  if (bytes === undefined || prefixLength > bytes * 8 || length > bytes || end > data.length)
    return MALFORMED;
  // RFC 3123 §4: trailing zero bytes are not sent.
  return length > 0 && data[end - 1] === 0 ? MALFORMED : end;
}

function parseItem(text: string): Uint8Array | undefined {
  const match = /^(!?)([12]):(.+)$/.exec(text);
  const prefix = parsePrefix(match?.[3] ?? '');
  const family = Number(match?.[2]);
  if (prefix === undefined || prefix.address.length !== FAMILY_BYTES[family]) return undefined;
  const significant = prefix.address.findLastIndex(byte => byte !== 0) + 1;
  const sign = match?.[1] === '!' ? NEGATED : 0;
  const header = Uint8Array.of(0, family, prefix.length, sign | significant);
  return concatBytes([header, prefix.address.subarray(0, significant)]);
}

function formatItem(bytes: Uint8Array): string {
  const family = viewOf(bytes).getUint16(0);
  const signAndLength = bytes[3] as number;
  const address = new Uint8Array(FAMILY_BYTES[family] as number);
  address.set(bytes.subarray(ITEM_HEADER_BYTES, ITEM_HEADER_BYTES + (signAndLength & ~NEGATED)));
  return `${signAndLength & NEGATED ? '!' : ''}${family}:${formatAddress(address)}/${bytes[2]}`;
}
