import { assert } from '../../base/assert.ts';
import type { HttpContent, HttpLimits, HttpPlane } from '../../devices/http-engine.ts';
import type { Request, Response } from '../../devices/http-exchange.ts';
import { networkOf } from '../../protocols/ip/network-of.ts';
import { PlaceCounts } from '../../protocols/http/place-counts.ts';
import { Places, type PlaceLimits } from '../../protocols/http/places.ts';
import { refuse } from '../../protocols/http/refuse.ts';
import type { Latin1 } from '../../protocols/http/characters.ts';
import { KnownHeads } from '../../protocols/http1/known-heads.ts';
import type { HeadOptions } from '../../protocols/http1/response-head.ts';
import type { TlsServerContext } from '../ffi/openssl.ts';
import { closeDescriptor, createInputBuffer, type InputBuffer } from '../ffi/stream-socket.ts';
import { ClientSocket } from './client-socket.ts';
import { Connection } from './connection.ts';
import { Contexts } from './contexts.ts';
import type { Finished } from './exchange-batch.ts';
import { Heads } from './heads.ts';
import { COUNTERS, DESCRIPTORS_MAX, type Counter, type FromWorker, type HttpWorkerData } from './messages.ts';
import type { OutputPart } from './output.ts';
import { Recorder } from './recorder.ts';
import { TlsOpening } from './tls-opening.ts';
import { createTransportMemory, plainTransport, type TransportMemory } from './transport.ts';

/** Read at a time: more than a ClientHello or a record may have, so that both come whole. */
const INPUT_BYTES = 32 * 1024;

/** A plane that throws at every request must not fill the log: at most one report in this time. */
const REPORT_INTERVAL_MS = 1_000;

interface KeptAnswer {
  readonly response: Response;
  readonly second: number;
}

/** What the connections of one worker share: content, limits, time, counters, and who answers what the plane does not. */
export class Engine {
  readonly limits: HttpLimits;
  readonly places: Places<ClientSocket>;
  readonly heads = new Heads();
  readonly input: InputBuffer = createInputBuffer(INPUT_BYTES);
  readonly transportMemory: TransportMemory = createTransportMemory(this.input);
  readonly latin1: Latin1;
  readonly knownHeads = new KnownHeads();
  readonly records: boolean;
  /** Both as of the beginning of this turn of the loop. */
  monotonicMs = performance.now();
  wallMs = Date.now();
  /** From now on every exchange is the last one of its connection. */
  draining = false;
  readonly recorder: Recorder;
  readonly #sockets: (ClientSocket | undefined)[] = [];
  readonly #again = new Set<ClientSocket>();
  readonly #isTls: boolean;
  readonly #handsOver: boolean;
  readonly #plane: HttpPlane;
  readonly #post: (message: FromWorker) => void;
  readonly #counters: Float64Array;
  readonly #owned: Uint8Array;
  readonly #later = new Map<number, Connection>();
  /** Of this state alone: a known head holds its request for long, and would hold a replaced state and its bodies with it. */
  #answers = new WeakMap<Request, KeptAnswer>();
  #laterNumber = 0;
  #state: never;
  #contexts: Contexts | undefined;
  #thrown = { times: 0, reportedMs: -Infinity };

  /** @throws OpenSslError where the credentials are none. */
  constructor(data: HttpWorkerData, plane: HttpPlane, post: (message: FromWorker) => void) {
    const { limits, content } = data;
    this.#isTls = content.credentials !== undefined;
    this.#handsOver = data.handsOver;
    this.#plane = plane;
    this.#post = post;
    this.limits = limits;
    this.places = new Places({
      max: limits.connectionsMax,
      perNetworkMax: limits.connectionsPerAddressMax,
      slowBytesPerSecond: limits.slowBytesPerSecond,
      rateWindowMs: limits.rateWindowMs,
      ...countsOf(data.placeCounts),
    });
    this.records = data.records;
    this.#counters = new Float64Array(data.counters);
    this.#owned = new Uint8Array(data.owned);
    this.recorder = new Recorder(
      this.#isTls ? 'http/1.1' : 'http',
      new Int32Array(data.batches),
      (batch, lost) => post({ kind: 'exchanges', batch, lost }),
    );
    const { bytes } = this.input;
    const inputText = bufferOf(bytes);
    this.latin1 = (from, start, end) =>
      (from === bytes ? inputText : bufferOf(from)).toString('latin1', start, end);
    this.#state = content.plane as never;
    this.#contexts = this.#contextsOf(content, data.ticketKeys);
  }

  /** Replaces the content as a whole. @throws OpenSslError; everything is then as it was. */
  update(content: HttpContent, ticketKeys: Uint8Array): void {
    this.#contexts = this.#contextsOf(content, ticketKeys);
    this.#state = content.plane as never;
    this.#answers = new WeakMap();
  }

