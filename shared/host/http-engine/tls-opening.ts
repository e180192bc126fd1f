import {
  CLIENT_HELLO_MAX_BYTES,
  parseClientHello,
  type ClientHello,
} from '../../protocols/tls/client-hello.ts';
import { TlsSession } from '../ffi/openssl-session.ts';
import type { TlsServerContext } from '../ffi/openssl.ts';
import { BROKEN, peek, WOULD_BLOCK } from '../ffi/stream-socket.ts';
import type { ClientSocket, SocketHandler } from './client-socket.ts';
import { Connection } from './connection.ts';
import type { Engine } from './engine.ts';
import { tlsTransport } from './transport.ts';

/** A connection to a TLS port before its first request: looks at its first bytes, gives it away or shakes hands. */
export class TlsOpening implements SocketHandler {
  readonly #engine: Engine;
  readonly #socket: ClientSocket;
  #session: TlsSession | undefined;

  constructor(engine: Engine, socket: ClientSocket) {
    this.#engine = engine;
    this.#socket = socket;
    socket.deadlineMs = engine.monotonicMs + engine.limits.handshakeMs;
  }

  ready(): void {
    if (this.#session === undefined) this.#look();
    else this.#shakeHands(this.#session);
  }

  closed(): void {
    if (this.#session !== undefined) this.#engine.count('handshakesFailed', 1);
  }

  #look(): void {
    const { input } = this.#engine;
    const count = peek(this.#socket.descriptor, input);
    if (count === WOULD_BLOCK) return;
    if (count === BROKEN || count === 0) return this.#socket.close();
    const hello = parseClientHello(input.bytes.subarray(0, count));
    if (hello === 'more' && count < CLIENT_HELLO_MAX_BYTES) return;
    const context = typeof hello === 'string' ? undefined : this.#contextFor(hello);
    if (context === undefined) return this.#engine.handOver(this.#socket);
    this.#session = new TlsSession(context, this.#socket.descriptor);
    this.#socket.tls = this.#session;
    this.#shakeHands(this.#session);
  }

  /** undefined: this connection is somebody else's. */
  #contextFor({ serverName, alpnProtocols }: ClientHello): TlsServerContext | undefined {
    // RFC 7301 §3.2: what this server speaks is http/1.1; a client that offers h2 as well prefers to get that.
    if (alpnProtocols !== undefined && (!alpnProtocols.includes('http/1.1') || alpnProtocols.includes('h2')))
      return undefined;
    return this.#engine.contextFor(serverName);
  }

  #shakeHands(session: TlsSession): void {
    const outcome = session.handshake();
    if (outcome === WOULD_BLOCK) return;
    if (outcome !== 1) return this.#socket.close();
    this.#session = undefined;
    this.#engine.count('handshakes', 1);
    const transport = tlsTransport(this.#socket.descriptor, session, this.#engine.transportMemory);
    const connection = new Connection(this.#engine, this.#socket, transport);
    this.#socket.handler = connection;
    // The first request may have come with the last flight.
    connection.ready();
  }
}
