import { getRawPointer } from 'node:ffi';
import { SOURCE_BYTES, type PacketBatch } from '../../devices/udp.ts';
import { datagramLayout } from './datagram-layout.ts';
import { SOCKET_ADDRESS, type Family } from './socket-address.ts';

/** Datagrams taken by one call. More spread a call's cost over more, but the buffers should stay in the cache. */
export const BATCH_MAX = 64;

/** Room for either socket address, aligned. */
export const NAME_STRIDE_BYTES = 32;

/** Slots begin on a line of the processor's cache. */
const CACHE_LINE_BYTES = 64;

export interface DatagramMemory {
  readonly arrays: Omit<PacketBatch, 'count'>;
  /** Addresses for recvmmsg and sendmmsg: arrays of struct mmsghdr. */
  readonly requestHeaders: bigint;
  readonly replyHeaders: bigint;
  /** The same memory as words, and where in it headers and replies' vectors begin. */
  readonly words: Uint32Array;
  readonly requestHeaderWord: number;
  readonly replyHeaderWord: number;
  readonly replyVectorWord: number;
  /** The sources as the kernel writes them, one each {@link NAME_STRIDE_BYTES}. */
  readonly names: Uint8Array;
  readonly nameHalves: Uint16Array;
  readonly sourceHalves: Uint16Array;
  replyAddress(index: number): bigint;
  nameAddress(index: number): bigint;
  /** Writes a pointer at a word of `words`. */
  writeAddress(word: number, address: bigint): void;
}

/**
 * All that the kernel reads and writes, in one buffer made once, with every pointer set. Whoever holds the result holds the
 * buffer: it is kept as long as there is a socket, since a collected buffer would be somebody else's memory overwritten.
 */
export function createDatagramMemory(family: Family, slotBytes: number): DatagramMemory {
  const { message, iovec } = datagramLayout();
  const at = { end: 0 };
  const place = (bytes: number): number => {
    const start = at.end;
    at.end = Math.ceil((start + bytes) / CACHE_LINE_BYTES) * CACHE_LINE_BYTES;
    return start;
  };
  const requestHeaders = place(BATCH_MAX * message.bytes);
  const replyHeaders = place(BATCH_MAX * message.bytes);
  const requestVectors = place(BATCH_MAX * iovec.bytes);
  const replyVectors = place(BATCH_MAX * iovec.bytes);
  const names = place(BATCH_MAX * NAME_STRIDE_BYTES);
  const requests = place(BATCH_MAX * slotBytes);
  const replies = place(BATCH_MAX * slotBytes);
  const buffer = new ArrayBuffer(at.end);
  const base = getRawPointer(buffer);
  const view = new DataView(buffer);
  const sources = createSources(family);
  for (let index = 0; index < BATCH_MAX; index++) {
    for (const [headers, vectors, slots] of [
      [requestHeaders, requestVectors, requests],
      [replyHeaders, replyVectors, replies],
    ] as const) {
      const header = headers + index * message.bytes;
      const vector = vectors + index * iovec.bytes;
      view.setBigUint64(header + message.name, base + BigInt(names + index * NAME_STRIDE_BYTES), true);
      view.setUint32(header + message.nameLength, SOCKET_ADDRESS[family].bytes, true);
      view.setBigUint64(header + message.vectors, base + BigInt(vector), true);
      view.setBigUint64(header + message.vectorCount, 1n, true);
      view.setBigUint64(vector + iovec.base, base + BigInt(slots + index * slotBytes), true);
      view.setBigUint64(vector + iovec.length, BigInt(slotBytes), true);
    }
  }
  return {
    arrays: {
      slotBytes,
      requests: new Uint8Array(buffer, requests, BATCH_MAX * slotBytes),
      requestLengths: new Uint32Array(BATCH_MAX),
      replies: new Uint8Array(buffer, replies, BATCH_MAX * slotBytes),
      replyLengths: new Uint32Array(BATCH_MAX),
      sources: sources.bytes,
    },
    requestHeaders: base + BigInt(requestHeaders),
    replyHeaders: base + BigInt(replyHeaders),
    words: new Uint32Array(buffer),
    requestHeaderWord: requestHeaders / 4,
    replyHeaderWord: replyHeaders / 4,
    replyVectorWord: replyVectors / 4,
    names: new Uint8Array(buffer, names, BATCH_MAX * NAME_STRIDE_BYTES),
    nameHalves: new Uint16Array(buffer, names, (BATCH_MAX * NAME_STRIDE_BYTES) / 2),
    sourceHalves: sources.halves,
    replyAddress: index => base + BigInt(replies + index * slotBytes),
    nameAddress: index => base + BigInt(names + index * NAME_STRIDE_BYTES),
    writeAddress: (word, address) => view.setBigUint64(word * 4, address, true),
  };
}

/** IPv4 addresses are to stand behind ::ffff: (RFC 4291 §2.5.5.2), which is written once for all batches. */
function createSources(family: Family): { readonly bytes: Uint8Array; readonly halves: Uint16Array } {
  const bytes = new Uint8Array(BATCH_MAX * SOURCE_BYTES);
  if (family === 'ipv4')
    for (let index = 0; index < BATCH_MAX; index++)
      bytes.fill(0xff, index * SOURCE_BYTES + 10, index * SOURCE_BYTES + 12);
  return { bytes, halves: new Uint16Array(bytes.buffer) };
}
