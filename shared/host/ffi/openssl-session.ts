import { getRawPointer } from 'node:ffi';
import { concatBytes } from '../../base/bytes.ts';
import { processLibrary } from './library.ts';
import { selectAlpnProtocol, type AlpnProtocol, type TlsServerContext } from './openssl.ts';
import type { SealedOutput } from './sealed-output.ts';
import { BROKEN, sendFrom, WOULD_BLOCK, type InputBuffer } from './stream-socket.ts';

const ssl = processLibrary.getFunctions({
  SSL_new: { arguments: ['pointer'], return: 'pointer' },
  SSL_free: { arguments: ['pointer'], return: 'void' },
  SSL_set_rfd: { arguments: ['pointer', 'i32'], return: 'i32' },
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

/**
 * RFC 8446 §5.2: what a record without padding adds to its content: header, type and tag. In TLS 1.2 it is more, or with ChaCha20, which
 * has no type there, one byte less.
 */
const RECORD_OVERHEAD_BYTES = 22;

/**
 * More than is ever sealed at once. A peer that asks for new keys again and again (RFC 8446 §4.6.3) and takes none of the answers would make
 * grow what waits for it.
 */
const WAITING_MAX_BYTES = 256 * 1024;

/** With which names' credentials, and in which protocol of those that the client offers by ALPN: where it offers none, none is chosen. */
export interface TlsChoice {
  readonly context: TlsServerContext;
  readonly protocol: AlpnProtocol;
}

/** One connection's TLS, as a server, on a non-blocking descriptor that stays the caller's. */
export class TlsSession {
  readonly #pointer: bigint;
  readonly #protocol: AlpnProtocol;
  readonly #input: bigint;
  /** Bytes that had come from the socket when it was last known that there were no more, neither there nor here. */
  #emptyAt = 0;
  readonly #descriptor: number;
  readonly #sealed: SealedOutput;
  /** Sealed, and not taken by the socket. */
  #waiting: Uint8Array | undefined;
  /** Whether it may still say something: OpenSSL forbids that after a fatal error, and once is enough. */
  #usable = true;

  /** `sealed` is its thread's. */
  constructor({ context, protocol }: TlsChoice, descriptor: number, sealed: SealedOutput) {
    this.#protocol = protocol;
    this.#descriptor = descriptor;
    this.#sealed = sealed;
    this.#pointer = ssl.SSL_new(context.pointer);
    if (this.#pointer === 0n || ssl.SSL_set_rfd(this.#pointer, descriptor) !== 1)
      throw new Error('no memory for a TLS session');
    sealed.attach(this.#pointer);
    ssl.SSL_set_accept_state(this.#pointer);
    this.#input = ssl.SSL_get_rbio(this.#pointer);
  }

  /** What was sealed and has not gone: {@link flush} goes on, and nothing may be sealed before. */
  get waitingBytes(): number {
    return this.#waiting?.length ?? 0;
  }

  /** With so much sealed a {@link flush} is due. */
  get batchBytes(): number {
    return this.#sealed.batchBytes;
  }

  /** Goes on with the handshake: 1 when it is done, else {@link WOULD_BLOCK} or {@link BROKEN} (the peer has then been told by an alert). */
  handshake(): number {
    this.#begin();
    selectAlpnProtocol(this.#protocol);
    const result = ssl.SSL_do_handshake(this.#pointer);
    const outcome = result === 1 ? 1 : this.#outcomeOf(result);
    return this.flush() === BROKEN ? BROKEN : outcome;
  }

  /**
   * Decrypts what has come: how many bytes, 0 where the peer has closed its side (RFC 8446 §6.1), WOULD_BLOCK or BROKEN. After a count, what
   * there may be to say to the peer goes with the next {@link flush} or {@link drained}.
   */
  read(into: InputBuffer): number {
    this.#begin();
    const result = ssl.SSL_read(this.#pointer, into.address, into.bytes.length);
    if (result > 0) return result;
    const outcome = this.#outcomeOf(result);
    if (outcome === WOULD_BLOCK && ssl.SSL_has_pending(this.#pointer) === 0)
      this.#emptyAt = ssl.BIO_number_read(this.#input);
    // What came may have been worth an alert, or have asked for new keys (RFC 8446 §4.6.3).
    return this.flush() === BROKEN ? BROKEN : outcome;
  }

  /**
   * Whether all that had come has been read, the last time `count` bytes. What came since the last time it was known to be all is less than
   * one read of the socket may take, so the last one was given less than it asked for, and that was all there was (epoll(7)). False says
   * nothing.
   */
  drained(count: number): boolean {
    const at = ssl.BIO_number_read(this.#input);
    const came = (at - this.#emptyAt) >>> 0;
    if (came >= READ_BUFFER_MIN_BYTES) return false;
    // One record came, which was all: what would be left of another is at most its first byte, and the rest of it will be news.
    const isOneRecord = came === count + RECORD_OVERHEAD_BYTES;
    if (!isOneRecord && ssl.SSL_has_pending(this.#pointer) !== 0) return false;
    this.#emptyAt = at;
    if (this.#sealed.user === this) this.flush();
    return true;
  }

  /**
   * Encrypts from memory what goes with the next {@link flush}, which is due before anything else happens in the thread: how many bytes,
   * at most one record's, or BROKEN.
   */
  seal(address: bigint, length: number): number {
    this.#begin();
    const result = ssl.SSL_write(this.#pointer, address, length);
    if (result > 0) return result;
    // The memory always has room: whatever it is, it is final.
    this.#outcomeOf(result);
    return BROKEN;
  }

  /** Sends what was sealed: 0 where all of it has gone, WOULD_BLOCK or BROKEN. */
  flush(): number {
    const isMine = this.#end();
    if (this.#waiting !== undefined) return this.#sendWaiting(this.#waiting, isMine);
    if (!isMine) return 0;
    const rest = this.#sealed.send(this.#descriptor);
    if (rest === BROKEN) return BROKEN;
    this.#keep(rest);
    return rest === undefined ? 0 : WOULD_BLOCK;
  }

  /** What another session has left in the memory that they share goes to that one's peer. */
  #begin(): void {
    const { user } = this.#sealed;
    if (user !== undefined && user !== this) user.flush();
    this.#sealed.user = this;
  }

  /** Whether what is in that memory, if anything, is this session's; nobody's from now on. */
  #end(): boolean {
    const isMine = this.#sealed.user === this;
    if (isMine) this.#sealed.user = undefined;
    return isMine;
  }

  #sendWaiting(waiting: Uint8Array, isMore: boolean): number {
    const more = isMore ? this.#sealed.take() : undefined;
    const bytes = more === undefined ? waiting : concatBytes([waiting, more]);
    const sent = sendFrom(this.#descriptor, getRawPointer(bytes), bytes.length);
    if (sent === BROKEN || bytes.length > WAITING_MAX_BYTES) return BROKEN;
    this.#keep(sent === bytes.length ? undefined : bytes.subarray(Math.max(0, sent)));
    return this.#waiting === undefined ? 0 : WOULD_BLOCK;
  }

  #keep(waiting: Uint8Array | undefined): void {
    this.#sealed.waitingBytes += (waiting?.length ?? 0) - this.waitingBytes;
    this.#waiting = waiting;
  }

  /** Tells the peer that nothing more comes (close_notify), as far as it takes it now. */
  endSending(): void {
    if (!this.#usable) return;
    this.#usable = false;
    this.#begin();
    if (ssl.SSL_shutdown(this.#pointer) < 0) clearErrors();
    this.flush();
  }

  /** Nothing of it may be used afterwards. */
  free(): void {
    if (this.#end()) this.#sealed.take();
    this.#keep(undefined);
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
