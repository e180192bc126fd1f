/**
 * The server's side of TLS by the OpenSSL that the node binary exports, straight on descriptors. node:tls has the same library; what this
 * adds is that no stream, no event and no copy stands between a record and the socket.
 */
import { getRawPointer, setUint8, setUint64 } from 'node:ffi';
import type { TlsCredentials } from '../../devices/tls.ts';
import { SERVER_CIPHERS, SERVER_GROUPS, SERVER_SUITES } from '../../protocols/tls/server-policy.ts';
import { encodeUtf8 } from '../../base/bytes.ts';
import { cString } from './c-string.ts';
import { processLibrary } from './library.ts';

const ssl = processLibrary.getFunctions({
  TLS_server_method: { arguments: [], return: 'pointer' },
  SSL_CTX_new: { arguments: ['pointer'], return: 'pointer' },
  SSL_CTX_free: { arguments: ['pointer'], return: 'void' },
  SSL_CTX_ctrl: { arguments: ['pointer', 'i32', 'i64', 'pointer'], return: 'i64' },
  SSL_CTX_set_options: { arguments: ['pointer', 'u64'], return: 'u64' },
  SSL_CTX_set_cipher_list: { arguments: ['pointer', 'pointer'], return: 'i32' },
  SSL_CTX_set_ciphersuites: { arguments: ['pointer', 'pointer'], return: 'i32' },
  SSL_CTX_use_certificate: { arguments: ['pointer', 'pointer'], return: 'i32' },
  SSL_CTX_use_PrivateKey: { arguments: ['pointer', 'pointer'], return: 'i32' },
  SSL_CTX_set_num_tickets: { arguments: ['pointer', 'u64'], return: 'i32' },
  SSL_CTX_check_private_key: { arguments: ['pointer'], return: 'i32' },
  SSL_CTX_set_session_id_context: { arguments: ['pointer', 'pointer', 'u32'], return: 'i32' },
  SSL_CTX_set_alpn_select_cb: { arguments: ['pointer', 'pointer', 'pointer'], return: 'void' },
  BIO_new_mem_buf: { arguments: ['pointer', 'i32'], return: 'pointer' },
  BIO_free: { arguments: ['pointer'], return: 'i32' },
  PEM_read_bio_X509: { arguments: ['pointer', 'pointer', 'pointer', 'pointer'], return: 'pointer' },
  PEM_read_bio_PrivateKey: { arguments: ['pointer', 'pointer', 'pointer', 'pointer'], return: 'pointer' },
  X509_free: { arguments: ['pointer'], return: 'void' },
  EVP_PKEY_free: { arguments: ['pointer'], return: 'void' },
  ERR_get_error: { arguments: [], return: 'u64' },
  ERR_error_string_n: { arguments: ['u64', 'pointer', 'u64'], return: 'void' },
  ERR_clear_error: { arguments: [], return: 'void' },
});

// OpenSSL 3, <openssl/ssl.h> and <openssl/tls1.h>: numbers of SSL_CTX_ctrl.
const CTRL = {
  mode: 33,
  readAhead: 41,
  sessionCacheMode: 44,
  ticketKeys: 59,
  addToChain: 89,
  groupsList: 92,
  minVersion: 123,
} as const;
const TLS1_2_VERSION = 0x0303n;
const OP_NO_RENEGOTIATION = 1n << 30n;
/** SSL_OP_CIPHER_SERVER_PREFERENCE, SSL_OP_PRIORITIZE_CHACHA. */
const OP_OUR_CIPHERS_FIRST = (1n << 22n) | (1n << 21n);
const SESS_CACHE_OFF = 0n;
/** SSL_MODE_ENABLE_PARTIAL_WRITE, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, SSL_MODE_RELEASE_BUFFERS. */
const MODES = 0x1n | 0x2n | 0x10n;
const SSL_TLSEXT_ERR_OK = 0;

/**
 * RFC 8446 §4.6.1: as many as the server likes. A client that resumes gets the next one then; OpenSSL's two would be a second encryption of
 * the session in each full handshake, for those who open several connections at once, and they have HTTP/2.
 */
const TICKETS = 1n;

/** OpenSSL's own size for a set of ticket keys: name, HMAC and AES keys. */
export const TICKET_KEYS_BYTES = 80;

/** OpenSSL refused what it was given: a certificate, a key, or a cipher list. */
export class OpenSslError extends Error {
  override name = 'OpenSslError';

  constructor(call: string) {
    super(`${call}: ${lastReason()}`);
  }
}

/** The oldest error of this thread's queue in words, and an empty queue. */
function lastReason(): string {
  const text = new Uint8Array(256);
  ssl.ERR_error_string_n(ssl.ERR_get_error(), text, BigInt(text.length));
  ssl.ERR_clear_error();
  return new TextDecoder().decode(text.subarray(0, text.indexOf(0)));
}

/** What sessions of one certificate are made from. */
export interface TlsServerContext extends Disposable {
  /** SSL_CTX *. Sessions made from it keep it alive by themselves. */
  readonly pointer: bigint;
}

/** Protocol names of RFC 7301 §6 and RFC 9113 §3.1. */
export type AlpnProtocol = 'http/1.1' | 'h2';

const PROTOCOL_NAMES: Readonly<Record<AlpnProtocol, Uint8Array>> = {
  'http/1.1': encodeUtf8('http/1.1'),
  h2: encodeUtf8('h2'),
};

let selected: Uint8Array = PROTOCOL_NAMES['http/1.1'];

/**
 * Names what the handshake of the next call is to choose, on this thread. Who calls has seen the ClientHello: connections that do not offer it
 * never come to a session (RFC 7301 §3.2 is obeyed where they are routed).
 */
