import { DeviceError } from '../devices/device-error.ts';
import type { Datagram } from '../devices/udp.ts';

/** Datagrams that wait for `receive`, or receivers that wait for datagrams. */
export class DatagramQueue {
  readonly #max: number;
  readonly #datagrams: Datagram[] = [];
  readonly #receivers: PromiseWithResolvers<Datagram>[] = [];
  #isClosed = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** False when the queue is full and the datagram is dropped. */
  add(datagram: Datagram): boolean {
    const receiver = this.#receivers.shift();
    if (receiver !== undefined) receiver.resolve(datagram);
    else if (this.#datagrams.length < this.#max) this.#datagrams.push(datagram);
    else return false;
    return true;
  }

  async take(signal?: AbortSignal): Promise<Datagram> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closed();
    const waiting = this.#datagrams.shift();
    if (waiting !== undefined) return waiting;
    const receiver = Promise.withResolvers<Datagram>();
    this.#receivers.push(receiver);
    const abort = (): void => {
      const index = this.#receivers.indexOf(receiver);
      // Already answered in this very turn: the datagram wins, so that none is lost by an abort.
      if (index < 0) return;
      this.#receivers.splice(index, 1);
      receiver.reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    return receiver.promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  close(): void {
    this.#isClosed = true;
    this.#datagrams.length = 0;
    for (const receiver of this.#receivers.splice(0)) receiver.reject(closed());
  }
}

function closed(): DeviceError {
  return new DeviceError('closed', 'the UDP socket is closed');
}
