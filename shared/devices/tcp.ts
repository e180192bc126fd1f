import type { Duplex } from 'node:stream';

/**
 * One byte stream in each direction. On the host a Flow *is* the `net.Socket`, never a wrapper (a wrapping Duplex
 * costs a quarter of the throughput).
 *
 * Buffers: a chunk given to `write` belongs to the flow until its callback ran; a chunk read belongs to the reader.
 * `end()` half-closes: the peer sees end of stream and may go on sending. `destroy()` closes both ways at once and
 * drops what was not yet sent; 'close' is emitted last, exactly once, after 'error' if there was one.
 * A flow without an 'error' listener turns a reset by the peer into an uncaught exception: whoever takes a flow adds one.
 */
export interface Flow extends Duplex {
  /** The peer's address in text form, undefined once the flow is closed. */
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** Emits 'timeout' after `ms` without traffic in either direction; 0 turns it off. Does not close the flow. */
  setTimeout(ms: number): this;
  setNoDelay(noDelay?: boolean): this;
  setKeepAlive(enable?: boolean, initialDelayMs?: number): this;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ListenOptions {
  /** Numeric address to bind; '::' takes IPv4 as well, '0.0.0.0' IPv4 alone. */
  readonly host: string;
  /** 0 picks a free port, told by {@link Listener.address}. */
  readonly port: number;
  /** More flows than this at one time are closed at once on arrival. */
  readonly maxFlows?: number;
}

export interface Listener extends AsyncDisposable {
  /** What was bound: the port is never 0. */
  readonly address: Endpoint;
  /** Stops accepting and resolves when the port is free. Flows already handed over live on. May be called again. */
  close(): Promise<void>;
}

/** Linux sends a SYN that is lost again after 1, 3 and 7 s: three of them may be. */
export const CONNECT_TIMEOUT_DEFAULT_MS: number = 10_000;

export interface ConnectOptions extends Endpoint {
  /** Gives up after this long; the default is {@link CONNECT_TIMEOUT_DEFAULT_MS}. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Tcp {
  /**
   * Binds and calls `onFlow` for every accepted flow, with an 'error' listener already on it.
   * @throws DeviceError `address-in-use`, `address-not-available` or `permission-denied`, naming host and port.
   */
  listen(options: ListenOptions, onFlow: (flow: Flow) => void): Promise<Listener>;

  /**
   * Resolves to an open flow with Nagle off. `host` is a name or a numeric address.
   * @throws DeviceError `refused`, `unreachable`, `timed-out`, `name-not-found`; the signal's reason when aborted.
   */
  connect(options: ConnectOptions): Promise<Flow>;
}
