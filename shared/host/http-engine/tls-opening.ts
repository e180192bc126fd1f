import {
  CLIENT_HELLO_MAX_BYTES,
  parseClientHello,
  type ClientHello,
} from '../../protocols/tls/client-hello.ts';
import { TlsSession, type TlsChoice } from '../ffi/openssl-session.ts';
import type { AlpnProtocol } from '../ffi/openssl.ts';
import { BROKEN, peek, WOULD_BLOCK } from '../ffi/stream-socket.ts';
import type { ClientSocket, SocketHandler } from './client-socket.ts';
import { Connection } from './connection.ts';
import type { Engine } from './engine.ts';
import { Http2Connection } from './http2-connection.ts';
import { tlsTransport } from './transport.ts';

/** A connection to a TLS port before its first request: looks at its first bytes, gives it away or shakes hands. */
export class TlsOpening implements SocketHandler {
  readonly #engine: Engine;
  readonly #socket: ClientSocket;
  #session: TlsSession | undefined;
  #protocol: AlpnProtocol = 'http/1.1';

  constructor(engine: Engine, socket: ClientSocket) {
    this.#engine = engine;
    this.#socket = socket;
    socket.deadlineMs = engine.monotonicMs + engine.limits.handshakeMs;
  }

  ready(): void {
    if (this.#session === undefined) this.#look();
    else this.#shakeHands(this.#session);
  }

  late(): void {
    this.#socket.close();
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
    const chosen = typeof hello === 'string' ? undefined : this.#choose(hello);
    if (chosen === undefined) return this.#engine.handOver(this.#socket);
    this.#protocol = chosen.protocol;
    this.#session = new TlsSession(chosen, this.#socket.descriptor, this.#engine.transportMemory.sealed);
    this.#socket.tls = this.#session;
    this.#shakeHands(this.#session);
  }

  /** undefined: this connection is somebody else's. */
  #choose({ serverName, alpnProtocols }: ClientHello): TlsChoice | undefined {
    const protocol = this.#protocolOf(alpnProtocols);
    const context = protocol === undefined ? undefined : this.#engine.contextFor(serverName);
    return protocol === undefined || context === undefined ? undefined : { context, protocol };
  }

  #protocolOf(offered: readonly string[] | undefined): AlpnProtocol | undefined {
    if (offered === undefined) return 'http/1.1';
    // RFC 7301 §3.2: the server chooses. A client that offers h2 prefers to get that, here or from somebody else.
    if (offered.includes('h2')) return this.#engine.http2 === undefined ? undefined : 'h2';
    return offered.includes('http/1.1') ? 'http/1.1' : undefined;
  }

  #shakeHands(session: TlsSession): void {
    const outcome = session.handshake();
    if (outcome === WOULD_BLOCK) return;
    if (outcome !== 1) return this.#socket.close();
    this.#session = undefined;
    this.#engine.count('handshakes', 1);
    const handler = this.#handlerFor(session);
    this.#socket.handler = handler;
    // The first request may have come with the last flight.
    handler.ready();
  }

  #handlerFor(session: TlsSession): SocketHandler {
    const { http2, transportMemory } = this.#engine;
    if (this.#protocol === 'h2' && http2 !== undefined)
      return new Http2Connection(this.#engine, this.#socket, session, http2);
    const transport = tlsTransport(this.#socket.descriptor, session, transportMemory);
    return new Connection(this.#engine, this.#socket, transport);
  }
}
