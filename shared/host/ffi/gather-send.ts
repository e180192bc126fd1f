import { getRawPointer } from 'node:ffi';
import { datagramLayout } from './datagram-layout.ts';
import { EAGAIN, EINTR, lastErrno, processLibrary } from './library.ts';
import { BROKEN, WOULD_BLOCK } from './stream-socket.ts';

/** Parts that one call sends; the kernel's own limit is 1,024 (UIO_MAXIOV). */
export const PARTS_MAX = 64;

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

const { sendmsg } = processLibrary.getFunctions({
  // The result fits in 32 bits: the kernel sends at most 2^31 - 4096 bytes at a time.
  // An address as a number: a 'pointer' might be a buffer, which costs a look each time.
  sendmsg: { arguments: ['i32', 'u64', 'i32'], return: 'i32' },
});

/** Where a view's bytes are in memory. Whoever keeps the number keeps the view: what is collected is somebody else's memory. */
export function addressOf(bytes: Uint8Array): number {
  // Addresses of processes have 47 bits on both architectures, so a number holds them.
  return Number(getRawPointer(bytes));
}

/** Sends parts of memory by one system call, without a copy of ours. */
export class GatherSend {
  /** Parts added since {@link clear}. */
  count = 0;
  readonly #words: Uint32Array;
  readonly #header: bigint;
  readonly #countWord: number;
  readonly #vectorWord: number;
  readonly #vectorWords: number;

  constructor() {
    const { iovec, message } = datagramLayout();
    const vectors = new Uint32Array((message.bytes + PARTS_MAX * iovec.bytes) / 4);
    const base = getRawPointer(vectors);
    this.#words = vectors;
    this.#header = base;
    this.#countWord = message.vectorCount / 4;
    this.#vectorWord = message.bytes / 4;
    this.#vectorWords = iovec.bytes / 4;
    new DataView(vectors.buffer).setBigUint64(message.vectors, base + BigInt(message.bytes), true);
  }

  clear(): void {
    this.count = 0;
  }

  /** At most {@link PARTS_MAX}. The memory is the caller's to keep until {@link send} has returned. */
  add(address: number, length: number): void {
    const word = this.#vectorWord + this.count++ * this.#vectorWords;
    this.#words[word] = address % 0x1_0000_0000;
    this.#words[word + 1] = Math.floor(address / 0x1_0000_0000);
    this.#words[word + 2] = length;
  }

  /** Sends what was added: how many bytes the kernel took, {@link WOULD_BLOCK} or {@link BROKEN}. */
  send(descriptor: number): number {
    this.#words[this.#countWord] = this.count;
    const sent = sendmsg(descriptor, this.#header, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    const errno = lastErrno();
    return errno === EAGAIN || errno === EINTR ? WOULD_BLOCK : BROKEN;
  }
}
