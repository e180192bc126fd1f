import type { FinishedExchanges, Request, Response } from './http-exchange.ts';
import type { Endpoint, Flow } from './tcp.ts';
import type { TlsCredentials } from './tls.ts';

/**
 * Decides what a request is answered: synchronous, without I/O, in a module of its own and known by name, since it may run in a
 * worker. `state` is the `plane` part of {@link HttpContent} after a structured clone (SharedArrayBuffers are shared). 'later': the answer
 * needs more than a pure function, so the main thread gives it. The time is for dates, which have seconds: an engine may give the same request
 * the same answer for the rest of a second, as long as the state is the same.
 */
export type HttpPlane = (state: never, request: Request, nowMs: number) => Response | 'later';

/** The planes that a composition root offers, by name. */
export type HttpPlanes = Readonly<Record<string, HttpPlane>>;

/** All that a server answers from; replaced as a whole. */
export interface HttpContent {
  /** Handed to the plane; plain data. */
  readonly plane: unknown;
  /**
   * By server name in lower case: a name itself, else `*.` and what follows its first label, else `*`. '' stands for clients that send
   * none; without it, `*` does. 'hand-over': somebody else's, as is a name that is not found. Absent: plain HTTP.
   */
  readonly credentials?: ReadonlyMap<string, TlsCredentials | 'hand-over'>;
}

export interface HttpLimits {
  /** Shared out equally among the workers. Where all places are taken, a connection of the network with the most gives way. */
  readonly connectionsMax: number;
  /** Of one IPv4 address or one IPv6 /64. */
  readonly connectionsPerAddressMax: number;
  /** A connection without an exchange, and one whose request does not get complete, ends after this long. */
  readonly idleMs: number;
  /** An exchange that moves no byte for this long is over. */
  readonly stallMs: number;
  readonly handshakeMs: number;
  /** Request line and fields together. */
  readonly headerBytes: number;
  readonly headerFields: number;
  /** Of a request that the main thread answers: more is 413. */
  readonly contentBytes: number;
  /**
   * Where every place has a running exchange, one that moved fewer bytes a second in its last whole `rateWindowMs` makes room for the next
   * visitor. Nobody is cut off while there is room.
   */
  readonly slowBytesPerSecond: number;
  readonly rateWindowMs: number;
  /** Content that nobody reads is skipped up to here; with more, the answer is the connection's last. */
  readonly discardBytes: number;
}

/** What bounds one HTTP/2 connection (RFC 9113) beside the limits of all. */
export interface Http2ServeLimits {
  /** Streams at a time, told to clients (SETTINGS_MAX_CONCURRENT_STREAMS); more are refused. */
  readonly streamsMax: number;
  /** After so many the client is sent to a new connection (GOAWAY). */
  readonly streamsPerConnectionMax: number;
  /** Streams that the client resets, or that its faults end: so many at once, then so many a second. Above, its connection ends. */
  readonly resetsBurst: number;
  readonly resetsPerSecond: number;
}

export interface HttpServeOptions {
  /** Numeric address to bind, as in Tcp. */
  readonly host: string;
  readonly port: number;
  /** The name of a plane given to the device when it was made. */
  readonly plane: string;
  readonly content: HttpContent;
  readonly limits: HttpLimits;
  /** Over TLS, clients that offer `h2` are answered by HTTP/2. Absent: they are handed over. */
  readonly http2?: Http2ServeLimits;
  /** The default is 1. */
  readonly workers?: number;
  /**
   * Memory of PlaceCounts (protocols/http), for one worker: whoever serves the same visitors elsewhere writes part 0, this server part 1.
   * Both limits of connections then hold for the two together; an eighth of the places, and of each network's, is always its own.
   */
  readonly placeCounts?: SharedArrayBuffer;
  /**
   * Answers what the plane put off; `content` is the request's, whole. A rejection is answered 500 and logged. The connection waits
   * meanwhile, and its end does not end the call.
   */
  readonly onLater?: (request: Request, content: Uint8Array, client: string | undefined) => Promise<Response>;
  /**
   * Gets TLS connections that are not this server's: another server name than in `credentials`, ALPN (RFC 7301) without a protocol that it
   * speaks, or with `h2` where it does not, other first bytes than TLS. Nothing of them is consumed. Absent: they are closed.
   */
  readonly onHandOver?: (flow: Flow) => void;
  /**
   * Finished exchanges, every 250 ms or so. A flood of them must not cost its receiver what it costs a worker: whole ones come up to
   * 1,000 at once and 400 a second (as many again of answers of 500 and above); the sums have all. Absent: none are recorded.
   */
  readonly onExchanges?: (finished: FinishedExchanges) => void;
}

export interface HttpCounters {
  readonly open: number;
  readonly accepted: number;
  /** Closed to make room for another. */
  readonly evicted: number;
  /** Closed after a limit of time. */
  readonly expired: number;
  /** Turned away: there was nobody to make room. */
  readonly refused: number;
  readonly handedOver: number;
  readonly handshakes: number;
  readonly handshakesFailed: number;
  /** Requests that were not HTTP. */
  readonly malformed: number;
  readonly requests: number;
  /** Of those, what went to the main thread. */
  readonly later: number;
  readonly sentBytes: number;
}

export interface HttpServer extends AsyncDisposable {
  readonly address: Endpoint;
  /**
   * From the moment of resolving, every request is answered from `content` and every handshake shows its credentials; before, each
   * from the old or the new one, never from both. Connections and running answers live on.
   */
  update(content: HttpContent): Promise<void>;
  counters(): HttpCounters;
  /**
   * Stops accepting and ends idle connections; running exchanges get `drainMs` (0 by default), then are cut off. Resolves within
   * 200 ms of that, with the port free and no worker left.
   */
  close(drainMs?: number): Promise<void>;
}

/** HTTP/1.1 (RFC 9112), and over TLS HTTP/2 (RFC 9113), for one listening address, run beside its sockets. */
export interface HttpEngine {
  /**
   * A plane that throws is logged and that request answered 500.
   * @throws DeviceError `address-in-use`, `address-not-available`, `permission-denied`, naming host and port.
   */
  serve(options: HttpServeOptions): Promise<HttpServer>;
}
