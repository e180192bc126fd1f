import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { pipeline, type Duplex } from 'node:stream';
import type { SecureRandom } from '../../devices/random.ts';
import type { Flow } from '../../devices/tcp.ts';
import { networkOf } from '../../protocols/ip/network-of.ts';
import { answerFailure, passOnAnswer, statusOfFault } from './answer.ts';
import type { ProxyRequest, UpgradeExchange } from './exchange.ts';
import { answerFields, listOf, valueOf } from './fields.ts';
import { refusalOf, type ForwardContext } from './forward.ts';
import { HALF_CLOSED_MAX_MS, TUNNEL_IDLE_MAX_MS } from './limits.ts';
import { headOf, openUpstream } from './upstream.ts';

export interface UpgradeContext extends ForwardContext {
  readonly secureRandom: SecureRandom;
  /** Aborted when the backend is closed for good. */
  readonly closing: AbortSignal;
}

interface Agreement {
  readonly answer: IncomingMessage;
  readonly stream: Flow;
}

/** Passes a WebSocket through, or the backend's answer where it declines. Never throws. */
export async function upgrade(exchange: UpgradeExchange, context: UpgradeContext): Promise<void> {
  // RFC 8441 §5: CONNECT becomes the GET of RFC 6455.
  const request: ProxyRequest =
    exchange.request.version === '2.0' ? { ...exchange.request, method: 'GET' } : exchange.request;
  const refused = refusalOf(request, context.pseudonym) ?? handshakeFault(request);
  if (refused !== undefined) return answerFailure(refused, exchange);
  let movedBytes = 0;
  let client: Duplex | undefined;
  const evicted = new AbortController();
  const signal = AbortSignal.any([exchange.signal, evicted.signal, context.closing]);
  const holder = {
    share: networkOf(exchange.request.client),
    movedBytes: () => movedBytes,
    waitsForClient: () => client?.writableNeedDrain === true,
    giveWay: () => evicted.abort(),
  };
  try {
    using _place = await context.places.take(holder, signal);
    const agreed = await ask(request, context, signal);
    if (!('stream' in agreed)) return await passOnAnswer(agreed, exchange, () => undefined);
    client = exchange.accept(agreementFields(agreed.answer, exchange));
    agreed.stream.on('data', (part: Uint8Array) => {
      movedBytes += part.length;
      exchange.observer.sent(part.length);
    });
    await splice(client, agreed.stream, signal);
  } catch (error) {
    if (exchange.signal.aborted) return;
    const status = statusOfFault(error);
    if (status >= 502 && status !== 503) context.onFault(error);
    if (client === undefined) answerFailure(status, exchange);
    else client.destroy();
  }
}

/** RFC 6455 §4.2.1: what an opening handshake over HTTP/1.1 has; over HTTP/2 (RFC 8441 §5) the key is not used. */
function handshakeFault(request: ProxyRequest): number | undefined {
  if (request.version === '2.0') return undefined;
  const key = valueOf(request.fields, 'sec-websocket-key') ?? '';
  return request.method === 'GET' && request.version === '1.1' && /^[0-9A-Za-z+/]{22}==$/.test(key)
    ? undefined
    : 400;
}

async function ask(
  request: ProxyRequest,
  context: UpgradeContext,
  signal: AbortSignal,
): Promise<Agreement | IncomingMessage> {
  const isHttp2 = request.version === '2.0';
  // RFC 8441 §5: over HTTP/2 there is no key, so it is one of our own.
  const key = isHttp2
    ? context.secureRandom.bytes(16).toBase64()
    : (valueOf(request.fields, 'sec-websocket-key') ?? '');
  const framing = ['connection', 'Upgrade', 'upgrade', 'websocket'];
  const upstream = openUpstream(request, context.connections, {
    pseudonym: context.pseudonym,
    framing: isHttp2 ? [...framing, 'sec-websocket-key', key] : framing,
    pooled: false,
  });
  const onAbort = (): void => void upstream.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const agreed = agreementOf(upstream, key);
    upstream.end();
    return await Promise.race([agreed, headOf(upstream)]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Never settles where the backend gives an ordinary answer. */
function agreementOf(upstream: ClientRequest, key: string): Promise<Agreement> {
  return new Promise((resolve, reject) => {
    upstream.once('upgrade', (answer, stream, head) => {
      if (isAgreement(answer, key)) {
        if (head.length > 0) stream.unshift(head);
        resolve({ answer, stream });
        return;
      }
      stream.destroy();
      reject(new Error('the backend agreed to another protocol than WebSocket'));
    });
  });
}

/** RFC 6455 §4.1: only a server that knows the protocol can give the right answer to the key. */
function isAgreement(answer: IncomingMessage, key: string): boolean {
  const expected = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const protocol = listOf(answer.rawHeaders, 'upgrade').join().toLowerCase();
  return protocol === 'websocket' && valueOf(answer.rawHeaders, 'sec-websocket-accept') === expected;
}

function agreementFields(answer: IncomingMessage, { request }: UpgradeExchange): string[] {
  const fields = answerFields(answer.rawHeaders);
  if (request.version !== '2.0') return fields;
  return fields.filter((_, index) => fields[index & ~1] !== 'sec-websocket-accept');
}

/** Carries bytes both ways until both have ended, one has failed, or nothing has moved for long. */
function splice(client: Duplex, backend: Flow, signal: AbortSignal): Promise<void> {
  backend.setTimeout(TUNNEL_IDLE_MAX_MS);
  const end = (): void => {
    client.destroy();
    backend.destroy();
  };
  backend.once('timeout', end);
  signal.addEventListener('abort', end, { once: true });
  const way = (from: Duplex, to: Duplex): Promise<void> =>
    new Promise(resolve => {
      pipeline(from, to, () => {
        backend.setTimeout(HALF_CLOSED_MAX_MS);
        resolve();
      });
    });
  return Promise.all([way(client, backend), way(backend, client)]).then(() => {
    signal.removeEventListener('abort', end);
    end();
  });
}
