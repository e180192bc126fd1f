import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { encodeUtf8 } from '../../base/bytes.ts';
import { DeviceError } from '../../devices/device-error.ts';
import { SlowContentError } from './content.ts';
import type { ExchangeObserver, ProxyRequest } from './exchange.ts';
import { answerFields } from './fields.ts';
import { NoPlaceError } from './places.ts';

interface Answering {
  readonly request: ProxyRequest;
  readonly observer: ExchangeObserver;
  respond(status: number, fields: readonly string[], hasContent: boolean): Writable | undefined;
}

/** Passes the backend's answer on; resolves when the client has all of it. @throws where it broke off. */
export async function passOnAnswer(
  answer: IncomingMessage,
  to: Answering,
  onMoved: (bytes: number, sink: Writable) => void,
): Promise<void> {
  const status = answer.statusCode ?? 502;
  // RFC 9110 §6.4.1: these have no content, whatever their fields say. Trailers end here (§6.5.1: an intermediary may discard them).
  const hasContent = to.request.method !== 'HEAD' && status !== 204 && status !== 304;
  const sink = to.respond(status, answerFields(answer.rawHeaders), hasContent);
  if (sink === undefined) {
    answer.resume();
    return;
  }
  answer.on('data', (part: Uint8Array) => {
    to.observer.sent(part.length);
    onMoved(part.length, sink);
  });
  // What is cut off behind must be cut off in front: the client must not take a part for the whole.
  answer.on('error', error => sink.destroy(error));
  answer.pipe(sink);
  await finished(sink, { readable: false });
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'This request cannot be passed on.',
  408: 'The request did not arrive in time.',
  501: 'This method is not supported here.',
  502: 'The server behind this name does not answer as it should. Its owner can see why on the status page.',
  503: 'The server behind this name is busy. Please try again in a moment.',
  504: 'The server behind this name took too long to answer.',
  508: 'This request came back to where it started: the configured backend leads here again.',
};

/** A plain page of our own where there is no answer of the backend's. */
export function answerFailure(status: number, to: Answering): void {
  const words = WORDS[status] ?? '';
  const page = encodeUtf8(
    `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>${status}</title><h1>${status}</h1><p>${words}</p></html>\n`,
  );
  const fields = [
    ...['content-type', 'text/html; charset=utf-8', 'content-length', String(page.length)],
    ...['cache-control', 'no-store', 'x-content-type-options', 'nosniff'],
    // RFC 9110 §15.6.4: 503 may say when to come again.
    ...(status === 503 ? ['retry-after', '5'] : []),
  ];
  const sink = to.respond(status, fields, to.request.method !== 'HEAD');
  if (sink === undefined) return;
  to.observer.sent(page.length);
  sink.end(page);
}

/** What a client is told of what went wrong behind; the detail is for the log. */
export function statusOfFault(error: unknown): number {
  if (error instanceof NoPlaceError) return 503;
  // RFC 9110 §15.5.9.
  if (error instanceof SlowContentError) return 408;
  if (error instanceof DeviceError && error.kind === 'timed-out') return 504;
  // node:http throws a TypeError for fields and targets that HTTP/1.1 cannot carry.
  return error instanceof TypeError ? 400 : 502;
}
