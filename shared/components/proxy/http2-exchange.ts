import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { ExchangeObserver, ProxyExchange, ProxyRequest, UpgradeExchange } from './exchange.ts';
import { CLIENT_SILENCE_MAX_MS } from './limits.ts';

/** What node:http2's event 'stream' gives. */
export interface Http2Request {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly flags: number;
  readonly rawHeaders: readonly string[];
  readonly secure: boolean;
  readonly observer: ExchangeObserver;
}

/** A request over HTTP/2, as the proxy takes it. */
export function http2Exchange(http2: Http2Request): ProxyExchange {
  const { stream, headers, flags } = http2;
  return {
    ...common(http2),
    content: (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0 ? stream : undefined,
    expectsContinue: headers.expect?.toLowerCase() === '100-continue',
    interim(status, fields) {
      if (stream.destroyed || stream.headersSent) return;
      const interim: Record<string, string[]> = {};
      for (let index = 0; index + 1 < fields.length; index += 2)
        (interim[fields[index] as string] ??= []).push(fields[index + 1] as string);
      stream.additionalHeaders({ ':status': status, ...interim });
    },
  };
}

/** RFC 8441 §4: an extended CONNECT for WebSocket. */
export function isHttp2WebSocket(headers: IncomingHttpHeaders): boolean {
  return headers[':method'] === 'CONNECT' && headers[':protocol'] === 'websocket';
}

export function http2Upgrade(http2: Http2Request): UpgradeExchange {
  const { stream, observer } = http2;
  const shared = common(http2);
  stream.setTimeout(0);
  return {
    ...shared,
    // RFC 8441 §5: 200 takes the place of 101.
    accept(fields) {
      observer.answered(200);
      stream.respond([':status', '200', ...fields]);
      return stream;
    },
  };
}

function common({ stream, rawHeaders, headers, secure, observer }: Http2Request) {
  const closing = new AbortController();
  stream.once('close', () => closing.abort());
  stream.setTimeout(CLIENT_SILENCE_MAX_MS, () => stream.close(constants.NGHTTP2_CANCEL));
  const request: ProxyRequest = {
    method: headers[':method'] ?? '',
    target: headers[':path'] ?? '*',
    authority: headers[':authority'] ?? headers.host ?? '',
    version: '2.0',
    fields: rawHeaders,
    secure,
    client: stream.session?.socket.remoteAddress,
  };
  return {
    request,
    signal: closing.signal,
    observer,
    respond(status: number, fields: readonly string[], withContent: boolean) {
      if (stream.destroyed) return undefined;
      observer.answered(status);
      stream.respond([':status', String(status), ...fields], { endStream: !withContent });
      if (!withContent) stopSending(stream);
      else stream.once('finish', () => stopSending(stream));
      return withContent ? stream : undefined;
    },
    abort: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  };
}

/**
 * RFC 9113 §8.1: after a complete answer NO_ERROR tells the client to stop sending content that nobody reads. In a later
 * turn, since a reset takes back what nghttp2 has not sent yet.
 */
function stopSending(stream: ServerHttp2Stream): void {
  if (!stream.readableEnded) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
}
