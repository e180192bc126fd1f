import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { concatBytes, encodeUtf8 } from '../../shared/base/bytes.ts';
import { REASONS, type Request, type Response } from '../../shared/protocols/http/message.ts';
import { refuse } from '../../shared/protocols/http/refuse.ts';
import type { Connection } from './connections.ts';
import { collectContent } from './collect-content.ts';
import { recordOf } from './record-of.ts';
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
  const connections = new WeakMap<object, Connection>();
  let draining = false;

  function exchange(message: IncomingMessage, response: ServerResponse, continues: boolean): void {
    const connection = connections.get(message.socket);
    connection?.begin();
    response.once('close', () => connection?.end());
    const request = requestOf(message);
    const valid = isValid(message);
    const answer = valid ? handlers.answer(request) : refuse(400);
    if (answer === 'later') void answerLater(request, message, response, continues);
    else send(message, response, answer, continues || !valid || mustClose(message));
  }

  /** RFC 9112 §9.6: `close` says that this response is the last one. */
  function send(message: IncomingMessage, response: ServerResponse, answer: Response, last: boolean): void {
    if (response.destroyed || response.headersSent) return;
    const { status, fields, body, interim } = answer;
    if (last || draining) response.shouldKeepAlive = false;
    for (const hints of interim ?? []) response.writeInformation(103, recordOf(hints));
    response.writeHead(status, fields as string[]);
    const connection = connections.get(message.socket);
    writeBody(response, message.method === 'HEAD' ? [] : body, bytes => connection?.sent(bytes));
    events.answered(status);
  }

  async function answerLater(
    request: Request,
    message: IncomingMessage,
    response: ServerResponse,
    continues: boolean,
  ): Promise<void> {
    if (continues) response.writeContinue();
    try {
      const content = await collectContent(message);
      const answer =
        content === 'too-large'
          ? refuse(413)
          : await handlers.later(request, content, message.socket.remoteAddress);
      send(message, response, answer, content === 'too-large');
    } catch (error) {
      // A client that went away is no fault of ours.
      if (response.destroyed) return;
      events.failed(error);
      send(message, response, refuse(500), true);
    }
  }

  const server = createParser();
  server.on('request', (message, response) => exchange(message, response, false));
  // RFC 9110 §10.1.1: a final answer at once in place of 100; the client may send its content or not, so the connection ends.
  server.on('checkContinue', (message, response) => exchange(message, response, true));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code?.startsWith('HPE_') === true) events.malformed();
    refuseRaw(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400);
  });
  return {
    accept(flow, connection) {
      connections.set(flow, connection);
      server.emit('connection', flow);
    },
    drain() {
      draining = true;
    },
  };
}

function createParser(): Server {
  const server = createServer({
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
