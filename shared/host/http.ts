import { request as send, type ClientRequest, type IncomingMessage } from 'node:http';
import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import { DeviceError } from '../devices/device-error.ts';
import {
  HTTP_BODY_MAX_DEFAULT_BYTES,
  HTTP_TIMEOUT_DEFAULT_MS,
  type Http,
  type HttpRequest,
  type HttpResponse,
} from '../devices/http.ts';
import type { Flow, Tcp } from '../devices/tcp.ts';
import type { Tls } from '../devices/tls.ts';
import { toDeviceError } from './system-error.ts';

/** Outgoing HTTP/1.1 over the world's own Tcp and Tls: one flow a request, closed after it. */
export function createHostHttp(devices: { readonly tcp: Tcp; readonly tls: Tls }): Http {
  return {
    async request(request) {
      request.signal?.throwIfAborted();
      const timeoutMs = request.timeoutMs ?? HTTP_TIMEOUT_DEFAULT_MS;
      const limit = new AbortController();
      const tooLate = new DeviceError(
        'timed-out',
        `no answer from ${request.url.host} within ${timeoutMs} ms`,
      );
      const timer = setTimeout(() => limit.abort(tooLate), timeoutMs);
      const signal =
        request.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, request.signal]);
      try {
        const flow = await open(request, devices, signal);
        // Also where node:http refuses the request before it has taken the flow.
        using _closing = { [Symbol.dispose]: () => flow.destroy() };
        return await exchange(request, flow, signal);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function open(
  request: HttpRequest,
  { tcp, tls }: { readonly tcp: Tcp; readonly tls: Tls },
  signal: AbortSignal,
): Promise<Flow> {
  const { url } = request;
  assert(
    url.protocol === 'https:' || url.protocol === 'http:',
    `Http speaks http and https, not ${url.protocol}`,
  );
  const secure = url.protocol === 'https:';
  // A URL puts an IPv6 address in brackets (RFC 3986 §3.2.2); sockets want it without.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const flow = await tcp.connect({ host, port, signal });
  if (!secure) return flow;
  const abort = (): void => void flow.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await tls.client(flow, {
      serverName: host,
      alpnProtocols: ['http/1.1'],
      ...(request.trustAnchorsPem === undefined ? {} : { trustAnchorsPem: request.trustAnchorsPem }),
      ...(request.pinnedSha256 === undefined ? {} : { pinnedSha256: request.pinnedSha256 }),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function exchange(request: HttpRequest, flow: Flow, signal: AbortSignal): Promise<HttpResponse> {
  const { url, method, headers, body } = request;
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = send({
      createConnection: () => flow,
      method,
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        connection: 'close',
        ...(body === undefined ? {} : { 'content-length': String(body.length) }),
        ...headers,
      },
    });
    const finish = (outcome: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      outcome();
    };
    const onAbort = (): void => finish(() => reject(signal.reason as Error));
    const onError = (cause: unknown): void =>
      finish(() =>
        reject(signal.aborted ? (signal.reason as Error) : toDeviceError(cause, `${method} ${url.origin}`)),
      );
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    outgoing.on('error', onError);
    outgoing.once('response', response => {
      readBody(response, request.bodyMaxBytes ?? HTTP_BODY_MAX_DEFAULT_BYTES).then(
        bytes =>
          finish(() => resolve({ status: response.statusCode ?? 0, headers: joined(response), body: bytes })),
        onError,
      );
    });
    outgoing.end(body);
  });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes)
      throw new DeviceError('too-large', `the answer's body is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}

// RFC 9110 §5.3: fields of one name are joined by commas, but for Set-Cookie, whose values may hold commas.
function joined(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values = []]) => [
      name,
      values.join(name === 'set-cookie' ? '\n' : ', '),
    ]),
  );
}
