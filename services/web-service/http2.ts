import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import {
  http2Exchange,
  http2Upgrade,
  isHttp2WebSocket,
} from '../../shared/components/proxy/http2-exchange.ts';
import type { Request, Response } from '../../shared/protocols/http/message.ts';
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
  INVALID_FRAMES_MAX,
  REJECTED_STREAMS_MAX,
  SESSION_MEMORY_MAX_MB,
  STALL_MAX_MS,
  STREAM_RESETS_BURST,
  STREAM_RESETS_PER_SECOND,
  STREAMS_MAX,
  STREAMS_PER_CONNECTION_MAX,
} from './limits.ts';
import { writeBody } from './write-body.ts';

/** HTTP/2 by node:http2's stream API (its compatibility API is half as fast), fed with flows. */
export function createHttp2Engine(
  handlers: Handlers,
  events: EngineEvents,
  options: { readonly webSockets: boolean },
): Engine {
  return new Http2Engine(handlers, events, options.webSockets);
}

class Http2Engine implements Engine {
  readonly #handlers: Handlers;
  readonly #events: EngineEvents;
  readonly #sessions = new Map<ServerHttp2Session, Connection | undefined>();
  readonly #server: Http2Server;
  #accepted: Connection | undefined;

  constructor(handlers: Handlers, events: EngineEvents, webSockets: boolean) {
    this.#handlers = handlers;
    this.#events = events;
    // RFC 8441 §3: said only where there is a server behind us that may take one.
    const settings = { ...OPTIONS.settings, enableConnectProtocol: webSockets };
    this.#server = createServer({ ...OPTIONS, settings });
    this.#server.on('session', session => this.#open(session));
    this.#server.on('stream', (stream, headers, flags, rawHeaders) => {
      stream.on('error', ignoreStreamError);
      if (!stream.destroyed)
        this.#exchange({ stream: stream as ServerHttp2Stream, headers, flags, rawHeaders });
    });
    // Without a listener an error of a session would end the process.
    this.#server.on('sessionError', events.malformed);
  }

  accept(flow: Flow, connection: Connection): void {
    // 'session' is emitted within the call, or not at all where the flow is gone already.
    this.#accepted = connection;
    this.#server.emit('connection', flow);
    this.#accepted = undefined;
  }

  drain(): void {
    for (const session of this.#sessions.keys()) session.close();
  }

  #open(session: ServerHttp2Session): void {
    endInTime(session);
    this.#sessions.set(session, this.#accepted);
    session.once('close', () => this.#sessions.delete(session));
    session.on('error', this.#events.malformed);
  }

  #exchange(arrived: Arrived): void {
    const { stream, headers, flags } = arrived;
    const request = { method: headers[':method'] ?? '', target: headers[':path'] ?? '*', fields: headers };
    const answer = this.#handlers.answer(request);
    stream.setTimeout(STALL_MAX_MS, () => stream.close(constants.NGHTTP2_CANCEL));
    const call: Call = { stream, request, running: this.#begin(request, stream) };
    if (answer !== 'later') this.#send(call, answer, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    else if (!this.#passOn(call, arrived)) void this.#answerLater(call);
  }

  #begin(request: Request, stream: ServerHttp2Stream): RunningExchange {
    const session = stream.session as ServerHttp2Session | undefined;
    const connection = session === undefined ? undefined : this.#sessions.get(session);
    const client = session?.socket.remoteAddress;
    return beginExchange(request, { events: this.#events, connection, client }, stream);
  }

  #send({ stream, request, running }: Call, answer: Response, complete: boolean): void {
    if (stream.destroyed || stream.headersSent) return;
    const { status, fields, interim } = answer;
    // Node ends a HEAD answer itself, and a body for one would be an error.
    const body = request.method === 'HEAD' ? [] : answer.body;
    for (const hints of interim ?? []) stream.additionalHeaders({ ':status': 103, ...recordOf(hints) });
    stream.respond([':status', String(status), ...fields], { endStream: body.length === 0 });
    running.answered(status, answer.site ?? -1);
    if (body.length > 0) writeBody(stream, body, bytes => running.sent(bytes));
    // RFC 9113 §8.1: after a complete answer NO_ERROR tells the client to stop sending content that nobody reads. In a later
    // turn, since a reset takes back what nghttp2 has not sent yet.
    if (!complete) stream.once('finish', () => setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR)));
  }

  async #answerLater(call: Call): Promise<void> {
    const { request, stream } = call;
    const client = stream.session?.socket.remoteAddress;
    try {
      const content = await collectContent(stream);
      const answer =
        content === 'too-large' ? refuse(413) : await this.#handlers.later(request, content, client);
      this.#send(call, answer, content !== 'too-large');
    } catch (error) {
      // A client that went away is no fault of ours.
      if (stream.destroyed) return;
      this.#events.failed(error);
      this.#send(call, refuse(500), false);
    }
  }

  /** Whether the request is another server's. */
  #passOn({ request, running }: Call, arrived: Arrived): boolean {
    const passage = this.#handlers.backendOf(request);
    if (passage === undefined) return false;
    const http2 = { ...arrived, secure: true, observer: observerOf(running, passage.site) };
    if (isHttp2WebSocket(arrived.headers)) passage.backend.upgrade(http2Upgrade(http2));
    else passage.backend.forward(http2Exchange(http2));
    return true;
  }
}

/** What node:http2 tells of a new stream. */
interface Arrived {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly flags: number;
  readonly rawHeaders: readonly string[];
}

/** One exchange on its way. */
interface Call {
  readonly stream: ServerHttp2Stream;
  readonly request: Request;
  readonly running: RunningExchange;
}

const OPTIONS = {
  maxSessionMemory: SESSION_MEMORY_MAX_MB,
  maxHeaderListPairs: HEADER_FIELDS_MAX,
  maxSessionInvalidFrames: INVALID_FRAMES_MAX,
  maxSessionRejectedStreams: REJECTED_STREAMS_MAX,
  streamResetBurst: STREAM_RESETS_BURST,
  streamResetRate: STREAM_RESETS_PER_SECOND,
  settings: { maxConcurrentStreams: STREAMS_MAX, maxHeaderListSize: HEADER_MAX_BYTES, enablePush: false },
} as const;

function endInTime(session: ServerHttp2Session): void {
  let opened = 0;
  session.on('stream', () => {
    // RFC 9113 §6.8: GOAWAY lets running streams end and sends the client to a new connection.
    if (++opened >= STREAMS_PER_CONNECTION_MAX) session.close();
  });
}

function ignoreStreamError(): void {
  // A client that gives up, or breaks a rule within its own stream, is no event of ours; nghttp2 has answered it.
}
