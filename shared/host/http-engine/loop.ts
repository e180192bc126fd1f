import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { Epoll, EPOLL } from '../ffi/epoll.ts';
import { createAccept } from '../ffi/stream-socket.ts';
import type { ClientSocket } from './client-socket.ts';
import type { Engine } from './engine.ts';
import type { FromWorker, HttpWorkerData, ToWorker } from './messages.ts';

/** Events taken at a time. */
const EVENTS_MAX = 256;

/** Connections accepted before those that are there have their turn again. */
const ACCEPTS_PER_TURN_MAX = 64;

/** How often what is over time is looked for: precise enough for limits of seconds. Every wait ends after it. */
const SWEEP_INTERVAL_MS = 1_000;

/** Edge-triggered and once for all: whoever has a socket reads until nothing comes and writes until nothing goes. */
const SOCKET_EVENTS = (EPOLL.IN | EPOLL.OUT | EPOLL.RDHUP | EPOLL.ET) >>> 0;
const END_EVENTS = EPOLL.RDHUP | EPOLL.HUP | EPOLL.ERR;
const WAKE_EVENTS = (EPOLL.IN | EPOLL.ET) >>> 0;

type LoopOptions = Pick<HttpWorkerData, 'listener' | 'wakeDescriptor'>;

/** Waits for sockets and messages and gives each its turn, until it is told to close and all is done. */
export class Loop {
  readonly #engine: Engine;
  readonly #listener: HttpWorkerData['listener'];
  readonly #wakeDescriptor: number;
  readonly #port: MessagePort;
  readonly #epoll = new Epoll(EVENTS_MAX);
  readonly #accept: ReturnType<typeof createAccept>;
  readonly #post: (message: FromWorker) => void;
  #accepting = false;
  #sweepAtMs = 0;
  #endAtMs = Infinity;

  constructor(engine: Engine, { listener, wakeDescriptor }: LoopOptions, port: MessagePort) {
    this.#engine = engine;
    this.#listener = listener;
    this.#wakeDescriptor = wakeDescriptor;
    this.#port = port;
    this.#post = message => port.postMessage(message);
    this.#accept = createAccept(listener);
    engine.removeFromPoll = descriptor => this.#epoll.remove(descriptor);
  }

  run(): void {
    const engine = this.#engine;
    this.#epoll.add(this.#wakeDescriptor, WAKE_EVENTS);
    this.#setAccepting(true);
    this.#post({ kind: 'ready' });
    while (engine.monotonicMs < this.#endAtMs && !(engine.draining && engine.places.size === 0)) {
      const count = this.#epoll.wait(this.#timeoutMs());
      engine.tick();
      for (let index = 0; index < count; index++)
        this.#handle(this.#epoll.descriptorAt(index), this.#epoll.eventsAt(index));
      if (engine.hasMore) engine.runMore();
      if (engine.monotonicMs >= this.#sweepAtMs) this.#sweep();
      if (engine.monotonicMs >= engine.recorder.dueMs) engine.recorder.flush(engine.monotonicMs);
    }
    engine[Symbol.dispose]();
    this.#epoll[Symbol.dispose]();
  }

  #timeoutMs(): number {
    const { hasMore, monotonicMs, recorder } = this.#engine;
    if (hasMore) return 0;
    const until = Math.min(this.#sweepAtMs, recorder.dueMs, this.#endAtMs);
    return Math.min(SWEEP_INTERVAL_MS, Math.max(0, Math.ceil(until - monotonicMs)));
  }

  #handle(descriptor: number, events: number): void {
    if (descriptor === this.#listener.descriptor) this.#acceptSome();
    else if (descriptor === this.#wakeDescriptor) this.#takeMessages();
    else this.#wake(this.#engine.socketOf(descriptor), events);
  }

  #wake(socket: ClientSocket | undefined, events: number): void {
    if (socket === undefined) return;
    if ((events & END_EVENTS) !== 0) socket.ending = true;
    socket.handler?.ready();
  }

  #acceptSome(): void {
    for (let accepts = 0; accepts < ACCEPTS_PER_TURN_MAX; accepts++) {
      const accepted = this.#accept();
      if (accepted === 'none') return;
      if (accepted === 'gone') continue;
      // Nobody is helped by asking again at once: those who are idle end, and the next sweep goes on.
      if (accepted === 'exhausted') return this.#setAccepting(false);
      const socket = this.#engine.admit(accepted.descriptor, accepted.peer.host);
      if (socket !== undefined) this.#epoll.add(accepted.descriptor, SOCKET_EVENTS);
    }
  }

  #setAccepting(accepting: boolean): void {
    if (accepting === this.#accepting) return;
    this.#accepting = accepting;
    const { descriptor } = this.#listener;
    if (accepting) this.#epoll.add(descriptor, EPOLL.IN);
    else this.#epoll.remove(descriptor);
  }

  #sweep(): void {
    this.#sweepAtMs = this.#engine.monotonicMs + SWEEP_INTERVAL_MS;
    this.#engine.sweep();
    if (!this.#engine.draining) this.#setAccepting(true);
  }

  #takeMessages(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#obey(received.message as ToWorker);
    }
  }

  #obey(message: ToWorker): void {
    switch (message.kind) {
      case 'answer':
        return this.#engine.answerLater(message.id, message.response);
      case 'update':
        return this.#update(message);
      case 'close':
        this.#setAccepting(false);
        this.#engine.drain();
        this.#endAtMs = this.#engine.monotonicMs + message.drainMs;
    }
  }

  #update({ content, ticketKeys, version }: Extract<ToWorker, { kind: 'update' }>): void {
    try {
      this.#engine.update(content, ticketKeys);
      this.#post({ kind: 'updated', version });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#post({ kind: 'update-failed', version, reason });
    }
  }
}
