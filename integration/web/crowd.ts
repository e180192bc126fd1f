import { connect, type Socket } from 'node:net';
import { eventually } from '../eventually.ts';
import type { WebServer } from './server.ts';

/** Below the default of `connections-per-address-max`. */
const PER_ADDRESS = 80;
/** How many open at once: a kernel's queue holds them all. */
const BATCH = 500;
const ACCEPT_MS = 20_000;

/** Connections of clients that are there and do little. Disposing it ends them. */
export class Crowd implements Disposable {
  readonly #sockets: Socket[] = [];

  /**
   * Opens `count` connections from many addresses of 127.0.0.0/8, on which every other one says `words` and the others nothing; resolves
   * when each is open or turned away. How many got in the server tells: {@link reportAfter}.
   */
  async park(port: number, count: number, words?: Uint8Array): Promise<void> {
    for (let from = 0; from < count; from += BATCH)
      await Promise.all(
        Array.from({ length: Math.min(BATCH, count - from) }, async (_, index) => {
          const visitor = Math.floor((from + index) / PER_ADDRESS);
          const localAddress = `127.0.${1 + Math.floor(visitor / 250)}.${1 + (visitor % 250)}`;
          await this.parkOne(port, localAddress, index % 2 === 0 ? words : undefined);
        }),
      );
  }

  parkOne(port: number, localAddress: string, words?: Uint8Array): Promise<void> {
    return new Promise(resolve => {
      const socket = connect({ host: '127.0.0.1', port, localAddress }, () => {
        if (words !== undefined) socket.write(words);
        resolve();
      });
      this.keep(socket).on('error', () => resolve());
    });
  }

  /** Has a connection that is open already end with the others, and not fail by its own end. */
  keep(socket: Socket): Socket {
    this.#sockets.push(socket);
    return socket.on('error', () => undefined);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

export interface CrowdReport {
  readonly open: number;
  readonly closed: string;
  readonly rssMiB: number;
}

/** What the server says once it has taken `count` connections from the kernel's queue. @throws Error where it takes fewer in 20 s */
export async function reportAfter(server: WebServer, count: number): Promise<CrowdReport> {
  let accepted = 0;
  const look = async (): Promise<CrowdReport | undefined> => {
    const { status, rssMiB } = await server.report();
    const [, open, all] = /^(\d+) of (\d+) accepted/.exec(status['Open'] ?? '') ?? [];
    accepted = Number(all);
    return accepted >= count
      ? { open: Number(open), closed: status['Closed by us'] ?? '', rssMiB }
      : undefined;
  };
  const seen = (): string => `${accepted} were`;
  return eventually(`${count} connections are accepted`, look, { timeoutMs: ACCEPT_MS, seen });
}
