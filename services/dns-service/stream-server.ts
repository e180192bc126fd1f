import type { Clock, Timer } from '../../shared/devices/clock.ts';
import type { Flow, Listener, Tcp } from '../../shared/devices/tcp.ts';
import { SOURCE_BYTES } from '../../shared/devices/udp.ts';
import { Places, type Place } from '../../shared/protocols/http/places.ts';
import { IPV6_BYTES } from '../../shared/protocols/ip/address.ts';
import { networkOf } from '../../shared/protocols/ip/network-of.ts';
import { encodeSource } from '../../shared/protocols/ip/source-address.ts';
import { LAST_BYTES_MS, STREAM_IDLE_MAX_MS, SWEEP_INTERVAL_MS } from './limits.ts';
import { converse } from './converse.ts';

/** The answer to one message; undefined: there is none. `source` is the peer's address in 16 bytes. */
export type Answer = (message: Uint8Array, source: Uint8Array) => Uint8Array | undefined;

export interface StreamOptions {
  readonly host: string;
  readonly port: number;
  readonly max: number;
  readonly perAddressMax: number;
  readonly answer: Answer;
}

export interface StreamCounts {
  readonly open: number;
  readonly accepted: number;
  readonly answered: number;
  /** Closed to make room, after being idle, or turned away. */
  readonly evicted: number;
  readonly idled: number;
  readonly refused: number;
}

/** Answers over TCP (RFC 7766). When places run out, the network with the most connections makes room: see {@link Places}. */
export class StreamServer implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #answer: Answer;
  readonly #places: Places<Flow>;
  readonly #counts = { accepted: 0, answered: 0, evicted: 0, idled: 0, refused: 0 };
  #sweeper: Timer | undefined;
  #listener: Listener | undefined;

  private constructor({ max, perAddressMax, answer }: StreamOptions, clock: Clock) {
    this.#clock = clock;
    this.#answer = answer;
    // No exchange lasts: a connection gives way by how long ago its last message came, never by how fast it reads.
    this.#places = new Places({
      max,
      perNetworkMax: perAddressMax,
      slowBytesPerSecond: 0,
      rateWindowMs: Infinity,
    });
  }

  /** @throws DeviceError as {@link Tcp.listen} */
  static async listen(
    options: StreamOptions,
    { tcp, clock }: { readonly tcp: Tcp; readonly clock: Clock },
  ): Promise<StreamServer> {
    const server = new StreamServer(options, clock);
    const { host, port } = options;
    server.#listener = await tcp.listen({ host, port }, flow => server.#accept(flow));
    return server;
  }

  counts(): StreamCounts {
    return { open: this.#places.size, ...this.#counts };
  }

  /** What was answered gets a moment to leave. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.close();
    this.#sweeper?.cancel();
    for (const flow of this.#places.holders()) flow.end();
    if (this.#places.size > 0) await this.#clock.sleep(LAST_BYTES_MS);
    for (const flow of this.#places.holders()) flow.destroy();
  }

  #accept(flow: Flow): void {
    const place = this.#admit(flow);
    if (place === undefined) {
      this.#counts.refused++;
      return void flow.destroy();
    }
    this.#counts.accepted++;
    this.#sweeper ??= this.#sweepLater();
    flow.once('close', () => this.#places.leave(place));
    const source = sourceOf(flow);
    converse(flow, message => {
      this.#places.touch(place, this.#clock.monotonic());
      const answer = this.#answer(message, source);
      if (answer !== undefined) this.#counts.answered++;
      return answer;
    });
  }

  #admit(flow: Flow): Place<Flow> | undefined {
    // It was closed before it came here.
    if (flow.remoteAddress === undefined) return undefined;
    return this.#places.admit(flow, networkOf(flow.remoteAddress), this.#clock.monotonic(), other => {
      this.#counts.evicted++;
      other.destroy();
    });
  }

  #sweepLater(): Timer {
    return this.#clock.timer(SWEEP_INTERVAL_MS, () => {
      for (const flow of this.#places.expire(this.#clock.monotonic() - STREAM_IDLE_MAX_MS)) {
        this.#counts.idled++;
        flow.destroy();
      }
      this.#sweeper = this.#places.size > 0 ? this.#sweepLater() : undefined;
    });
  }
}

function sourceOf({ remoteAddress = '::', remotePort = 0 }: Flow): Uint8Array {
  const source = new Uint8Array(SOURCE_BYTES);
  encodeSource({ host: remoteAddress, port: remotePort }, source);
  return source.subarray(0, IPV6_BYTES);
}
