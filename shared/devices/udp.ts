import type { Endpoint } from './tcp.ts';

/**
 * A batch of datagrams for a {@link DataPlane}. Datagram i of `count` stands at `i * slotBytes` of `requests` and is
 * `requestLengths[i]` bytes long; its answer goes to `i * slotBytes` of `replies` and its length into `replyLengths[i]`.
 * All arrays belong to the device and are valid during the call alone.
 */
export interface PacketBatch {
  readonly count: number;
  readonly slotBytes: number;
  readonly requests: Uint8Array;
  readonly requestLengths: Uint32Array;
  readonly replies: Uint8Array;
  /** Zero on entry. Leave 0 to drop, set a length to answer, or {@link PASS_ON} to hand it to the main thread. */
  readonly replyLengths: Uint32Array;
  /** 18 bytes a datagram: the source address as 16 bytes (IPv4 as ::ffff:a.b.c.d), then the port, big-endian. */
  readonly sources: Uint8Array;
}

/** In `replyLengths`: this datagram is not for the plane; the main thread gets a copy of it. */
export const PASS_ON = 0xffff_ffff;

/** Bytes per datagram in {@link PacketBatch.sources}. */
export const SOURCE_BYTES = 18;

/**
 * A data plane: synchronous, without I/O, allocating as little as it can. It lives in a module of its own and is known
 * by name, since it may run in a worker: the host runs it beside its sockets, the simulator in place.
 */
export type DataPlane = (batch: PacketBatch, shared: PlaneShared, nowMs: number) => void;

/** What main and planes share: buffers whose meaning is the plane's. Several, so that a change replaces what changed and no more. */
export type PlaneShared = readonly SharedArrayBuffer[];

/** The planes that a composition root offers, by name. */
export type DataPlanes = Readonly<Record<string, DataPlane>>;

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly source: Endpoint;
}

export interface UdpSocket extends AsyncDisposable {
  readonly address: Endpoint;
  /** Hands one datagram to the network; loss is silent. @throws DeviceError `too-large`, `unreachable`, `closed`. */
  send(bytes: Uint8Array, to: Endpoint): Promise<void>;
  /**
   * The next datagram, which is then the caller's. At most {@link UdpBindOptions.queueMax} wait; further ones are dropped.
   * @throws DeviceError `closed` within 200 ms of `close()`; the signal's reason when aborted (no datagram is lost by it).
   */
  receive(signal?: AbortSignal): Promise<Datagram>;
  close(): Promise<void>;
}

export interface UdpBindOptions {
  readonly host: string;
  readonly port: number;
  /** Datagrams kept for `receive`; the default is 256. */
  readonly queueMax?: number;
}

export interface UdpServeOptions extends UdpBindOptions {
  /** The name of a plane given to the device when it was made. */
  readonly plane: string;
  readonly shared: PlaneShared;
  /** Slot size: the longest datagram taken or sent; longer requests are dropped. The default is 2,048. */
  readonly slotBytes?: number;
  /** Sockets (SO_REUSEPORT) and workers; the default is 1. */
  readonly workers?: number;
  /** Gets what the plane passed on, through a queue of `queueMax`; may answer with {@link UdpServer.send}. */
  readonly onPassedOn?: (datagram: Datagram) => void;
}

export interface UdpServerCounters {
  readonly received: number;
  readonly answered: number;
  readonly passedOn: number;
  /** Dropped by the plane, too long, or beyond the queue. */
  readonly dropped: number;
}

export interface UdpServer extends AsyncDisposable {
  readonly address: Endpoint;
  send(bytes: Uint8Array, to: Endpoint): Promise<void>;
  /**
   * Gives the plane other buffers, some of which may be the same as before. Datagrams that arrive after the call are answered from it; a batch that runs ends with the
   * ones before. No datagram is lost by it, and those that are not among them are let go within a second or so.
   */
  share(shared: PlaneShared): void;
  counters(): UdpServerCounters;
  /** Resolves within 200 ms, with the port free and no worker left, even while a worker waits for packets. */
  close(): Promise<void>;
}

export interface Udp {
  /** @throws DeviceError `address-in-use`, `address-not-available`, `permission-denied`, naming host and port. */
  bind(options: UdpBindOptions): Promise<UdpSocket>;
  /** Runs a data plane on a bound address. A plane that throws loses that batch, is logged, and goes on. */
  serve(options: UdpServeOptions): Promise<UdpServer>;
}
