import type { Duplex, Readable, Writable } from 'node:stream';

/** What a request says, whatever version of HTTP brought it. */
export interface ProxyRequest {
  readonly method: string;
  /** origin-form: path and query. */
  readonly target: string;
  /** Host of HTTP/1.1, :authority of HTTP/2, as asked. */
  readonly authority: string;
  readonly version: '1.0' | '1.1' | '2.0';
  /** Name, value, name, value …, as received; pseudo-header fields of HTTP/2 may be among them. */
  readonly fields: readonly string[];
  /** Whether the client came over TLS. */
  readonly secure: boolean;
  /** The client's address; undefined once it is gone. */
  readonly client: string | undefined;
}

/** Who keeps account of an exchange. */
export interface ExchangeObserver {
  /** The head of the answer goes on its way; never for an interim one, but for the agreement to WebSocket. */
  answered(status: number): void;
  /** So many bytes of content went after it. */
  sent(bytes: number): void;
}

/** A request and the way to its answer. */
export interface ProxyExchange {
  readonly request: ProxyRequest;
  /** The request's content, not yet flowing; undefined where it has none. */
  readonly content: Readable | undefined;
  /** Whether the client waits for 100 before it sends the content (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** Aborted when the client has left or its answer has been sent. */
  readonly signal: AbortSignal;
  readonly observer: ExchangeObserver;
  /** Sends an interim answer (1xx). */
  interim(status: number, fields: readonly string[]): void;
  /** Sends the head of the answer, once. Gives where its content goes; where `hasContent` is false the answer ends with its head. */
  respond(status: number, fields: readonly string[], hasContent: boolean): Writable | undefined;
  /** Breaks off: the client must not take a part for the whole. */
  abort(): void;
}

/** A request to go over to the WebSocket protocol. */
export interface UpgradeExchange {
  readonly request: ProxyRequest;
  readonly signal: AbortSignal;
  readonly observer: ExchangeObserver;
  /** Agrees: sends 101 (200 over HTTP/2) with these fields, and gives the stream that carries what comes after. */
  accept(fields: readonly string[]): Duplex;
  /** Declines with an ordinary answer. */
  respond(status: number, fields: readonly string[], hasContent: boolean): Writable | undefined;
  abort(): void;
}