  #contextsOf({ credentials }: HttpContent, ticketKeys: Uint8Array): Contexts | undefined {
    assert((credentials !== undefined) === this.#isTls, 'a server is plain or TLS for its life');
    if (credentials === undefined) return undefined;
    return new Contexts(credentials, ticketKeys, this.#contexts);
  }

  contextFor(serverName: string | undefined): TlsServerContext | undefined {
    return this.#contexts?.find(serverName);
  }

  tick(): void {
    this.monotonicMs = performance.now();
    this.wallMs = Date.now();
  }

  count(counter: Counter, amount: number): void {
    const index = COUNTER_INDEX[counter];
    this.#counters[index] = (this.#counters[index] as number) + amount;
  }

  socketOf(descriptor: number): ClientSocket | undefined {
    return this.#sockets[descriptor];
  }

  /** Takes an accepted descriptor; undefined where there is no place for it, and it is closed. */
  admit(descriptor: number, host: string): ClientSocket | undefined {
    const socket = new ClientSocket(this, descriptor, host);
    const evict = (other: ClientSocket): void => {
      this.count('evicted', 1);
      other.close();
    };
    const place =
      descriptor >= DESCRIPTORS_MAX || this.draining
        ? undefined
        : this.places.admit(socket, networkOf(host), this.monotonicMs, evict);
    if (place === undefined) {
      this.#turnAway(descriptor);
      return undefined;
    }
    socket.place = place;
    this.#sockets[descriptor] = socket;
    this.#owned[descriptor] = 1;
    this.count('accepted', 1);
    this.count('open', 1);
    socket.handler =
      this.#contexts === undefined
        ? new Connection(this, socket, plainTransport(descriptor, this.transportMemory))
        : new TlsOpening(this, socket);
    return socket;
  }

  /** Before its first bytes nobody knows whose visitor it is, so that the main thread may still have a place for it. */
  #turnAway(descriptor: number): void {
    if (this.#contexts === undefined || !this.#handsOver || this.draining) {
      this.count('refused', 1);
      closeDescriptor(descriptor);
      return;
    }
    this.count('accepted', 1);
    this.count('handedOver', 1);
    this.#post({ kind: 'hand-over', descriptor });
  }

  /** The socket is closed, or somebody else's from now on. */
  forget(socket: ClientSocket): void {
    this.#sockets[socket.descriptor] = undefined;
    this.#owned[socket.descriptor] = 0;
    this.#again.delete(socket);
    this.count('open', -1);
  }

  /** The main thread gets the connection as it came, if it wants it. */
  handOver(socket: ClientSocket): void {
    if (!this.#handsOver) return socket.close();
    this.removeFromPoll(socket.descriptor);
    this.count('handedOver', 1);
    this.#post({ kind: 'hand-over', descriptor: socket.release() });
  }

  /** Set by the loop. */
  removeFromPoll: (descriptor: number) => void = () => undefined;

  /** `isRepeated`: this very request has come before. Its answer is then kept for others of this second (contract of HttpPlane). */
  answer(request: Request, isRepeated: boolean): Response | 'later' {
    if (!isRepeated) return this.#ask(request);
    const second = Math.floor(this.wallMs / 1000);
    const kept = this.#answers.get(request);
    if (kept !== undefined && kept.second === second) return kept.response;
    const response = this.#ask(request);
    if (response !== 'later') this.#answers.set(request, { response, second });
    return response;
  }

  #ask(request: Request): Response | 'later' {
    try {
      return this.#plane(this.#state, request, this.wallMs);
    } catch (error) {
      this.#reportThrown(error);
      return refuse(500);
    }
  }

  encodeHead(response: Response, options: HeadOptions): { part: OutputPart; response: Response } {
    try {
      return { part: this.heads.partOf(response, options), response };
    } catch (error) {
      this.#reportThrown(error);
      const refusal = refuse(500);
      return { part: this.heads.partOf(refusal, options), response: refusal };
    }
  }

  #reportThrown(error: unknown): void {
    this.#thrown.times++;
    if (this.monotonicMs - this.#thrown.reportedMs < REPORT_INTERVAL_MS) return;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    this.#post({ kind: 'threw', name, message, times: this.#thrown.times });
    this.#thrown = { times: 0, reportedMs: this.monotonicMs };
  }

  /** Hands a request to the main thread: the number by which `connection` will get its answer. */
  askLater(connection: Connection, client: string, request: Request, content: Uint8Array): number {
    const id = ++this.#laterNumber;
    this.#later.set(id, connection);
    this.count('later', 1);
    // A copy: fields have no prototype, and a clone of them would be slow to make.
    this.#post({
      kind: 'later',
      id,
      request: { ...request, fields: { ...request.fields } },
      content,
      client,
    });
    return id;
  }

  forgetLater(id: number): void {
    this.#later.delete(id);
  }

  answerLater(id: number, response: Response): void {
    const connection = this.#later.get(id);
    this.#later.delete(id);
    connection?.answer(id, response);
  }

  record(finished: Finished): void {
    this.recorder.add(finished, this.monotonicMs, this.wallMs);
  }

  /** The socket had more to read when its turn was over. */
  runAgain(socket: ClientSocket): void {
    this.#again.add(socket);
  }

  get hasMore(): boolean {
    return this.#again.size > 0;
  }

  runMore(): void {
    const sockets = [...this.#again];
    this.#again.clear();
    for (const socket of sockets) socket.handler?.ready();
  }

  /** Closes what is over time. To be called once a second or so. */
  sweep(): void {
    for (const socket of this.places.holders()) {
      if (!socket.open || socket.deadlineMs > this.monotonicMs) continue;
      socket.close();
      // Counted when it is gone: whoever reads the counters meanwhile must not find it open as well.
      this.count('expired', 1);
    }
    this.places.judge(this.monotonicMs);
  }

  closeIdle(): void {
    for (const socket of this.places.idleHolders()) socket.close();
  }

  closeAll(): void {
    for (const socket of this.places.holders()) socket.close();
  }

  [Symbol.dispose](): void {
    this.closeAll();
    this.recorder.flush();
    this.#contexts?.[Symbol.dispose]();
  }
}

function countsOf(memory: SharedArrayBuffer | undefined): Pick<PlaceLimits, 'here' | 'elsewhere'> {
  if (memory === undefined) return {};
  const here = new PlaceCounts(memory, 1);
  // A worker that fell over has left its own.
  here.clear();
  return { here, elsewhere: new PlaceCounts(memory, 0) };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

const COUNTER_INDEX = Object.fromEntries(COUNTERS.map((counter, index) => [counter, index])) as Readonly<
  Record<Counter, number>
>;
