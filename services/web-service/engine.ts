import type { Flow } from '../../shared/devices/tcp.ts';
import type { Request, Response } from '../../shared/protocols/http/message.ts';
import type { Connection } from './connections.ts';

/** What decides about requests; the engines carry it over their version of HTTP. */
export interface Handlers {
  /** The answer where a pure function has one. */
  answer(request: Request): Response | 'later';
  /** The answer where it takes more; `content` is what came with the request, up to {@link LATER_CONTENT_MAX_BYTES}. */
  later(request: Request, content: Uint8Array, client: string | undefined): Promise<Response>;
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
  readonly answered: (status: number) => void;
  /** A request that is not HTTP: it was refused and its connection closed. */
  readonly malformed: () => void;
  /** An answer that could not be made: a fault of ours. */
  readonly failed: (error: unknown) => void;
}
