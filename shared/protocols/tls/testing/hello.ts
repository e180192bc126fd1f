import { concatBytes, encodeUtf8 } from '../../../base/bytes.ts';

/** ClientHellos for tests, with exactly the extensions that are wanted (RFC 8446 §4.1.2). */

export function uint16(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(value >> 8, value & 255);
}

function prefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes([uint16(bytes.length), bytes]);
}

export function extension(type: number, data: Uint8Array): Uint8Array {
  return concatBytes([uint16(type), prefixed(data)]);
}

/** RFC 6066 §3. */
export function serverNames(names: readonly string[]): Uint8Array {
  const entries = names.map(name => concatBytes([Uint8Array.of(0), prefixed(encodeUtf8(name))]));
  return extension(0, prefixed(concatBytes(entries)));
}

/** RFC 7301 §3.1. */
export function alpn(protocols: readonly string[]): Uint8Array {
  const entries = protocols.map(name => concatBytes([Uint8Array.of(name.length), encodeUtf8(name)]));
  return extension(16, prefixed(concatBytes(entries)));
}

/** One record. Without `extensions` there is no list of them either; `rest` follows where the message should end. */
export function helloWith(
  extensions: readonly Uint8Array[] | undefined,
  rest: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const body = concatBytes([
    Uint8Array.of(3, 3),
    new Uint8Array(32).fill(7),
    Uint8Array.of(0, 0, 2, 0x13, 0x01, 1, 0),
    ...(extensions === undefined ? [] : [prefixed(concatBytes(extensions))]),
    rest,
  ]);
  const message = concatBytes([Uint8Array.of(1, 0), prefixed(body)]);
  return concatBytes([Uint8Array.of(22, 3, 1), prefixed(message)]);
}

/** A handshake message in records of at most `size` bytes each. */
export function recordsOf(message: Uint8Array, size: number): Uint8Array {
  const records: Uint8Array[] = [];
  for (let start = 0; start < message.length; start += size)
    records.push(Uint8Array.of(22, 3, 1), prefixed(message.subarray(start, start + size)));
  return concatBytes(records);
}
