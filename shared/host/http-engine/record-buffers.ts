import { addressOf } from '../ffi/gather-send.ts';

/** RFC 8446 §5.1: a record's plaintext. */
export const RECORD_MAX_BYTES = 2 ** 14;

/** Given back by connections that waited for their readers, and kept for the next: 1 MiB. */
const FREE_MAX = 64;

export interface RecordBuffer {
  readonly bytes: Uint8Array;
  readonly address: bigint;
}

/** Memory in which the connections of a thread make records: one for all that send at once, and one for each record that has to wait. */
export class RecordBuffers {
  /** To be filled and sent within a turn. */
  current: RecordBuffer = createBuffer();
  readonly #free: RecordBuffer[] = [];

  /** Takes `current` out with what is in it, until it is given back. */
  keep(): RecordBuffer {
    const kept = this.current;
    this.current = this.#free.pop() ?? createBuffer();
    return kept;
  }

  giveBack(buffer: RecordBuffer): void {
    if (this.#free.length < FREE_MAX) this.#free.push(buffer);
  }
}

function createBuffer(): RecordBuffer {
  const bytes = new Uint8Array(RECORD_MAX_BYTES);
  return { bytes, address: BigInt(addressOf(bytes)) };
}
