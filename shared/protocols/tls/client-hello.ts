import { viewOf } from '../../base/bytes.ts';
import { Cursor } from './cursor.ts';

/** What a front has to know of the first message of a TLS client (RFC 8446 §4.1.2). */
export interface ClientHello {
  /** RFC 6066 §3, in lower case (RFC 4343); undefined: the client sent none. */
  readonly serverName: string | undefined;
  /** RFC 7301 §3.1, in the client's order, each byte one character; undefined: the client sent none. */
  readonly alpnProtocols: readonly string[] | undefined;
}

/** Why there is no ClientHello yet, or never will be one. */
export type NoClientHello = 'more' | 'not-tls' | 'malformed';

/**
 * Bytes looked at, record headers included. Browsers send 0.3 to 2 KB with a post-quantum key share; a session ticket that holds a
 * client certificate adds a few. Whoever is not done by then makes the server keep bytes for nothing.
 */
export const CLIENT_HELLO_MAX_BYTES: number = 16 * 1024;

// RFC 8446 §5.1, §4.
const RECORD_HEADER_BYTES = 5;
const RECORD_MAX_BYTES = 2 ** 14;
const RECORD_HANDSHAKE = 22;
const MESSAGE_HEADER_BYTES = 4;
const MESSAGE_CLIENT_HELLO = 1;

// RFC 8446 §4.2.
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_ALPN = 16;
// RFC 6066 §3.
const NAME_TYPE_HOST_NAME = 0;
const LIST_HEADER_BYTES = 2;

/**
 * Reads the ClientHello at the beginning of `bytes`: everything received so far on a connection. What comes after it is not looked
 * at. Once the answer is not 'more', further bytes do not change it; no bytes make it throw.
 */
export function parseClientHello(bytes: Uint8Array): ClientHello | NoClientHello {
  const message = joinRecords(bytes);
  return typeof message === 'string' ? message : parseMessage(message);
}

/** The ClientHello's message without the headers of its records. */
function joinRecords(bytes: Uint8Array): Uint8Array | NoClientHello {
  const message = new Uint8Array(Math.min(bytes.length, CLIENT_HELLO_MAX_BYTES));
  let length = 0;
  for (let start = 0; start < bytes.length;) {
    const recordBytes = recordLength(bytes.subarray(start));
    if (typeof recordBytes === 'string')
      return start === 0 || recordBytes === 'more' ? recordBytes : 'malformed';
    const from = start + RECORD_HEADER_BYTES;
    const end = from + recordBytes;
    if (end > CLIENT_HELLO_MAX_BYTES) return 'malformed';
    const missing = Math.max(0, end - bytes.length);
    message.set(bytes.subarray(from, end), length);
    length += recordBytes - missing;
    const wanted = messageLength(message.subarray(0, length));
    if (wanted === 'malformed') return wanted;
    // RFC 8446 §5.1: a change of keys follows, so the client has nothing to add in the same record.
    if (wanted !== 'more' && length + missing > wanted) return 'malformed';
    if (missing > 0) return 'more';
    if (length === wanted) return message.subarray(0, length);
    start = end;
  }
  return 'more';
}

/** The length of the content of the record that begins here. */
function recordLength(bytes: Uint8Array): number | NoClientHello {
  const [type = RECORD_HANDSHAKE, major = 3] = bytes;
  // RFC 8446 §5.1: the record's version is to be ignored; but its first byte is 3 in every version of TLS.
  if (type !== RECORD_HANDSHAKE || major !== 3) return 'not-tls';
  if (bytes.length < RECORD_HEADER_BYTES) return 'more';
  const length = viewOf(bytes).getUint16(3);
  // RFC 8446 §5.1: fragments of handshake messages are not empty and no longer than 2^14 bytes.
  return length === 0 || length > RECORD_MAX_BYTES ? 'malformed' : length;
}

