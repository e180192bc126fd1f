import { Duplex } from 'node:stream';
import type { Endpoint, Flow } from '../devices/tcp.ts';
import { networkFault } from './faults.ts';
import type { Life } from './life.ts';
import type { Network, Site } from './network.ts';
import type { ScheduledEvent } from './schedule.ts';

type Segment = { readonly arrivesUs: number } & (
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' }
);

// RFC 9293 §3.7.1: the segment size for Ethernet's 1,500 bytes over IPv4.
const SEGMENT_MAX_BYTES = 1_460;

/** What may be on its way or unread before `write` makes the writer wait: the classic window without scaling. */
const WINDOW_BYTES = 65_536;

/** RFC 6298's timeout doubles from Linux's least of 200 ms. */
const RETRANSMISSION_FIRST_US = 200_000;

/** Linux gives up after 15, a quarter of an hour; 9 are 102 s, which keeps scenarios with long partitions short. */
const RETRANSMISSIONS_MAX = 9;

/** One end of a simulated connection. Its peer is the other end, on the same host or on another one. */
export class SimulatedFlow extends Duplex implements Flow {
  readonly site: Site;
  readonly #network: Network;
  readonly #life: Life;
  readonly #local: Endpoint;
  readonly #remote: Endpoint;
  #peer: SimulatedFlow | undefined;
  /** Sent and not yet arrived at the peer, in order. The first one's arrival is scheduled. */
  readonly #wire: Segment[] = [];
  #retransmissions = 0;
  /** Bytes that the peer's reader has not yet taken. */
  #outstandingBytes = 0;
  #blockedWrite: (() => void) | undefined;
  /** Arrived and not yet taken by our reader. */
  readonly #arrived: Segment[] = [];
  #wanted = false;
  #isResetByPeer = false;
  #idleLimitUs = 0;
  #idleEvent: ScheduledEvent | undefined;
  #lastTrafficUs = 0;

  constructor(network: Network, site: Site, life: Life, ends: { local: Endpoint; remote: Endpoint }) {
    super({ allowHalfOpen: true });
    this.#network = network;
    this.site = site;
    this.#life = life;
    this.#local = ends.local;
    this.#remote = ends.remote;
    site.flows.add(this);
  }

  /** Joins two ends into a connection. */
  static join(one: SimulatedFlow, other: SimulatedFlow): void {
    one.#peer = other;
    other.#peer = one;
  }

  get peer(): SimulatedFlow {
    return this.#peer as SimulatedFlow;
  }
  get remoteAddress(): string | undefined {
    return this.destroyed ? undefined : this.#remote.host;
  }
  get remotePort(): number | undefined {
    return this.destroyed ? undefined : this.#remote.port;
  }
  get localAddress(): string | undefined {
    return this.destroyed ? undefined : this.#local.host;
  }
  get localPort(): number | undefined {
    return this.destroyed ? undefined : this.#local.port;
  }

  setTimeout(ms: number): this {
    this.#idleLimitUs = ms * 1_000;
    this.#lastTrafficUs = this.#life.nowUs;
    this.#life.cancel(this.#idleEvent);
    this.#idleEvent = ms > 0 ? this.#life.after(this.#idleLimitUs, () => this.#checkIdle()) : undefined;
    return this;
  }
  /** Segments leave at once in any case. */
  setNoDelay(): this {
    return this;
  }
  /** Probes are not simulated: a peer that vanished is noticed by who writes, or by a timeout. */
  setKeepAlive(): this {
    return this;
  }

