import { concatBytes, encodeUtf8 } from '../../base/bytes.ts';
import type { ClientHello } from './client-hello.ts';

/** A ClientHello in one record, for worlds that play TLS: it says what `hello` says and otherwise offers next to nothing. */
export function encodeClientHello({ serverName, alpnProtocols }: ClientHello): Uint8Array<ArrayBuffer> {
  return encodeHello([
    ...(serverName === undefined ? [] : [encodeServerNames([serverName])]),
    ...(alpnProtocols === undefined ? [] : [encodeAlpn(alpnProtocols)]),
  ]);
}

/** RFC 8446 §4.1.2 with these extensions; without any list of them where undefined. */
export function encodeHello(extensions: readonly Uint8Array[] | undefined): Uint8Array<ArrayBuffer> {
  const body = concatBytes([
    Uint8Array.of(3, 3),
    new Uint8Array(32),
    // No session, TLS_AES_128_GCM_SHA256, no compression.
    Uint8Array.of(0, 0, 2, 0x13, 0x01, 1, 0),
    ...(extensions === undefined ? [] : [vector(concatBytes(extensions))]),
  ]);
  const message = concatBytes([Uint8Array.of(1, 0), vector(body)]);
  return encodeRecords(message, message.length);
}

/** A handshake message in records of at most `size` bytes each (RFC 8446 §5.1). */
export function encodeRecords(message: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const records: Uint8Array[] = [];
  for (let start = 0; start < message.length; start += size)
    records.push(Uint8Array.of(22, 3, 1), vector(message.subarray(start, start + size)));
  return concatBytes(records);
}

/** RFC 6066 §3. */
export function encodeServerNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const entries = names.map(name => concatBytes([Uint8Array.of(0), vector(encodeUtf8(name))]));
  return encodeExtension(0, vector(concatBytes(entries)));
}

/** RFC 7301 §3.1. */
export function encodeAlpn(protocols: readonly string[]): Uint8Array<ArrayBuffer> {
  const entries = protocols.map(name => concatBytes([Uint8Array.of(name.length), encodeUtf8(name)]));
  return encodeExtension(16, vector(concatBytes(entries)));
}

/** RFC 8446 §4.2. */
export function encodeExtension(type: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([Uint8Array.of(type >> 8, type & 255), vector(data)]);
}

/** With its length in two bytes in front. */
function vector(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes]);
}