/** The length of the message that begins here, with its header. */
function messageLength(bytes: Uint8Array): number | 'more' | 'malformed' {
  const [type = MESSAGE_CLIENT_HELLO] = bytes;
  if (type !== MESSAGE_CLIENT_HELLO) return 'malformed';
  if (bytes.length < MESSAGE_HEADER_BYTES) return 'more';
  const length = MESSAGE_HEADER_BYTES + (viewOf(bytes).getUint32(0) & 0xff_ffff);
  return length > CLIENT_HELLO_MAX_BYTES ? 'malformed' : length;
}

/** RFC 8446 §4.1.2, RFC 5246 §7.4.1.2. */
function parseMessage(message: Uint8Array): ClientHello | 'malformed' {
  const cursor = new Cursor(message.subarray(MESSAGE_HEADER_BYTES));
  cursor.skip(2 + 32); // legacy_version, random
  cursor.vector(1); // legacy_session_id
  cursor.vector(2); // cipher_suites
  cursor.vector(1); // legacy_compression_methods
  // RFC 5246 §7.4.1.2: a client of TLS 1.2 may leave the extensions out.
  const extensions = cursor.isAtEnd ? new Map<number, Uint8Array>() : parseExtensions(cursor);
  if (extensions === undefined || cursor.isBroken || !cursor.isAtEnd) return 'malformed';
  const name = extensions.get(EXTENSION_SERVER_NAME);
  const alpn = extensions.get(EXTENSION_ALPN);
  const serverName = name === undefined ? undefined : parseServerName(name);
  const alpnProtocols = alpn === undefined ? undefined : parseAlpn(alpn);
  if (serverName === 'malformed' || alpnProtocols === 'malformed') return 'malformed';
  return { serverName: serverName?.name, alpnProtocols };
}

/** Data by type; undefined where a type that is read here comes twice (RFC 8446 §4.2 allows one of each) or bytes are missing. */
function parseExtensions(cursor: Cursor): Map<number, Uint8Array> | undefined {
  const list = new Cursor(cursor.vector(2));
  const extensions = new Map<number, Uint8Array>();
  while (!list.isAtEnd) {
    const type = list.number(2);
    const data = list.vector(2);
    if (list.isBroken || extensions.has(type)) return undefined;
    extensions.set(type, data);
  }
  return extensions;
}

/** RFC 6066 §3: a list of names, of which one may be a host_name. */
function parseServerName(data: Uint8Array): { name: string | undefined } | 'malformed' {
  const cursor = new Cursor(data);
  const list = new Cursor(cursor.vector(2));
  let name: string | undefined;
  while (!list.isAtEnd) {
    const type = list.number(1);
    const bytes = list.vector(2);
    if (list.isBroken || bytes.length === 0) return 'malformed';
    if (type !== NAME_TYPE_HOST_NAME) continue;
    // RFC 6066 §3: "The ServerNameList MUST NOT contain more than one name of the same name_type."
    if (name !== undefined) return 'malformed';
    name = hostName(bytes);
    if (name === undefined) return 'malformed';
  }
  const isEmpty = cursor.isBroken || data.length === LIST_HEADER_BYTES;
  return isEmpty || !cursor.isAtEnd ? 'malformed' : { name };
}

/** RFC 6066 §3: a host_name is ASCII. Here the visible part of it, so that lower case means the same to everybody. */
function hostName(bytes: Uint8Array): string | undefined {
  return bytes.every(byte => byte > 0x20 && byte < 0x7f) ? textOf(bytes).toLowerCase() : undefined;
}

function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, byte => String.fromCharCode(byte)).join('');
}

/** RFC 7301 §3.1: protocol names are byte strings that are not empty. */
function parseAlpn(data: Uint8Array): readonly string[] | 'malformed' {
  const cursor = new Cursor(data);
  const list = new Cursor(cursor.vector(2));
  const protocols: string[] = [];
  while (!list.isAtEnd) {
    const protocol = list.vector(1);
    if (list.isBroken || protocol.length === 0) return 'malformed';
    protocols.push(textOf(protocol));
  }
  return cursor.isBroken || !cursor.isAtEnd || protocols.length === 0 ? 'malformed' : protocols;
}
