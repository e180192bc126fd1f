import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { concatBytes } from '../../../shared/base/bytes.ts';
import type { Flow } from '../../../shared/devices/tcp.ts';
import { refusalOf, responseOf } from '../../../shared/protocols/dns/https/make-response.ts';
import {
  judgeRequest,
  MESSAGE_MAX_BYTES,
  messageInTarget,
} from '../../../shared/protocols/dns/https/read-request.ts';
import type { Request, Response } from '../../../shared/protocols/http/message.ts';
import { refuse } from '../../../shared/protocols/http/refuse.ts';
import type { ConverseOptions } from '../passed-on/converse.ts';
import { HTTP1_HEADER_BYTES } from './limits.ts';
import type { Pages } from './pages.ts';

export interface Http1Options {
  readonly pages: Pages | undefined;
  /** What answering threw. */
  readonly onFault: (error: unknown) => void;
}

/** Answers DNS messages (RFC 8484) and other requests by HTTP/1.1, parsed by node:http, for as many connections as come. */
export function createHttp1Converse({
  pages,
  onFault,
}: Http1Options): (flow: Flow, options: ConverseOptions) => void {
  const served = new WeakMap<object, ConverseOptions>();
  // Who opened a connection and is slow or silent is closed by the server that it belongs to.
  const limits = { maxHeaderSize: HTTP1_HEADER_BYTES, headersTimeout: 0, requestTimeout: 0 };
  const server = createServer(limits, (message, response) => {
    const options = served.get(message.socket);
    if (options === undefined) return void response.destroy();
    const answered = answer({ message, pages, options });
    void answered
      .catch((error: unknown) => {
        onFault(error);
        return refuse(500);
      })
      .then(answer => send(response, answer, options));
  });
  return (flow, options) => {
    served.set(flow, options);
    server.emit('connection', flow);
  };
}

interface Exchange {
  readonly message: IncomingMessage;
  readonly pages: Pages | undefined;
  readonly options: ConverseOptions;
}

async function answer({ message, pages, options }: Exchange): Promise<Response> {
  const { method = '', url: target = '', headers: fields, socket } = message;
  const request: Request = { method, target, fields };
  options.onProgress('received');
  const page = pages?.(request, socket.remoteAddress ?? '::');
  if (page !== undefined) return await page;
  const judged = judgeRequest(request);
  if (!judged.ok) return refusalOf(judged.error);
  if (judged.value === 'in-content') {
    const content = await collect(message);
    return content === undefined ? refusalOf(413) : await reply(content, options);
  }
  const asked = messageInTarget(target);
  return asked.ok ? await reply(asked.value, options) : refusalOf(asked.error);
}

/** What is no message to be answered gets an answer here all the same: every request has one. */
async function reply(message: Uint8Array, { answer }: ConverseOptions): Promise<Response> {
  const [reply] = message.length === 0 ? [] : await answer(message);
  return reply === undefined ? refusalOf(400) : responseOf(reply);
}

/** The whole content; undefined: it is too long, and the rest is not waited for. */
async function collect(message: IncomingMessage): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of message as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > MESSAGE_MAX_BYTES) return undefined;
    pieces.push(piece);
  }
  return concatBytes(pieces);
}

function send(response: ServerResponse, { status, fields, body }: Response, options: ConverseOptions): void {
  if (response.destroyed) return;
  // RFC 9112 §9.6: what was not read would be taken for the next request.
  if (!response.req.complete) response.shouldKeepAlive = false;
  response.writeHead(status, fields as string[]);
  response.end(response.req.method === 'HEAD' ? undefined : concatBytes(body));
  options.onProgress('sent');
}
