import { concatBytes, viewOf } from '../../base/bytes.ts';

/** RFC 1035 §4.2.2: a message of a stream follows its length in two bytes. */
const LENGTH_BYTES = 2;

/** RFC 7766 §8: length and message together, so that they can leave in one write. */
export function frameMessage(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(LENGTH_BYTES);
  viewOf(length).setUint16(0, message.length);
  return concatBytes([length, message]);
}

/** Finds the messages in what a stream brings, piece by piece. It keeps less than one message of 65,535 bytes. */
export class MessageFrames {
  #rest: Uint8Array = new Uint8Array();

  /** The messages that are whole with this piece, in their order; views of it where it has them whole. */
  take(piece: Uint8Array): Uint8Array[] {
    const bytes = this.#rest.length === 0 ? piece : concatBytes([this.#rest, piece]);
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at + LENGTH_BYTES <= bytes.length) {
      const end = at + LENGTH_BYTES + viewOf(bytes).getUint16(at);
      if (end > bytes.length) break;
      messages.push(bytes.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    // A copy, also of a Buffer, whose `slice` is none: a small rest must not hold a large piece.
    this.#rest = Uint8Array.from(bytes.subarray(at));
    return messages;
  }
}
