import type { Response } from '../../devices/http-exchange.ts';
import { formatHttpDate } from '../../protocols/http/date.ts';
import {
  DATE_BYTES,
  dateOffsetOf,
  encodeResponseHead,
  tellsLength,
  type HeadOptions,
} from '../../protocols/http1/response-head.ts';
import type { OutputPart } from './output.ts';

interface KeptHead {
  readonly status: number;
  readonly part: OutputPart;
  readonly dateOffset: number;
  second: number;
}

/**
 * Heads of answers as bytes. A static site gives the same `fields` again and again, so their head is encoded once and kept as long as the
 * array lives; only its date is written anew, at most once a second.
 */
export class Heads {
  readonly #kept = new WeakMap<readonly string[], KeptHead>();
  readonly #date = new Uint8Array(DATE_BYTES);
  #second = Number.NaN;

  /** The part is to be sent before the next second begins, or copied: its date changes in place. */
  partOf(response: Response, options: HeadOptions): OutputPart {
    const kept = this.#kept.get(response.fields);
    if (kept === undefined || kept.status !== response.status || options.connection !== undefined)
      return this.#encode(response, options);
    const second = Math.floor(options.nowMs / 1000);
    if (kept.second !== second) {
      this.#tick(second);
      kept.part.bytes.set(this.#date, kept.dateOffset);
      kept.second = second;
    }
    return kept.part;
  }

  #encode(response: Response, options: HeadOptions): OutputPart {
    const part: OutputPart = { bytes: encodeResponseHead(response, options), start: 0 };
    // Answers with ranges differ each time; the others come again.
    if (options.connection === undefined && response.status !== 206 && tellsLength(response))
      this.#kept.set(response.fields, {
        status: response.status,
        part,
        dateOffset: dateOffsetOf(response.status),
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