export function selectAlpnProtocol(protocol: AlpnProtocol): void {
  selected = PROTOCOL_NAMES[protocol];
}

/** OpenSSL calls it within SSL_do_handshake, on this thread, so that the choice is still the caller's; one for all contexts, for ever. */
const selectProtocol = processLibrary.registerCallback(
  { arguments: ['pointer', 'pointer', 'pointer', 'pointer', 'u32', 'pointer'], return: 'i32' },
  (_session, out, outLength) => {
    setUint64(out as bigint, 0, getRawPointer(selected));
    setUint8(outLength as bigint, 0, selected.length);
    return SSL_TLSEXT_ERR_OK;
  },
);

export interface TlsContextOptions {
  readonly credentials: TlsCredentials;
  /** {@link TICKET_KEYS_BYTES} of chance, the same for all workers of a server, so that any of them resumes a session. */
  readonly ticketKeys: Uint8Array;
  /** At most 32 bytes: sessions of one name are not resumed under another certificate. */
  readonly sessionIdContext: Uint8Array;
}

/** TLS 1.2 and 1.3 by the policy for servers. @throws OpenSslError where certificate and key are none, or not a pair. */
export function createTlsServerContext(options: TlsContextOptions): TlsServerContext {
  const pointer = ssl.SSL_CTX_new(ssl.TLS_server_method());
  check(pointer !== 0n, 'SSL_CTX_new');
  try {
    applyPolicy(pointer, options);
    useChain(pointer, options.credentials.certificateChainPem);
    useKey(pointer, options.credentials.privateKeyPem);
  } catch (error) {
    ssl.SSL_CTX_free(pointer);
    throw error;
  }
  return { pointer, [Symbol.dispose]: () => ssl.SSL_CTX_free(pointer) };
}

function applyPolicy(context: bigint, { ticketKeys, sessionIdContext }: TlsContextOptions): void {
  // RFC 8996: TLS 1.0 and 1.1 must not be used.
  check(ssl.SSL_CTX_ctrl(context, CTRL.minVersion, TLS1_2_VERSION, null) === 1n, 'minimum version');
  check(ssl.SSL_CTX_set_ciphersuites(context, cString(SERVER_SUITES.join(':'))) === 1, 'ciphersuites');
  check(ssl.SSL_CTX_set_cipher_list(context, cString(SERVER_CIPHERS.join(':'))) === 1, 'cipher list');
  const groups = cString(SERVER_GROUPS.join(':'));
  check(ssl.SSL_CTX_ctrl(context, CTRL.groupsList, 0n, groups) === 1n, 'groups');
  // RFC 8446 has no renegotiation; in TLS 1.2 it lets a client make the server work for nothing.
  // SHA-256, which processors have an instruction for, before SHA-384; but ChaCha20 where the client, which then has none for AES, asks for it first.
  ssl.SSL_CTX_set_options(context, OP_NO_RENEGOTIATION | OP_OUR_CIPHERS_FIRST);
  ssl.SSL_CTX_ctrl(context, CTRL.mode, MODES, null);
  // A record is read by one system call, not its head and then the rest.
  ssl.SSL_CTX_ctrl(context, CTRL.readAhead, 1n, null);
  // Sessions live in their tickets, so that they cost no memory here.
  ssl.SSL_CTX_ctrl(context, CTRL.sessionCacheMode, SESS_CACHE_OFF, null);
  const keysTaken = ssl.SSL_CTX_ctrl(context, CTRL.ticketKeys, BigInt(TICKET_KEYS_BYTES), ticketKeys);
  check(keysTaken === 1n, 'ticket keys');
  check(ssl.SSL_CTX_set_num_tickets(context, TICKETS) === 1, 'number of tickets');
  const length = sessionIdContext.length;
  check(ssl.SSL_CTX_set_session_id_context(context, sessionIdContext, length) === 1, 'session id context');
  ssl.SSL_CTX_set_alpn_select_cb(context, selectProtocol, null);
}

function useChain(context: bigint, pem: string): void {
  using input = createMemoryInput(pem);
  const leaf = ssl.PEM_read_bio_X509(input.pointer, null, null, null);
  check(leaf !== 0n, 'certificate');
  const taken = ssl.SSL_CTX_use_certificate(context, leaf);
  ssl.X509_free(leaf);
  check(taken === 1, 'certificate');
  for (;;) {
    const issuer = ssl.PEM_read_bio_X509(input.pointer, null, null, null);
    if (issuer === 0n) break;
    // The context owns it from now on.
    if (ssl.SSL_CTX_ctrl(context, CTRL.addToChain, 0n, issuer) !== 1n) {
      ssl.X509_free(issuer);
      throw new OpenSslError('certificate chain');
    }
  }
  // The end of the text is an error of its own (PEM_R_NO_START_LINE), which must not be taken for a session's.
  ssl.ERR_clear_error();
}

function useKey(context: bigint, pem: string): void {
  using input = createMemoryInput(pem);
  const key = ssl.PEM_read_bio_PrivateKey(input.pointer, null, null, null);
  check(key !== 0n, 'private key');
  const taken = ssl.SSL_CTX_use_PrivateKey(context, key);
  ssl.EVP_PKEY_free(key);
  check(taken === 1 && ssl.SSL_CTX_check_private_key(context) === 1, 'private key');
}

/** A BIO over a text, which it only reads; the text is held until it is freed. */
function createMemoryInput(text: string): Disposable & { readonly pointer: bigint } {
  const bytes = encodeUtf8(text);
  const pointer = ssl.BIO_new_mem_buf(bytes, bytes.length);
  check(pointer !== 0n, 'BIO_new_mem_buf');
  return {
    pointer,
    [Symbol.dispose]() {
      ssl.BIO_free(pointer);
      bytes.fill(0);
    },
  };
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new OpenSslError(what);
}
