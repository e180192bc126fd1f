import { assert } from '../../base/assert.ts';
import type { HttpContent, HttpLimits, HttpPlane } from '../../devices/http-engine.ts';
import type { Request, Response } from '../../devices/http-exchange.ts';
import { networkOf } from '../../protocols/ip/network-of.ts';
import { PlaceCounts } from '../../protocols/http/place-counts.ts';
import { Places, type PlaceLimits } from '../../protocols/http/places.ts';
import type { Latin1 } from '../../protocols/http/characters.ts';
import type { Http2Limits } from '../../protocols/http2/limits.ts';
import { KnownHeads } from '../../protocols/http1/known-heads.ts';
import type { TlsServerContext } from '../ffi/openssl.ts';
import { closeDescriptor, createInputBuffer, type InputBuffer } from '../ffi/stream-socket.ts';
import { Answers } from './answers.ts';
import { ClientSocket } from './client-socket.ts';
import { Connection } from './connection.ts';
import { Contexts } from './contexts.ts';
import type { Finished } from './exchange-batch.ts';
import { encodeHttp1, encodeHttp2, Heads } from './heads.ts';
import { COUNTERS, DESCRIPTORS_MAX, type Counter, type FromWorker, type HttpWorkerData } from './messages.ts';
import { Recorder } from './recorder.ts';
import { TlsOpening } from './tls-opening.ts';
import { createTransportMemory, plainTransport, type TransportMemory } from './transport.ts';

/** Read at a time: more than a ClientHello or a record may have, so that both come whole. */
const INPUT_BYTES = 32 * 1024;

/** A request that the main thread is to answer. */
interface PutOff {
  readonly client: string;
  readonly request: Request;
  readonly content: Uint8Array;
}

/** What the connections of one worker share: content, limits, time, counters, and who answers what the plane does not. */
export class Engine {
  readonly limits: HttpLimits;
  readonly places: Places<ClientSocket>;
  readonly answers: Answers;
  readonly http1Heads = new Heads(encodeHttp1);
  readonly http2Heads = new Heads(encodeHttp2);
  /** Where HTTP/2 is answered here. */
  readonly http2: Http2Limits | undefined;
  readonly input: InputBuffer = createInputBuffer(INPUT_BYTES);
  readonly transportMemory: TransportMemory = createTransportMemory(this.input);
  readonly latin1: Latin1;
  readonly knownHeads = new KnownHeads();
  readonly records: boolean;
  readonly isTls: boolean;
  /** Both as of the beginning of this turn of the loop. */
  monotonicMs = performance.now();
  wallMs = Date.now();
  /** From now on every exchange is the last one of its connection. */
  draining = false;
  readonly recorder: Recorder;
  readonly #sockets: (ClientSocket | undefined)[] = [];
  readonly #again = new Set<ClientSocket>();
  readonly #handsOver: boolean;
  readonly #post: (message: FromWorker) => void;
  readonly #counters: Float64Array;
  readonly #owned: Uint8Array;
  readonly #later = new Map<number, (response: Response) => void>();
  #laterNumber = 0;
  #contexts: Contexts | undefined;

  /** @throws OpenSslError where the credentials are none. */
  constructor(data: HttpWorkerData, plane: HttpPlane, post: (message: FromWorker) => void) {
    const { limits, content } = data;
    this.isTls = content.credentials !== undefined;
    this.#handsOver = data.handsOver;
    this.#post = post;
    this.limits = limits;
    const { headerBytes, headerFields } = limits;
    this.http2 = data.http2 === undefined ? undefined : { headerBytes, headerFields, ...data.http2 };
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
    this.recorder = new Recorder(new Int32Array(data.batches), this.monotonicMs, batch =>
      post({ kind: 'exchanges', batch }),
    );
    const { bytes } = this.input;
    const inputText = bufferOf(bytes);
    this.latin1 = (from, start, end) =>
      (from === bytes ? inputText : bufferOf(from)).toString('latin1', start, end);
    this.answers = new Answers(plane, content.plane, this, post);
    this.#contexts = this.#contextsOf(content, data.ticketKeys);
  }

  /** Replaces the content as a whole. @throws OpenSslError; everything is then as it was. */
  update(content: HttpContent, ticketKeys: Uint8Array): void {
    this.#contexts = this.#contextsOf(content, ticketKeys);
    this.answers.replaceState(content.plane);
  }

  #contextsOf({ credentials }: HttpContent, ticketKeys: Uint8Array): Contexts | undefined {
    assert((credentials !== undefined) === this.isTls, 'a server is plain or TLS for its life');
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

  /** Hands a request to the main thread, whose answer comes in a later turn: the number by which it can be told not to. */
  askLater({ client, request, content }: PutOff, answered: (response: Response) => void): number {
    const id = ++this.#laterNumber;
    this.#later.set(id, answered);
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
    const answered = this.#later.get(id);
    this.#later.delete(id);
    answered?.(response);
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
      socket.handler?.late();
      // Counted when it is gone: whoever reads the counters meanwhile must not find it open as well.
      if (!socket.open) this.count('expired', 1);
    }
    this.places.judge(this.monotonicMs);
  }

  /** No exchange begins any more; those that run go on. */
  drain(): void {
    this.draining = true;
    for (const socket of this.places.holders()) socket.handler?.drain?.();
    for (const socket of this.places.idleHolders()) socket.close();
  }

  closeAll(): void {
    for (const socket of this.places.holders()) socket.close();
  }

  [Symbol.dispose](): void {
    this.closeAll();
    this.recorder.flush(this.monotonicMs);
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
