import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex, Writable } from 'node:stream';
import {
  http1Exchange,
  http1Upgrade,
  isWebSocketUpgrade,
} from '../../shared/components/proxy/http1-exchange.ts';
import { concatBytes, encodeUtf8 } from '../../shared/base/bytes.ts';
import { REASONS, type Request, type Response } from '../../shared/protocols/http/message.ts';
import { refuse } from '../../shared/protocols/http/refuse.ts';
import type { Flow } from '../../shared/devices/tcp.ts';
import type { Connection } from './connections.ts';
import { collectContent } from './collect-content.ts';
import { recordOf } from './record-of.ts';
import type { RunningExchange } from './records/running-exchange.ts';
import { beginExchange, observerOf } from './begin-exchange.ts';
import type { Engine, EngineEvents, Handlers } from './engine.ts';
import {
  HEADER_FIELDS_MAX,
  HEADER_MAX_BYTES,
  IDLE_MAX_MS,
  REQUEST_CONTENT_MAX_BYTES,
  STALL_MAX_MS,
} from './limits.ts';
import { writeBody } from './write-body.ts';

/** HTTP/1.1 by node:http, fed with flows: it parses, frames and keeps the order; what to say comes from `handlers`. */
export function createHttp1Engine(handlers: Handlers, events: EngineEvents): Engine {
  return new Http1Engine(handlers, events);
}

class Http1Engine implements Engine {
  readonly #handlers: Handlers;
  readonly #events: EngineEvents;
  readonly #connections = new WeakMap<object, Connection>();
  readonly #server: Server;
  #draining = false;

  constructor(handlers: Handlers, events: EngineEvents) {
    this.#handlers = handlers;
    this.#events = events;
    this.#server = createParser(message => this.#takesUpgrade(message));
    this.#server.on('request', (message, response) => this.#exchange(message, response, false));
    // RFC 9110 §10.1.1: a final answer at once in place of 100; the client may send its content or not, so the connection ends.
    this.#server.on('checkContinue', (message, response) => this.#exchange(message, response, true));
    this.#server.on('upgrade', (message, socket, head) => this.#upgrade(message, socket, head));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code?.startsWith('HPE_') === true) events.malformed();
      refuseRaw(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400);
    });
  }

  accept(flow: Flow, connection: Connection): void {
    this.#connections.set(flow, connection);
    this.#server.emit('connection', flow);
  }

  drain(): void {
    this.#draining = true;
  }

  #exchange(message: IncomingMessage, response: ServerResponse, continues: boolean): void {
    const request = requestOf(message);
    const call: Call = { message, response, request, running: this.#begin(request, message, response) };
    const valid = isValid(message);
    const answer = valid ? this.#handlers.answer(request) : refuse(400);
    if (answer !== 'later') this.#send(call, answer, continues || !valid || mustClose(message));
    else if (!this.#passOn(call, continues)) void this.#answerLater(call, continues);
  }

  #begin(request: Request, message: IncomingMessage, ending: Writable): RunningExchange {
    const connection = this.#connections.get(message.socket);
    const client = message.socket.remoteAddress;
    return beginExchange(request, { events: this.#events, connection, client }, ending);
  }

  /** RFC 9112 §9.6: `close` says that this response is the last one. */
  #send({ message, response, running }: Call, answer: Response, last: boolean): void {
    if (response.destroyed || response.headersSent) return;
    const { status, fields, body, interim } = answer;
    if (last || this.#draining) response.shouldKeepAlive = false;
    for (const hints of interim ?? []) response.writeInformation(103, recordOf(hints));
    response.writeHead(status, fields as string[]);
    running.answered(status, answer.site ?? -1);
    writeBody(response, message.method === 'HEAD' ? [] : body, bytes => running.sent(bytes));
  }

  async #answerLater(call: Call, continues: boolean): Promise<void> {
    const { request, message, response } = call;
    if (continues) response.writeContinue();
    try {
      const content = await collectContent(message);
      const answer =
        content === 'too-large'
          ? refuse(413)
          : await this.#handlers.later(request, content, message.socket.remoteAddress);
      this.#send(call, answer, content === 'too-large');
    } catch (error) {
      // A client that went away is no fault of ours.
      if (response.destroyed) return;
      this.#events.failed(error);
      this.#send(call, refuse(500), true);
    }
  }

  /** Whether the request is another server's. Only names under HTTPS have one. */
  #passOn({ message, response, request, running }: Call, expectsContinue: boolean): boolean {
    const passage = this.#handlers.backendOf(request);
    if (passage === undefined) return false;
    if (this.#draining) response.shouldKeepAlive = false;
    const observer = observerOf(running, passage.site);
    passage.backend.forward(http1Exchange(message, response, { secure: true, expectsContinue, observer }));
    return true;
  }

  #takesUpgrade(message: IncomingMessage): boolean {
    if (this.#draining || !isWebSocketUpgrade(message) || !isValid(message)) return false;
    return this.#handlers.backendOf(requestOf(message)) !== undefined;
  }

  #upgrade(message: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const request = requestOf(message);
    const passage = this.#handlers.backendOf(request);
    // node:http has taken its own listener off.
    socket.on('error', () => socket.destroy());
    if (passage === undefined) return void socket.destroy();
    const observer = observerOf(this.#begin(request, message, socket), passage.site);
    passage.backend.upgrade(http1Upgrade(message, socket, head, { secure: true, observer }));
  }
}

/** One exchange on its way. */
interface Call {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly request: Request;
  readonly running: RunningExchange;
}

function createParser(takesUpgrade: (message: IncomingMessage) => boolean): Server {
  const server = createServer({
    shouldUpgradeCallback: takesUpgrade,
    maxHeaderSize: HEADER_MAX_BYTES,
    keepAliveTimeout: IDLE_MAX_MS,
    // Node measures these where it listens itself; here Connections closes what is idle or slow to ask.
    headersTimeout: 0,
    requestTimeout: 0,
  });
  server.maxHeadersCount = HEADER_FIELDS_MAX;
  server.timeout = STALL_MAX_MS;
  return server;
}

function requestOf(message: IncomingMessage): Request {
  return { method: message.method ?? '', target: message.url ?? '', fields: message.headers };
}

/** RFC 9112 §3.2: a request with more than one Host is answered 400 (node:http sees to it that there is one). */
function isValid(message: IncomingMessage): boolean {
  let hosts = 0;
  for (let index = 0; index < message.rawHeaders.length; index += 2)
    if (message.rawHeaders[index]?.toLowerCase() === 'host') hosts++;
  return hosts <= 1;
}

/** Content nobody reads must end, or it would be taken for the next request: a short one is skipped, others end the connection. */
function mustClose({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  return Number(headers['content-length'] ?? 0) > REQUEST_CONTENT_MAX_BYTES;
}

/** Answers what could not be parsed, unless an answer is already on its way: the two must not mix. */
function refuseRaw(socket: Duplex, status: number): void {
  const running = (socket as Duplex & { _httpMessage?: ServerResponse | null })._httpMessage;
  if (!socket.writable || running?.headersSent === true) {
    socket.destroy();
    return;
  }
  const { fields, body } = refuse(status);
  const lines = [`HTTP/1.1 ${status} ${REASONS[status]}`];
  for (let index = 0; index < fields.length; index += 2) lines.push(`${fields[index]}: ${fields[index + 1]}`);
  const head = encodeUtf8(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`);
  socket.end(concatBytes([head, ...body]), () => socket.destroy());
}