  /** Breaks the connection from outside: both ends see a reset now. */
  resetBothEnds(): void {
    for (const end of [this, this.peer]) end.#fail('reset', 'the network reset the connection');
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    if (!this.#life.alive) return;
    this.#touch();
    this.#life.record(
      `tcp ${this.#local.port} > ${this.peer.site.name}:${this.#remote.port} ${chunk.length} B`,
    );
    const { splitRate } = this.#network.conditions(this.site, this.peer.site);
    for (let start = 0; start < chunk.length;) {
      let length = Math.min(SEGMENT_MAX_BYTES, chunk.length - start);
      if (length > 1 && this.#network.prng.chance(splitRate))
        length = this.#network.prng.between(1, length - 1);
      // A copy: the writer may use its buffer again as soon as `done` was called.
      this.#send({ kind: 'data', bytes: chunk.slice(start, start + length), arrivesUs: this.#arrivalUs() });
      start += length;
    }
    this.#outstandingBytes += chunk.length;
    if (this.#outstandingBytes < WINDOW_BYTES) done();
    else this.#blockedWrite = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#life.alive) return;
    this.#send({ kind: 'end', arrivesUs: this.#arrivalUs() });
    done();
  }

  override _read(): void {
    this.#wanted = true;
    this.#handOver();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#life.alive) return;
    this.#life.cancel(this.#idleEvent);
    this.site.flows.delete(this);
    if (!this.#isResetByPeer) {
      // As the kernel does: closing with unread data resets (RFC 2525 §2.17), else the peer sees the end of the stream.
      const unread = this.#arrived.length > 0 || this.readableLength > 0;
      if (unread) this.#send({ kind: 'reset', arrivesUs: this.#arrivalUs() });
      else if (!this.writableFinished) this.#send({ kind: 'end', arrivesUs: this.#arrivalUs() });
    }
    this.#arrived.length = 0;
    done(error);
  }

  #arrivalUs(): number {
    const { network, from, to } = { network: this.#network, from: this.site, to: this.peer.site };
    const { lossRate } = network.conditions(from, to);
    let delayUs = network.latencyUs(from, to);
    for (let wait = RETRANSMISSION_FIRST_US; network.prng.chance(lossRate); wait *= 2) delayUs += wait;
    return network.timeline.schedule.nowUs + delayUs;
  }

  #send(segment: Segment): void {
    this.#wire.push(segment);
    if (this.#wire.length === 1) this.#scheduleArrival();
  }

  #scheduleArrival(extraUs = 0): void {
    const segment = this.#wire[0];
    if (segment === undefined) return;
    const { schedule } = this.#network.timeline;
    schedule.after(segment.arrivesUs - schedule.nowUs + extraUs, () => this.#arrive());
  }

  /** The first segment on the wire reaches the other host, or does not and is sent again. */
  #arrive(): void {
    const peer = this.peer;
    if (this.#network.isCut(this.site, peer.site)) return this.#retransmit();
    this.#retransmissions = 0;
    const segment = this.#wire.shift();
    if (segment === undefined) return;
    if (!peer.#life.alive || (peer.destroyed && segment.kind === 'data'))
      return this.#fail('reset', `${peer.site.name} does not know the connection`);
    if (!peer.destroyed) peer.#receive(segment);
    this.#scheduleArrival();
  }

  #retransmit(): void {
    // What a crashed host had sent is not sent again.
    if (!this.#life.alive || this.#isResetByPeer) return this.#clearWire();
    if (this.#retransmissions >= RETRANSMISSIONS_MAX)
      return this.#fail('timed-out', `${this.peer.site.name} acknowledges nothing`);
    this.#scheduleArrival(RETRANSMISSION_FIRST_US * 2 ** this.#retransmissions++ + this.#sinceArrivalUs());
  }

  #sinceArrivalUs(): number {
    return this.#network.timeline.schedule.nowUs - (this.#wire[0]?.arrivesUs ?? 0);
  }

  #receive(segment: Segment): void {
    this.#touch();
    if (segment.kind === 'reset') return this.#fail('reset', `${this.peer.site.name} reset the connection`);
    const size = segment.kind === 'data' ? `${segment.bytes.length} B` : 'end';
    this.#life.record(`tcp ${this.#local.port} < ${this.peer.site.name}:${this.#remote.port} ${size}`);
    this.#arrived.push(segment);
    this.#handOver();
  }

  /** Gives our reader what arrived, as far as it wants it. */
  #handOver(): void {
    while (this.#wanted && this.#life.alive) {
      const segment = this.#arrived.shift();
      if (segment === undefined) return;
      if (segment.kind === 'data') {
        this.#wanted = this.push(segment.bytes);
        this.peer.#credit(segment.bytes.length);
      } else this.push(null);
    }
  }

  #credit(bytes: number): void {
    this.#outstandingBytes -= bytes;
    const blocked = this.#blockedWrite;
    if (blocked === undefined || this.#outstandingBytes >= WINDOW_BYTES) return;
    this.#blockedWrite = undefined;
    // The window update travels back like any packet.
    this.#life.after(this.#network.latencyUs(this.peer.site, this.site), blocked);
  }

  #fail(kind: 'reset' | 'timed-out', why: string): void {
    this.#clearWire();
    this.#isResetByPeer = true;
    if (this.#life.alive && !this.destroyed)
      this.destroy(networkFault(kind, `${this.#remote.host} port ${this.#remote.port}: ${why}`));
  }

  #clearWire(): void {
    this.#wire.length = 0;
  }

  #touch(): void {
    this.#lastTrafficUs = this.#life.nowUs;
  }

  #checkIdle(): void {
    if (this.destroyed) return;
    const leftUs = this.#lastTrafficUs + this.#idleLimitUs - this.#life.nowUs;
    if (leftUs <= 0) this.emit('timeout');
    this.#idleEvent = this.#life.after(leftUs > 0 ? leftUs : this.#idleLimitUs, () => this.#checkIdle());
  }
}
