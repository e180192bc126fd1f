import type { Clock, Timer } from '../../../shared/devices/clock.ts';
import type { Endpoint, Flow, Listener, Tcp } from '../../../shared/devices/tcp.ts';
import type { TlsFlow } from '../../../shared/devices/tls.ts';
import { SOURCE_BYTES } from '../../../shared/devices/udp.ts';
import { Places, type Place } from '../../../shared/protocols/http/places.ts';
import { IPV6_BYTES } from '../../../shared/protocols/ip/address.ts';
import { networkOf } from '../../../shared/protocols/ip/network-of.ts';
import { encodeSource } from '../../../shared/protocols/ip/source-address.ts';
import { LAST_BYTES_MS, STREAM_IDLE_MAX_MS, SWEEP_INTERVAL_MS } from '../limits.ts';
import { converse, type ConverseOptions } from './converse.ts';
import type { Handle, Peer } from './handle.ts';

export interface StreamOptions {
  /** Of the flows that {@link StreamServer.accept} is given. */
  readonly transport: Peer['transport'];
  readonly max: number;
  readonly perAddressMax: number;
  readonly answer: Handle;
  /** How messages stand in the stream; {@link converse} unless told. */
  readonly converse?: (flow: Flow, options: ConverseOptions) => void;
}

export interface StreamCounts {
  readonly open: number;
  readonly accepted: number;
  /** Messages sent. */
  readonly answered: number;
  /** Closed to make room, after being idle, or turned away. */
  readonly evicted: number;
  readonly idled: number;
  readonly refused: number;
}

/** Answers over streams (RFC 7766). When places run out, the network with the most connections makes room: see {@link Places}. */
export class StreamServer implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #options: StreamOptions;
  readonly #places: Places<Flow>;
  readonly #counts = { accepted: 0, answered: 0, evicted: 0, idled: 0, refused: 0 };
  #sweeper: Timer | undefined;
  #listener: Listener | undefined;

  constructor(options: StreamOptions, clock: Clock) {
    this.#clock = clock;
    this.#options = options;
    // No exchange lasts: a connection gives way by how long ago a message last came or left, be it one of a long transfer.
    this.#places = new Places({
      max: options.max,
      perNetworkMax: options.perAddressMax,
      slowBytesPerSecond: 0,
      rateWindowMs: Infinity,
    });
  }

  /** Once. @throws DeviceError as {@link Tcp.listen} */
  async listen({ host, port }: Endpoint, tcp: Tcp): Promise<void> {
    this.#listener = await tcp.listen({ host, port }, flow => this.accept(flow));
  }

  /** Where it listens; undefined: it does not. */
  get address(): Endpoint | undefined {
    return this.#listener?.address;
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

  /** Serves a flow that came some other way, such as through TLS; it is this server's from now on. */
  accept(flow: Flow | TlsFlow): void {
    const place = this.#admit(flow);
    if (place === undefined) {
      this.#counts.refused++;
      return void flow.destroy();
    }
    this.#counts.accepted++;
    this.#sweeper ??= this.#sweepLater();
    flow.once('close', () => this.#places.leave(place));
    const { transport, answer, converse: speak = converse } = this.#options;
    const { remoteAddress: host = '::', remotePort: port = 0 } = flow;
    const tlsVersion = 'getProtocol' in flow ? flow.getProtocol() : null;
    const peer = {
      source: addressBytes({ host, port }),
      transport,
      ...(tlsVersion !== null && { tlsVersion }),
    };
    speak(flow, {
      answer: message => answer(message, peer),
      onProgress: what => {
        this.#places.touch(place, this.#clock.monotonic());
        if (what === 'sent') this.#counts.answered++;
      },
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

/** In 16 bytes, IPv4 as ::ffff:a.b.c.d. */
export function addressBytes(endpoint: Endpoint): Uint8Array {
  const source = new Uint8Array(SOURCE_BYTES);
  encodeSource(endpoint, source);
  return source.subarray(0, IPV6_BYTES);
}
