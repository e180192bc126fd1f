import { getRawPointer, toArrayBuffer } from 'node:ffi';
import { processLibrary } from './library.ts';
import { BROKEN, sendFrom } from './stream-socket.ts';

const ssl = processLibrary.getFunctions({
  BIO_new_bio_pair: { arguments: ['pointer', 'u64', 'pointer', 'u64'], return: 'i32' },
  BIO_up_ref: { arguments: ['pointer'], return: 'i32' },
  // An address that is known to be one goes as a number of 64 bits: a 'pointer' might be a buffer or a text, which costs a look each time.
  BIO_nread: { arguments: ['u64', 'u64', 'i32'], return: 'i32' },
  SSL_set0_wbio: { arguments: ['pointer', 'pointer'], return: 'void' },
});

/** Sealed before it is sent: 7 records. */
const BATCH_BYTES = 112 * 1024;

/** What sockets have not taken is kept, up to this for all sessions of a thread; beyond, each session seals one record at a time. */
const WAITING_MAX_BYTES = 16 * 1024 * 1024;

/** {@link BATCH_BYTES} with a record more, and what records add to their content (RFC 8446 §5.2); or the longest flight of a handshake. */
const MEMORY_BYTES = 192 * 1024;

const UNLIMITED = 0x7fff_ffff;

/**
 * Where the TLS sessions of a thread leave what they have sealed, until it goes to their socket by one system call: OpenSSL on a socket of
 * its own makes one for each record, and each costs the kernel a walk through all its layers. It is empty, or has what its {@link user} has to send.
 */
export class SealedOutput {
  /** Sealed, and kept by sessions whose sockets did not take it. */
  waitingBytes = 0;
  /** The session that may have left something here. */
  user: { flush(): number } | undefined;
  readonly #in: bigint;
  readonly #out: bigint;
  readonly #found = new BigUint64Array(1);
  readonly #foundAddress: bigint = getRawPointer(this.#found);

  constructor() {
    const ends = new BigUint64Array(2);
    const [sealed, other] = [ends.subarray(0, 1), ends.subarray(1)];
    if (ssl.BIO_new_bio_pair(sealed, BigInt(MEMORY_BYTES), other, 0n) !== 1)
      throw new Error('no memory for a TLS output');
    this.#in = sealed[0] as bigint;
    this.#out = other[0] as bigint;
  }

  /** A session with so much sealed sends it before it seals more. */
  get batchBytes(): number {
    return this.waitingBytes < WAITING_MAX_BYTES ? BATCH_BYTES : 1;
  }

  /** What the session at `pointer` seals comes here. */
  attach(pointer: bigint): void {
    ssl.BIO_up_ref(this.#in);
    ssl.SSL_set0_wbio(pointer, this.#in);
  }

  /** Sends what is here, and gives back what the socket does not take now; BROKEN where it takes nothing any more. Nothing is left here. */
  send(descriptor: number): Uint8Array | typeof BROKEN | undefined {
    const count = this.#find();
    if (count === 0) return undefined;
    const address = this.#found[0] as bigint;
    const sent = sendFrom(descriptor, address, count);
    if (sent === count || sent === BROKEN) return sent === BROKEN ? BROKEN : undefined;
    const taken = Math.max(0, sent);
    return copyOf(address + BigInt(taken), count - taken);
  }

  /** Gives back all that is here. */
  take(): Uint8Array | undefined {
    const count = this.#find();
    return count === 0 ? undefined : copyOf(this.#found[0] as bigint, count);
  }

  /** How many bytes are here, taken out: they stay where they are until more is sealed. All in one piece, since it is emptied each time. */
  #find(): number {
    return Math.max(0, ssl.BIO_nread(this.#out, this.#foundAddress, UNLIMITED));
  }
}

function copyOf(address: bigint, length: number): Uint8Array {
  return new Uint8Array(toArrayBuffer(address, length, true));
}
