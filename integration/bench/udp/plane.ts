import type { DataPlane } from '../../../shared/devices/udp.ts';

/** The shortest datagram that has room for the hash. */
const HASH_BYTES = 4;

/**
 * Copies a request of `length` bytes into its reply; the last four take the FNV-1a hash of the rest (as in peer.c): a little work
 * on every byte, as a parser does.
 */
export function answer(request: Uint8Array, reply: Uint8Array, start: number, length: number): void {
  const end = start + length - HASH_BYTES;
  let value = 2_166_136_261;
  for (let index = start; index < end; index++) {
    const byte = request[index] as number;
    reply[index] = byte;
    value = Math.imul(value ^ byte, 16_777_619);
  }
  reply[end] = value;
  reply[end + 1] = value >>> 8;
  reply[end + 2] = value >>> 16;
  reply[end + 3] = value >>> 24;
}

export const hashingPlane: DataPlane = batch => {
  for (let index = 0; index < batch.count; index++) {
    const length = batch.requestLengths[index] as number;
    if (length < HASH_BYTES) continue;
    answer(batch.requests, batch.replies, index * batch.slotBytes, length);
    batch.replyLengths[index] = length;
  }
};
