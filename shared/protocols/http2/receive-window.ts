import { WINDOW_INITIAL } from './frame.ts';

/** Small updates are dear, and late ones stop the sender: half of the window is between. */
const RELEASE_MIN_BYTES = WINDOW_INITIAL / 2;

/** What the peer may send (RFC 9113 §6.9), of a stream or of the connection. */
export class ReceiveWindow {
  #left = WINDOW_INITIAL;
  #taken = 0;

  /** Whether the peer was allowed to send so much. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    this.#taken += bytes;
    return true;
  }

  /** Gives back what was taken, if it is worth a frame: the increment of that frame, or 0. */
  release(): number {
    const taken = this.#taken;
    if (taken < RELEASE_MIN_BYTES) return 0;
    this.#left += taken;
    this.#taken = 0;
    return taken;
  }
}
