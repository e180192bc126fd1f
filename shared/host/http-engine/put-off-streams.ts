import { concatBytes } from '../../base/bytes.ts';
import type { Request, Response } from '../../devices/http-exchange.ts';
import type { Engine } from './engine.ts';

/** A request whose content is still to come. */
interface Collecting {
  readonly request: Request;
  readonly parts: Uint8Array[];
  bytes: number;
}

/** A request that the main thread has. */
interface Asked {
  readonly id: number;
  readonly sinceMs: number;
}

/** Why a request does not get to the main thread. 'crowded': others of its connection hold the memory, so that it may come again. */
export type TakenContent = 'taken' | 'too-large' | 'crowded';

/** The requests of one HTTP/2 connection that the main thread answers: their content on its way there, and the answers awaited. */
export class PutOffStreams {
  readonly #engine: Engine;
  readonly #client: string;
  readonly #answered: (stream: number, response: Response) => void;
  readonly #collecting = new Map<number, Collecting>();
  readonly #asked = new Map<number, Asked>();
  /** Of all that are collected: together they may have what one may, so that a connection costs no more memory than one of HTTP/1.1. */
  #bytes = 0;

  constructor(engine: Engine, client: string, answered: (stream: number, response: Response) => void) {
    this.#engine = engine;
    this.#client = client;
    this.#answered = answered;
  }

  /** A request without content goes at once. */
  begin(stream: number, request: Request, isComplete: boolean): void {
    if (isComplete) this.#ask(stream, request, new Uint8Array());
    else this.#collecting.set(stream, { request, parts: [], bytes: 0 });
  }

  /** Content of a request that was begun; of others it is nobody's. */
  take(stream: number, bytes: Uint8Array, isLast: boolean): TakenContent {
    const collecting = this.#collecting.get(stream);
    if (collecting === undefined) return 'taken';
    const { contentBytes } = this.#engine.limits;
    if (collecting.bytes + bytes.length > contentBytes) return 'too-large';
    if (this.#bytes + bytes.length > contentBytes) return 'crowded';
    collecting.bytes += bytes.length;
    this.#bytes += bytes.length;
    if (bytes.length > 0) collecting.parts.push(bytes.slice());
    if (!isLast) return 'taken';
    this.forget(stream);
    this.#ask(stream, collecting.request, concatBytes(collecting.parts));
    return 'taken';
  }

  #ask(stream: number, request: Request, content: Uint8Array): void {
    const id = this.#engine.askLater({ client: this.#client, request, content }, response => {
      this.#asked.delete(stream);
      this.#answered(stream, response);
    });
    this.#asked.set(stream, { id, sinceMs: this.#engine.monotonicMs });
  }

  /** Streams whose answer the main thread has owed since then or longer. */
  overdue(sinceMs: number): number[] {
    return Array.from(this.#asked).flatMap(([stream, asked]) => (asked.sinceMs <= sinceMs ? [stream] : []));
  }

  /** The stream has ended, or is answered. */
  forget(stream: number): void {
    this.#bytes -= this.#collecting.get(stream)?.bytes ?? 0;
    this.#collecting.delete(stream);
    const asked = this.#asked.get(stream);
    if (asked === undefined) return;
    this.#asked.delete(stream);
    this.#engine.forgetLater(asked.id);
  }
}
