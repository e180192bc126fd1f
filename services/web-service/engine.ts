import type { Flow } from '../../shared/devices/tcp.ts';
import type { Request, Response } from '../../shared/protocols/http/message.ts';
import type { Connection } from './connections.ts';

/** Decides what a request is answered, purely; the engines carry it over their version of HTTP. */
export type Answer = (request: Request) => Response;

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
}
