import { encodeUtf8 } from '../base/bytes.ts';
import type { Clock } from '../devices/clock.ts';
import type {
  HttpContent,
  HttpEngine,
  HttpLimits,
  HttpServeOptions,
  HttpServer,
} from '../devices/http-engine.ts';
import type { Response } from '../devices/http-exchange.ts';
import type { Endpoint, Flow, Tcp } from '../devices/tcp.ts';
import type { Tls } from '../devices/tls.ts';
import type { ComplianceContent } from './http-planes.ts';
import { collect, until } from './waiting.ts';

export interface HttpEngineWorld {
  /** Made with `complianceHttpPlanes` of http-planes.ts. */
  readonly engine: HttpEngine;
  readonly client: { readonly tcp: Tcp; readonly tls: Tls };
  readonly address: string;
  readonly clock: Clock;
}

export type HttpCheck = (title: string, test: (world: HttpEngineWorld) => Promise<void>) => void;

export const LIMITS: HttpLimits = {
  connectionsMax: 20,
  connectionsPerAddressMax: 20,
  idleMs: 60_000,
  stallMs: 60_000,
  handshakeMs: 60_000,
  headerBytes: 2_048,
  headerFields: 20,
  contentBytes: 64 * 1024,
  discardBytes: 16 * 1024,
  slowBytesPerSecond: 1_024,
  rateWindowMs: 60_000,
};

/** More than sockets buffer, so that sending it waits for who reads. */
export const BIG_BYTES: number = 8 * 1024 * 1024;

export function content(text: string, fill = 0x61): HttpContent & { readonly plane: ComplianceContent } {
  const big = new Uint8Array(new SharedArrayBuffer(BIG_BYTES)).fill(fill);
  // Not all alike, so that a piece at a wrong place is seen.
  for (let at = 0; at < BIG_BYTES; at += 4096) big[at] = at >> 12;
  return { plane: { text, big } };
}

export function serve(
  { engine, address }: HttpEngineWorld,
  options: Partial<HttpServeOptions> = {},
): Promise<HttpServer> {
  const served = content('hello');
  return engine.serve({
    host: address,
    port: 0,
    plane: 'compliance-http',
    content: served,
    limits: LIMITS,
    ...options,
  });
}

/** One client's side of a connection, as text of a byte a character. */
export interface Conversation extends Disposable {
  readonly flow: Flow;
  say(text: string): void;
  /** All that came so far. */
  heard(): string;
  heardBytes(): Uint8Array;
  heardLength(): number;
  /** Waits until it matches. */
  hears(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until the server has ended its side, or reset the connection. */
  ends(): Promise<string>;
}

export async function dial(world: HttpEngineWorld, endpoint: Endpoint): Promise<Conversation> {
  return converse(world.clock, await world.client.tcp.connect(endpoint));
}

export function converse(clock: Clock, flow: Flow): Conversation {
  const received = collect(flow);
  let length = 0;
  flow.on('data', (chunk: Uint8Array) => void (length += chunk.length));
  const heard = (): string => latin1(received.bytes());
  return {
    flow,
    say: text => void flow.write(Uint8Array.from(text, character => character.charCodeAt(0))),
    heard,
    heardBytes: () => received.bytes(),
    heardLength: () => length,
    async hears(pattern) {
      let match: RegExpExecArray | null = null;
      await until(clock, `an answer like ${pattern.source}`, () => {
        match = pattern.exec(heard());
        return match !== null;
      });
      return match as unknown as RegExpExecArray;
    },
    async ends() {
      await until(clock, 'the end of the connection', () => received.ended || received.closes > 0);
      return heard();
    },
    [Symbol.dispose]: () => void flow.destroy(),
  };
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

export function request(target: string, fields = '', method = 'GET'): string {
  return `${method} ${target} HTTP/1.1\r\nHost: one.test\r\n${fields}\r\n`;
}

/** The answers one after another, as far as they are whole; content by content-length. */
export function answersIn(bytes: Uint8Array): { status: number; head: string; body: Uint8Array }[] {
  const answers = [];
  for (let at = 0; at < bytes.length;) {
    const head = /^HTTP\/1\.1 (\d{3})[^]*?\r\n\r\n/.exec(latin1(bytes.subarray(at, at + 4096)));
    if (head === null) break;
    const length = Number(/content-length: (\d+)/i.exec(head[0])?.[1] ?? 0);
    const start = at + head[0].length;
    if (start + length > bytes.length) break;
    answers.push({ status: Number(head[1]), head: head[0], body: bytes.slice(start, start + length) });
    at = start + length;
  }
  return answers;
}

/** A response made by the main thread. */
export function later(text: string): Response {
  const body = encodeUtf8(text);
  return { status: 200, fields: ['content-length', String(body.length)], body: [body] };
}
