import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExchangeObserver, ProxyExchange, ProxyRequest, UpgradeExchange } from './exchange.ts';
import { listOf } from './fields.ts';
import { CLIENT_SILENCE_MAX_MS } from './limits.ts';

/** A request that node:http has parsed, as the proxy takes it. */
export function http1Exchange(
  message: IncomingMessage,
  response: ServerResponse,
  options: {
    readonly secure: boolean;
    readonly expectsContinue: boolean;
    readonly observer: ExchangeObserver;
  },
): ProxyExchange {
  const closing = new AbortController();
  response.once('close', () => closing.abort());
  // Its socket has the time-out of exchanges that are answered from memory; node:http sets it again for the next request.
  message.socket.setTimeout(CLIENT_SILENCE_MAX_MS);
  return {
    request: requestOf(message, options.secure),
    content: hasContent(message) ? message : undefined,
    expectsContinue: options.expectsContinue,
    signal: closing.signal,
    observer: options.observer,
    interim: (status, fields) => sendInterim(message, response, status, fields),
    respond(status, fields, withContent) {
      // RFC 9112 §9.6: content that nobody will read ends the connection.
      if (!message.complete) response.shouldKeepAlive = false;
      options.observer.answered(status);
      response.writeHead(status, fields as string[]);
      if (withContent) return response;
      response.end();
      return undefined;
    },
    abort: () => void message.socket.destroy(),
  };
}

/** Whether a request asks for what the proxy passes through: a WebSocket, and no other protocol (h2c would go around every rule). */
export function isWebSocketUpgrade(message: IncomingMessage): boolean {
  return (
    message.method === 'GET' &&
    message.headers.upgrade?.toLowerCase() === 'websocket' &&
    listOf(message.rawHeaders, 'connection').some(option => option.toLowerCase() === 'upgrade') &&
    !hasContent(message)
  );
}

/** An upgrade as node:http's event 'upgrade' gives it: `head` is what came of the new protocol already. */
export function http1Upgrade(
  message: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
  options: { readonly secure: boolean; readonly observer: ExchangeObserver },
): UpgradeExchange {
  const closing = new AbortController();
  socket.once('close', () => closing.abort());
  message.socket.setTimeout(0);
  return {
    request: requestOf(message, options.secure),
    signal: closing.signal,
    observer: options.observer,
    accept(fields) {
      options.observer.answered(101);
      const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket'];
      for (let index = 0; index < fields.length; index += 2)
        lines.push(`${fields[index]}: ${fields[index + 1]}`);
      socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
      if (head.length > 0) socket.unshift(head);
      return socket;
    },
    respond(status, fields, withContent) {
      const response = new ServerResponse(message);
      response.shouldKeepAlive = false;
      response.assignSocket(message.socket);
      response.once('finish', () => socket.end(() => socket.destroy()));
      options.observer.answered(status);
      response.writeHead(status, fields as string[]);
      if (withContent) return response;
      response.end();
      return undefined;
    },
    abort: () => void socket.destroy(),
  };
}

function requestOf(message: IncomingMessage, secure: boolean): ProxyRequest {
  return {
    method: message.method ?? '',
    target: originForm(message.url ?? ''),
    authority: authorityOf(message),
    version: message.httpVersion === '1.0' ? '1.0' : '1.1',
    fields: message.rawHeaders,
    secure,
    client: message.socket.remoteAddress,
  };
}

/** RFC 9112 §3.2.2: the absolute form is for proxies; a server takes it too. */
function originForm(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return path === target || path.startsWith('/') ? path : `/${path}`;
}

/** RFC 9112 §3.2.2: a target with an authority of its own makes Host void. */
function authorityOf({ url, headers }: IncomingMessage): string {
  return /^https?:\/\/([^/?#]*)/i.exec(url ?? '')?.[1] ?? headers.host ?? '';
}

/** RFC 9112 §6.3: without either field a request has no content. */
function hasContent({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function sendInterim(
  message: IncomingMessage,
  response: ServerResponse,
  status: number,
  fields: readonly string[],
): void {
  // RFC 9110 §15.2: a server must not send interim answers to HTTP/1.0.
  if (response.headersSent || message.httpVersion === '1.0') return;
  if (status === 100) return response.writeContinue();
  const link = fields.filter((_, index) => index % 2 === 1 && fields[index - 1] === 'link');
  try {
    if (link.length > 0) response.writeEarlyHints({ link });
  } catch {
    // A hint that node:http does not take is left out; the answer itself comes later.
  }
}
