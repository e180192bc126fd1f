import { concatBytes, decodeUtf8 } from '../base/bytes.ts';
import { DeviceError } from '../devices/device-error.ts';
import type { HttpResponse } from '../devices/http.ts';

const HEAD_MAX_BYTES = 65_536;
const CHUNK_LINE_MAX_BYTES = 1_024;

type Body =
  { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' | 'until-close' };
type Head = Pick<HttpResponse, 'status' | 'headers'>;

/** Decodes one HTTP/1.1 response (RFC 9112) from bytes as they come. `step` gives the response as soon as it is whole. */
export class ResponseDecoder {
  readonly #method: string;
  readonly #bodyMaxBytes: number;
  #pending: Uint8Array<ArrayBuffer> = new Uint8Array();
  #head: Head | undefined;
  #body: Body = { kind: 'until-close' };
  readonly #chunks: Uint8Array[] = [];
  #bodyBytes = 0;
  #inTrailers = false;

  constructor(method: string, bodyMaxBytes: number) {
    this.#method = method;
    this.#bodyMaxBytes = bodyMaxBytes;
  }

  /** @throws DeviceError `too-large`, or `failed` for what is no HTTP. */
  step(bytes: Uint8Array): HttpResponse | undefined {
    this.#pending = concatBytes([this.#pending, bytes]);
    while (this.#head === undefined) if (!this.#readHead()) return undefined;
    return this.#readBody() ? this.#response(this.#head) : undefined;
  }

  /** The peer closed its side. @throws DeviceError `reset` where the response is not whole. */
  end(): HttpResponse {
    if (this.#head === undefined || this.#body.kind !== 'until-close')
      throw new DeviceError('reset', 'the server closed before the response was whole');
    return this.#response(this.#head);
  }

  #response({ status, headers }: Head): HttpResponse {
    return { status, headers, body: concatBytes(this.#chunks) };
  }

  #readHead(): boolean {
    const end = indexOfText(this.#pending, '\r\n\r\n');
    if (end < 0 && this.#pending.length < HEAD_MAX_BYTES) return false;
    if (end < 0)
      throw new DeviceError('too-large', `the response's header is longer than ${HEAD_MAX_BYTES} bytes`);
    const head = parseHead(decodeUtf8(this.#pending.subarray(0, end)));
    this.#pending = this.#pending.slice(end + 4);
    // RFC 9110 §15.2: interim responses come before the final one.
    if (head.status >= 100 && head.status < 200) return true;
    this.#head = head;
    this.#body = bodyOf(head, this.#method);
    return true;
  }

  #readBody(): boolean {
    if (this.#body.kind === 'chunked') return this.#readChunks();
    const wanted = this.#body.kind === 'length' ? this.#body.bytes - this.#bodyBytes : Infinity;
    this.#take(Math.min(wanted, this.#pending.length));
    return this.#body.kind === 'length' && this.#bodyBytes === this.#body.bytes;
  }

  /** RFC 9112 §7.1: size line, data, CRLF; the last has size 0 and is followed by trailers and an empty line. */
  #readChunks(): boolean {
    for (;;) {
      const lineEnd = indexOfText(this.#pending, '\r\n');
      if (lineEnd < 0) {
        if (this.#pending.length > CHUNK_LINE_MAX_BYTES) throw malformed('a chunk without a size');
        return false;
      }
      const line = decodeUtf8(this.#pending.subarray(0, lineEnd));
      if (this.#inTrailers) {
        this.#pending = this.#pending.slice(lineEnd + 2);
        if (line === '') return true;
        continue;
      }
      const size = /^[0-9a-fA-F]{1,8}(?=\s*(?:;|$))/.exec(line)?.[0];
      if (size === undefined) throw malformed(`a chunk size of '${line}'`);
      const length = Number.parseInt(size, 16);
      this.#checkSize(this.#bodyBytes + length);
      this.#inTrailers = length === 0;
      if (!this.#inTrailers && this.#pending.length < lineEnd + 2 + length + 2) return false;
      this.#pending = this.#pending.slice(lineEnd + 2);
      if (this.#inTrailers) continue;
      this.#take(length);
      this.#pending = this.#pending.slice(2);
    }
  }

  #take(length: number): void {
    this.#bodyBytes += length;
    this.#checkSize(this.#bodyBytes);
    if (length > 0) this.#chunks.push(this.#pending.slice(0, length));
    this.#pending = this.#pending.slice(length);
  }

  #checkSize(bytes: number): void {
    if (bytes > this.#bodyMaxBytes)
      throw new DeviceError('too-large', `the answer's body is longer than ${this.#bodyMaxBytes} bytes`);
  }
}

function parseHead(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) throw malformed(`'${statusLine.slice(0, 80)}' as a status line`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (field?.[1] === undefined) throw malformed(`'${line.slice(0, 80)}' as a header field`);
    const name = field[1].toLowerCase();
    const before = headers[name];
    // RFC 9110 §5.3: fields of one name are joined by commas, but for Set-Cookie, whose values may hold commas.
    const joint = name === 'set-cookie' ? '\n' : ', ';
    headers[name] = before === undefined ? (field[2] ?? '') : `${before}${joint}${field[2]}`;
  }
  return { status: Number(status), headers };
}

/** RFC 9112 §6.3: how the length of the body is known. */
function bodyOf({ status, headers }: Head, method: string): Body {
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  if (/(^|[\s,])chunked$/i.test(headers['transfer-encoding'] ?? '')) return { kind: 'chunked' };
  const length = headers['content-length'];
  if (length === undefined) return { kind: 'until-close' };
  if (!/^\d{1,15}$/.test(length)) throw malformed(`a content-length of '${length}'`);
  return { kind: 'length', bytes: Number(length) };
}

function indexOfText(bytes: Uint8Array, text: string): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(text, 0, 'latin1');
}

function malformed(what: string): DeviceError {
  return new DeviceError('failed', `the server does not speak HTTP/1.1: it sent ${what}`);
}
