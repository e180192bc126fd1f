import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Endpoint, Tcp } from '../../devices/tcp.ts';
import {
  CONNECT_MAX_MS,
  EXCHANGES_MAX,
  IDLE_CONNECTION_MAX_MS,
  IDLE_CONNECTIONS_MAX,
  KEEP_ALIVE_PROBE_MS,
  TUNNELS_MAX,
} from './limits.ts';

type OnConnection = (error: Error | null, stream: Duplex) => void;

/** node:http's pool of connections, with connections from the Tcp device; the newest idle one is used first. */
export class BackendConnections extends Agent {
  readonly #tcp: Tcp;
  readonly #endpoint: Endpoint;
  readonly #closing = new AbortController();
  readonly #onConnect: (error: unknown) => void;

  /** `onConnect` hears of every attempt: undefined where it succeeded. */
  constructor(tcp: Tcp, endpoint: Endpoint, onConnect: (error: unknown) => void) {
    super({
      keepAlive: true,
      scheduling: 'lifo',
      timeout: IDLE_CONNECTION_MAX_MS,
      maxFreeSockets: IDLE_CONNECTIONS_MAX,
      // Places bounds them before; this keeps the pool's own queue, which has no limit, out of use.
      maxSockets: EXCHANGES_MAX + TUNNELS_MAX,
    });
    this.#tcp = tcp;
    this.#endpoint = endpoint;
    this.#onConnect = onConnect;
  }

  override createConnection(_options: unknown, onConnection?: OnConnection): undefined {
    void this.#connect(onConnection);
  }

  /** A connection that nobody else uses or has used. */
  async connect(): Promise<Duplex> {
    const { signal } = this.#closing;
    try {
      const flow = await this.#tcp.connect({ ...this.#endpoint, timeoutMs: CONNECT_MAX_MS, signal });
      // The pool sees that a backend closed a connection by its 'close', so the end of one direction must end both.
      flow.allowHalfOpen = false;
      flow.setKeepAlive(true, KEEP_ALIVE_PROBE_MS);
      this.#onConnect(undefined);
      return flow;
    } catch (error) {
      if (!signal.aborted) this.#onConnect(error);
      throw error;
    }
  }

  override destroy(): void {
    this.#closing.abort();
    super.destroy();
  }

  async #connect(onConnection: OnConnection | undefined): Promise<void> {
    try {
      onConnection?.(null, await this.connect());
    } catch (error) {
      // The pool looks at the stream only where there is no error.
      onConnection?.(error as Error, undefined as unknown as Duplex);
    }
  }
}
