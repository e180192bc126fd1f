import { SOURCE_BYTES, type PacketBatch } from '../../devices/udp.ts';
import {
  BATCH_MAX,
  createDatagramMemory,
  NAME_STRIDE_BYTES,
  type DatagramMemory,
} from './datagram-memory.ts';
import { datagramLayout } from './datagram-layout.ts';
import { EAGAIN, EINTR, lastErrno, processLibrary, SystemCallError } from './library.ts';
import type { Family } from './socket-address.ts';

const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;

/** Linux reports ICMP errors and a link that went down on the next call, once (udp(7), ip(7)): ENETDOWN to EHOSTUNREACH. */
const TRANSIENT_ERRNOS: ReadonlySet<number> = new Set([EINTR, EAGAIN, 100, 101, 111, 112, 113]);

const { recvmmsg, sendmmsg } = processLibrary.getFunctions({
  recvmmsg: { arguments: ['i32', 'pointer', 'u32', 'i32', 'pointer'], return: 'i32' },
  sendmmsg: { arguments: ['i32', 'pointer', 'u32', 'i32'], return: 'i32' },
});

/** A batch whose arrays the kernel fills and sends, and the two calls that do it. */
export interface DatagramBatch {
  readonly batch: PacketBatch;
  /** How many datagrams of the last {@link receive} were longer than a slot; they are not in the batch. */
  readonly tooLong: number;
  /** Whether the last {@link receive} took as many as it can, so that more are likely waiting. */
  readonly full: boolean;
  /** Takes what has come, without waiting, into a batch with all replies empty. @throws SystemCallError. */
  receive(): number;
  /** Sends the replies with a length from 1 to `slotBytes`; how many the kernel took. The rest are lost datagrams. */
  send(): number;
}

export function createDatagramBatch(descriptor: number, family: Family, slotBytes: number): DatagramBatch {
  return new KernelBatch(descriptor, family, createDatagramMemory(family, slotBytes));
}

const { message, iovec } = datagramLayout();
const HEADER_WORDS = message.bytes / 4;
const VECTOR_WORDS = iovec.bytes / 4;
const SOURCE_HALVES = SOURCE_BYTES / 2;
const NAME_HALVES = NAME_STRIDE_BYTES / 2;

/** In 16-bit units: the port in a struct sockaddr, and where address and port stand in a source. */
const PORT_HALF = 1;
const FOUR = { name: 2, source: 6, halves: 2 } as const;
const SIX = { name: 4, source: 0, halves: 8 } as const;
const SOURCE_PORT_HALF = 8;

class KernelBatch implements DatagramBatch {
  readonly batch: PacketBatch & { count: number };
  tooLong = 0;
  full = false;
  readonly #descriptor: number;
  readonly #memory: DatagramMemory;
  readonly #family: Family;
  /** Which datagram's reply the header at each place of the reply headers points to. */
  readonly #pointing: Int32Array = new Int32Array(BATCH_MAX).fill(-1);

  constructor(descriptor: number, family: Family, memory: DatagramMemory) {
    this.#descriptor = descriptor;
    this.#family = family;
    this.#memory = memory;
    this.batch = { count: 0, ...memory.arrays };
  }

  receive(): number {
    const { requestHeaders, words, requestHeaderWord } = this.#memory;
    const taken = recvmmsg(this.#descriptor, requestHeaders, BATCH_MAX, MSG_DONTWAIT, null);
    if (taken < 0) assertTransient('recvmmsg');
    const count = Math.max(taken, 0);
    this.full = count === BATCH_MAX;
    this.tooLong = 0;
    const { requestLengths } = this.batch;
    for (let index = 0, word = requestHeaderWord; index < count; index++, word += HEADER_WORDS)
      requestLengths[index] = words[word + message.length / 4] as number;
    this.batch.count = count;
    for (
      let index = count - 1, word = requestHeaderWord + index * HEADER_WORDS;
      index >= 0;
      index--, word -= HEADER_WORDS
    )
      if (((words[word + message.flags / 4] as number) & MSG_TRUNC) !== 0) this.#remove(index);
    this.batch.replyLengths.fill(0);
    this.#copySources();
    return this.batch.count;
  }

  /** Takes one that was cut out of the batch: the last one comes in its place. */
  #remove(index: number): void {
    const { batch } = this;
    const last = batch.count - 1;
    const { names } = this.#memory;
    batch.requests.copyWithin(index * batch.slotBytes, last * batch.slotBytes, (last + 1) * batch.slotBytes);
    names.copyWithin(index * NAME_STRIDE_BYTES, last * NAME_STRIDE_BYTES, (last + 1) * NAME_STRIDE_BYTES);
    batch.requestLengths[index] = batch.requestLengths[last] as number;
    batch.count = last;
    this.tooLong++;
  }

  /** From struct sockaddr to the plane's form; ::ffff: stands before IPv4 addresses since the memory was made. */
  #copySources(): void {
    const { nameHalves, sourceHalves } = this.#memory;
    const place = this.#family === 'ipv4' ? FOUR : SIX;
    const { count } = this.batch;
    for (
      let index = 0, name = 0, source = 0;
      index < count;
      index++, name += NAME_HALVES, source += SOURCE_HALVES
    ) {
      for (let half = 0; half < place.halves; half++)
        sourceHalves[source + place.source + half] = nameHalves[name + place.name + half] as number;
      sourceHalves[source + SOURCE_PORT_HALF] = nameHalves[name + PORT_HALF] as number;
    }
  }

  send(): number {
    const { words, replyVectorWord } = this.#memory;
    const { count, replyLengths, slotBytes } = this.batch;
    let replies = 0;
    for (let index = 0; index < count; index++) {
      const length = replyLengths[index] as number;
      if (length === 0 || length > slotBytes) continue;
      if (this.#pointing[replies] !== index) this.#point(replies, index);
      words[replyVectorWord + replies * VECTOR_WORDS + iovec.length / 4] = length;
      replies++;
    }
    return this.#sendFirst(replies);
  }

  /** The header at `place` sends the reply of datagram `index`. */
  #point(place: number, index: number): void {
    const memory = this.#memory;
    const vector = memory.replyVectorWord + place * VECTOR_WORDS;
    const header = memory.replyHeaderWord + place * HEADER_WORDS;
    memory.writeAddress(vector + iovec.base / 4, memory.replyAddress(index));
    memory.writeAddress(header + message.name / 4, memory.nameAddress(index));
    this.#pointing[place] = index;
  }

  #sendFirst(count: number): number {
    const { replyHeaders } = this.#memory;
    let sent = 0;
    for (let next = 0; next < count;) {
      const headers = next === 0 ? replyHeaders : replyHeaders + BigInt(next * message.bytes);
      const taken = sendmmsg(this.#descriptor, headers, count - next, MSG_DONTWAIT);
      if (taken > 0) sent += taken;
      else if (lastErrno() === EAGAIN) return sent;
      // What the kernel refuses (no route back) is a lost datagram; those behind it still go.
      next += Math.max(taken, 1);
    }
    return sent;
  }
}

function assertTransient(call: string): void {
  const errno = lastErrno();
  if (!TRANSIENT_ERRNOS.has(errno)) throw new SystemCallError(call, errno, 'datagrams');
}
