import { processLibrary } from './library.ts';
import { selectAlpnProtocol, type AlpnProtocol, type TlsServerContext } from './openssl.ts';
import { BROKEN, WOULD_BLOCK, type InputBuffer } from './stream-socket.ts';

const ssl = processLibrary.getFunctions({
  SSL_new: { arguments: ['pointer'], return: 'pointer' },
  SSL_free: { arguments: ['pointer'], return: 'void' },
  SSL_set_fd: { arguments: ['pointer', 'i32'], return: 'i32' },
  SSL_set_accept_state: { arguments: ['pointer'], return: 'void' },
  SSL_do_handshake: { arguments: ['pointer'], return: 'i32' },
  // An address that is known to be one goes as a number of 64 bits: a 'pointer' might be a buffer or a text, which costs a look each time.
  SSL_read: { arguments: ['u64', 'u64', 'i32'], return: 'i32' },
  SSL_write: { arguments: ['u64', 'u64', 'i32'], return: 'i32' },
  SSL_has_pending: { arguments: ['u64'], return: 'i32' },
  SSL_get_rbio: { arguments: ['pointer'], return: 'pointer' },
  // Of 64 bits the lower half: differences are asked for.
  BIO_number_read: { arguments: ['u64'], return: 'i32' },
  SSL_shutdown: { arguments: ['pointer'], return: 'i32' },
  SSL_get_error: { arguments: ['pointer', 'i32'], return: 'i32' },
});

const clearErrors = processLibrary.getFunction('ERR_clear_error', { arguments: [], return: 'void' });

// <openssl/ssl.h>
const SSL_ERROR_WANT_READ = 2;
const SSL_ERROR_WANT_WRITE = 3;
const SSL_ERROR_ZERO_RETURN = 6;

/** OpenSSL's buffer for reading, SSL3_RT_MAX_PLAIN_LENGTH and more: a read of the socket asks for that much, less what is there already. */
const READ_BUFFER_MIN_BYTES = 2 ** 14;

/** One connection's TLS, as a server, on a non-blocking descriptor that stays the caller's. */
export class TlsSession {
  readonly #pointer: bigint;
  readonly #protocol: AlpnProtocol;
  readonly #input: bigint;
  /** Bytes that had come from the socket when it was last known that there were no more, neither there nor here. */
  #emptyAt = 0;
  /** Whether it may still say something: OpenSSL forbids that after a fatal error, and once is enough. */
  #usable = true;

  /** `protocol`: what is chosen of those that the client offers by ALPN. Where it offers none, none is. */
  constructor(context: TlsServerContext, descriptor: number, protocol: AlpnProtocol) {
    this.#protocol = protocol;
    this.#pointer = ssl.SSL_new(context.pointer);
    if (this.#pointer === 0n || ssl.SSL_set_fd(this.#pointer, descriptor) !== 1)
      throw new Error('no memory for a TLS session');
    ssl.SSL_set_accept_state(this.#pointer);
    this.#input = ssl.SSL_get_rbio(this.#pointer);
  }

  /** Goes on with the handshake: 1 when it is done, else {@link WOULD_BLOCK} or {@link BROKEN} (the peer has then been told by an alert). */
  handshake(): number {
    selectAlpnProtocol(this.#protocol);
    const result = ssl.SSL_do_handshake(this.#pointer);
    return result === 1 ? 1 : this.#outcomeOf(result);
  }

  /** Decrypts what has come: how many bytes, 0 where the peer has closed its side (RFC 8446 §6.1), WOULD_BLOCK or BROKEN. */
  read(into: InputBuffer): number {
    const result = ssl.SSL_read(this.#pointer, into.address, into.bytes.length);
    if (result > 0) return result;
    const outcome = this.#outcomeOf(result);
    if (outcome === WOULD_BLOCK && ssl.SSL_has_pending(this.#pointer) === 0)
      this.#emptyAt = ssl.BIO_number_read(this.#input);
    return outcome;
  }

  /**
   * Whether all that had come has been read. What came since the last time it was known to be all is less than one read of the socket may
   * take, so the last one was given less than it asked for, and that was all there was (epoll(7)). False says nothing.
   */
  drained(): boolean {
    if (ssl.SSL_has_pending(this.#pointer) !== 0) return false;
    const at = ssl.BIO_number_read(this.#input);
    if ((at - this.#emptyAt) >>> 0 >= READ_BUFFER_MIN_BYTES) return false;
    this.#emptyAt = at;
    return true;
  }

  /**
   * Encrypts and sends from memory: how many bytes went, at most one record's, WOULD_BLOCK or BROKEN. After WOULD_BLOCK the next call must
   * offer the same bytes again, wherever they then lie.
   */
  write(address: bigint, length: number): number {
    const result = ssl.SSL_write(this.#pointer, address, length);
    return result > 0 ? result : this.#outcomeOf(result);
  }

  /** Tells the peer that nothing more comes (close_notify), as far as it takes it now. */
  endSending(): void {
    if (!this.#usable) return;
    this.#usable = false;
    if (ssl.SSL_shutdown(this.#pointer) < 0) clearErrors();
  }

  /** Nothing of it may be used afterwards. */
  free(): void {
    ssl.SSL_free(this.#pointer);
  }

  /** The thread's error queue is empty before every call, since it is emptied after every failure: SSL_get_error looks into it. */
  #outcomeOf(result: number): number {
    switch (ssl.SSL_get_error(this.#pointer, result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return WOULD_BLOCK;
      case SSL_ERROR_ZERO_RETURN:
        return 0;
      default:
        this.#usable = false;
        clearErrors();
        return BROKEN;
    }
  }
}
