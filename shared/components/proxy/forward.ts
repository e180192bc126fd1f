import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import type { Clock } from '../../devices/clock.ts';
import { networkOf } from '../../protocols/ip/network-of.ts';
import { answerFailure, passOnAnswer, statusOfFault } from './answer.ts';
import type { BackendConnections } from './connections.ts';
import type { Collected, Collector } from './content.ts';
import type { ProxyExchange, ProxyRequest } from './exchange.ts';
import { answerFields, valueOf } from './fields.ts';
import { isLoop } from './forwarded.ts';
import { CONTINUE_AFTER_MS } from './limits.ts';
import type { Holder, Places } from './places.ts';
import { headOf, openUpstream } from './upstream.ts';

/** What the exchanges of one backend share. */
export interface ForwardContext {
  readonly clock: Clock;
  readonly connections: BackendConnections;
  readonly places: Places;
  readonly collector: Collector;
  readonly pseudonym: string;
  /** Hears of everything that went wrong behind. */
  readonly onFault: (error: unknown) => void;
}

/** Passes one request on and its answer back. Never throws. */
export async function forward(exchange: ProxyExchange, context: ForwardContext): Promise<void> {
  const refused = refusalOf(exchange.request, context.pseudonym);
  if (refused !== undefined) return answerFailure(refused, exchange);
  const run = new Run(exchange, context);
  try {
    await run.run();
  } catch (error) {
    run.fail(error);
  }
}

/** The status for a request that no backend shall see. */
export function refusalOf(request: ProxyRequest, pseudonym: string): number | undefined {
  // A proxy that opens tunnels for strangers, and a method that shows what we added, are none of a site's business.
  if (request.method === 'CONNECT' || request.method === 'TRACE') return 501;
  // RFC 9112 §3.2: origin-form, or asterisk-form for OPTIONS. What else is no visible ASCII was never a request target.
  if (!/^(?:\/[\x21\x22\x24-\x7e]*|\*)$/.test(request.target)) return 400;
  return isLoop(request.fields, pseudonym) ? 508 : undefined;
}

// RFC 9110 §9.2.2.
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
/** Methods whose requests say nothing of content when they have none (RFC 9110 §8.6). */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

class Run {
  readonly #exchange: ProxyExchange;
  readonly #context: ForwardContext;
  #upstream: ClientRequest | undefined;
  #sink: Writable | undefined;
  #movedBytes = 0;
  #hasAnswered = false;

  constructor(exchange: ProxyExchange, context: ForwardContext) {
    this.#exchange = exchange;
    this.#context = context;
  }

  async run(): Promise<void> {
    const { content, signal, expectsContinue } = this.#exchange;
    const { collector, places } = this.#context;
    // Who waits for 100 sends nothing before the backend has been asked.
    using collected =
      content === undefined || expectsContinue ? undefined : await collector.collect(content, signal);
    using _place = await places.take(this.#holder(), signal);
    const onAbort = (): void => void this.#upstream?.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = await this.#ask(collected);
      this.#hasAnswered = true;
      await passOnAnswer(answer, this.#exchange, (bytes, sink) => {
        this.#movedBytes += bytes;
        this.#sink = sink;
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      // Half a request must not stay on a connection that the next one uses; where all is done this does nothing.
      if (this.#upstream?.writableFinished !== true) this.#upstream?.destroy();
    }
  }

  /** Ends the exchange where it stands. */
  fail(error: unknown): void {
    this.#upstream?.destroy();
    if (this.#exchange.signal.aborted) return;
    const status = statusOfFault(error);
    if (status >= 502 && status !== 503) this.#context.onFault(error);
    if (this.#hasAnswered) this.#exchange.abort();
    else answerFailure(status, this.#exchange);
  }

  /** RFC 9112 §9.3.1: a request on a kept connection may meet its end; one that may be repeated is sent again, on a new one. */
  async #ask(collected: Collected | undefined): Promise<IncomingMessage> {
    const first = this.#send(collected, true);
    try {
      return await headOf(first);
    } catch (error) {
      const { content, request, signal } = this.#exchange;
      const isRepeatable = content === undefined || collected?.complete === true;
      const isStale = first.reusedSocket && isReset(error) && IDEMPOTENT.has(request.method);
      if (!isStale || !isRepeatable || signal.aborted) throw error;
      return headOf(this.#send(collected, false));
    }
  }

  #send(collected: Collected | undefined, pooled: boolean): ClientRequest {
    const { request, content, expectsContinue } = this.#exchange;
    const { connections, pseudonym } = this.#context;
    const framing = framingOf(this.#exchange, collected);
    const upstream = openUpstream(request, connections, { pseudonym, framing, pooled });
    this.#upstream = upstream;
    upstream.on('information', ({ statusCode, rawHeaders }) => {
      // RFC 8297: early hints are for the client; the other interim answers are about the connection.
      if (statusCode === 103) this.#exchange.interim(103, answerFields(rawHeaders));
    });
    if (expectsContinue) this.#relayContinue(upstream);
    for (const part of collected?.parts ?? []) upstream.write(part);
    if (content === undefined || collected?.complete === true) upstream.end();
    else this.#pipe(content, upstream);
    return upstream;
  }

  #pipe(content: NonNullable<ProxyExchange['content']>, upstream: ClientRequest): void {
    content.on('data', (part: Uint8Array) => (this.#movedBytes += part.length));
    content.once('error', error => upstream.destroy(error));
    content.pipe(upstream);
  }

  #relayContinue(upstream: ClientRequest): void {
    const say = (): void => {
      timer.cancel();
      if (!this.#hasAnswered && !this.#exchange.signal.aborted) this.#exchange.interim(100, []);
    };
    const timer = this.#context.clock.timer(CONTINUE_AFTER_MS, say);
    upstream.once('continue', say);
    upstream.once('response', () => timer.cancel());
    upstream.once('close', () => timer.cancel());
  }

  #holder(): Holder {
    const { request, content } = this.#exchange;
    return {
      share: networkOf(request.client),
      movedBytes: () => this.#movedBytes,
      waitsForClient: () =>
        this.#sink === undefined
          ? content?.readableEnded === false && this.#upstream?.writableNeedDrain === false
          : this.#sink.writableNeedDrain,
      giveWay: () => {
        this.#upstream?.destroy();
        this.#exchange.abort();
      },
    };
  }
}

/** RFC 9112 §6.3: content is framed anew, by one length or by chunks and never both, whatever the client's framing was. */
function framingOf({ request, content, expectsContinue }: ProxyExchange, collected?: Collected): string[] {
  if (content === undefined) return WITHOUT_CONTENT.has(request.method) ? [] : ['content-length', '0'];
  const expect = expectsContinue ? ['expect', '100-continue'] : [];
  if (collected?.complete === true) return ['content-length', String(collected.bytes)];
  const length = valueOf(request.fields, 'content-length');
  return /^\d+$/.test(length ?? '')
    ? ['content-length', String(length), ...expect]
    : ['transfer-encoding', 'chunked', ...expect];
}

function isReset(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE';
}
