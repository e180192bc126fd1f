import { assert } from '../base/assert.ts';
import { concatBytes, encodeUtf8 } from '../base/bytes.ts';
import type { Clock } from '../devices/clock.ts';
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
import { ResponseDecoder } from './http-response.ts';

export interface HttpContext {
  readonly tcp: Tcp;
  readonly tls: Tls;
  readonly clock: Clock;
}

/**
 * HTTP/1.1 over the world's own Tcp and Tls, one flow a request. It has a decoder of its own: node:http keeps real
 * timers, which would let real time into the world.
 */
export function createSimulatedHttp(context: HttpContext): Http {
  return {
    async request(request) {
      request.signal?.throwIfAborted();
      const timeoutMs = request.timeoutMs ?? HTTP_TIMEOUT_DEFAULT_MS;
      const limit = new AbortController();
      const tooLate = new DeviceError(
        'timed-out',
        `no answer from ${request.url.host} within ${timeoutMs} ms`,
      );
      const timer = context.clock.timer(timeoutMs, () => limit.abort(tooLate));
      const onAbort = (): void => limit.abort(request.signal?.reason);
      request.signal?.addEventListener('abort', onAbort, { once: true });
      try {
        return await exchange(context, request, limit.signal);
      } finally {
        timer.cancel();
        request.signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}

async function exchange(
  context: HttpContext,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { protocol, hostname, port } = request.url;
  assert(protocol === 'https:' || protocol === 'http:', `Http speaks http and https, not ${protocol}`);
  // RFC 3986 §3.2.2: a URL puts an IPv6 address in brackets; sockets want it without.
  const host = hostname.replace(/^\[|\]$/g, '');
  const defaultPort = protocol === 'https:' ? 443 : 80;
  const flow = await context.tcp.connect({ host, port: port === '' ? defaultPort : Number(port), signal });
  const abort = (): void => void flow.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    const secured = protocol === 'https:' ? await secure(context.tls, flow, request, host) : flow;
    const response = readResponse(secured, request);
    secured.write(encodeRequest(request));
    return await response;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    flow.destroy();
  }
}

function secure(tls: Tls, flow: Flow, request: HttpRequest, serverName: string): Promise<Flow> {
  const { trustAnchorsPem, pinnedSha256 } = request;
  return tls.client(flow, {
    serverName,
    alpnProtocols: ['http/1.1'],
    ...(trustAnchorsPem === undefined ? {} : { trustAnchorsPem }),
    ...(pinnedSha256 === undefined ? {} : { pinnedSha256 }),
  });
}

function encodeRequest({ method, url, headers, body }: HttpRequest): Uint8Array {
  const fields = {
    host: url.host,
    connection: 'close',
    ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const text = [`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines, '', ''].join('\r\n');
  assert(!/[\r\n]/.test(lines.join('')), 'a header field holds no line break');
  return concatBytes([encodeUtf8(text), body ?? new Uint8Array()]);
}

function readResponse(flow: Flow, request: HttpRequest): Promise<HttpResponse> {
  const decoder = new ResponseDecoder(request.method, request.bodyMaxBytes ?? HTTP_BODY_MAX_DEFAULT_BYTES);
  return new Promise((resolve, reject) => {
    const attempt = (step: () => HttpResponse | undefined): void => {
      try {
        const response = step();
        if (response !== undefined) resolve(response);
      } catch (error) {
        reject(error);
      }
    };
    flow.on('data', (chunk: Uint8Array) => attempt(() => decoder.step(chunk)));
    flow.on('end', () => attempt(() => decoder.end()));
    flow.on('error', reject);
    flow.on('close', () => reject(new DeviceError('reset', `${request.url.host} closed without a response`)));
  });
}
