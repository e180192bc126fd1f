import type { Response } from '../../devices/http-exchange.ts';
import { formatHttpDate } from '../../protocols/http/date.ts';
import {
  DATE_BYTES,
  dateOffsetOf,
  encodeResponseHead,
  lengthOf,
  tellsLength,
  type HeadOptions,
} from '../../protocols/http1/response-head.ts';
import { encodeResponseBlock } from '../../protocols/http2/hpack/encoder.ts';
import type { OutputPart } from './output.ts';

/** A head, and where in it the date stands. */
export interface EncodedHead {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly dateOffset: number;
}

interface KeptHead {
  readonly status: number;
  readonly part: OutputPart;
  readonly dateOffset: number;
  second: number;
}

export function encodeHttp1(response: Response, options: HeadOptions): EncodedHead {
  return { bytes: encodeResponseHead(response, options), dateOffset: dateOffsetOf(response.status) };
}

export function encodeHttp2(response: Response, { nowMs, toHead }: HeadOptions): EncodedHead {
  const { status, fields, body } = response;
  // RFC 9113 §8.1.1: of use to the client alone, since a stream tells its end by itself.
  const isUntold = !tellsLength(response) && toHead !== true;
  return encodeResponseBlock(status, fields, isUntold ? { nowMs, contentLength: lengthOf(body) } : { nowMs });
}

/**
 * Heads of answers as bytes of one version of HTTP. A static site gives the same `fields` again and again, so their head is encoded once and
 * kept as long as the array lives; only its date is written anew, at most once a second.
 */
export class Heads {
  readonly #encodeHead: (response: Response, options: HeadOptions) => EncodedHead;
  readonly #kept = new WeakMap<readonly string[], KeptHead>();
  readonly #date = new Uint8Array(DATE_BYTES);
  #second = Number.NaN;

  constructor(encodeHead: (response: Response, options: HeadOptions) => EncodedHead) {
    this.#encodeHead = encodeHead;
  }

  /** The part is to be sent before the next second begins, or copied: its date changes in place. */
  partOf(response: Response, options: HeadOptions): OutputPart {
    const kept = this.#kept.get(response.fields);
    if (kept === undefined || kept.status !== response.status || options.connection !== undefined)
      return this.#make(response, options);
    const second = Math.floor(options.nowMs / 1000);
    if (kept.second !== second) {
      this.#tick(second);
      kept.part.bytes.set(this.#date, kept.dateOffset);
      kept.second = second;
    }
    return kept.part;
  }

  #make(response: Response, options: HeadOptions): OutputPart {
    const { bytes, dateOffset } = this.#encodeHead(response, options);
    const part: OutputPart = { bytes, start: 0 };
    // Answers with ranges differ each time; the others come again.
    if (options.connection === undefined && response.status !== 206 && tellsLength(response))
      this.#kept.set(response.fields, {
        status: response.status,
        part,
        dateOffset,
        second: Math.floor(options.nowMs / 1000),
      });
    return part;
  }

  #tick(second: number): void {
    if (second === this.#second) return;
    this.#second = second;
    const text = formatHttpDate(second * 1000);
    for (let index = 0; index < DATE_BYTES; index++) this.#date[index] = text.charCodeAt(index);
  }
}
