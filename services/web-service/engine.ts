import type { Flow } from '../../shared/devices/tcp.ts';
import type { Request, Response } from '../../shared/protocols/http/message.ts';
import type { Passage } from './backends.ts';
import type { Connection } from './connections.ts';
import type { RunningExchange } from './records/running-exchange.ts';

/** What decides about requests; the engines carry it over their version of HTTP. */
export interface Handlers {
  /** The answer where a pure function has one. */
  answer(request: Request): Response | 'later';
  /** The answer where it takes more; `content` is what came with the request, up to {@link LATER_CONTENT_MAX_BYTES}. */
  later(request: Request, content: Uint8Array, client: string | undefined): Promise<Response>;
  /** Whether a request is passed on; asked where `answer` said 'later'. */
  backendOf(request: Request): Passage | undefined;
}

/** One version of HTTP. */
export interface Engine {
  /** Serves the requests that come on `flow`, and tells `connection` when exchanges begin and end. */
  accept(flow: Flow, connection: Connection): void;
  /** From now on every exchange is the last one of its connection. */
  drain(): void;
}

/** What an engine tells of itself. */
export interface EngineEvents {
  /** An exchange begins. */
  readonly begin: (request: Request, client: string | undefined) => RunningExchange;
  /** A request that is not HTTP: it was refused and its connection closed. */
  readonly malformed: () => void;
  /** An answer that could not be made: a fault of ours. */
  readonly failed: (error: unknown) => void;
}
