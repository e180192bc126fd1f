import type { Latin1 } from '../http/characters.ts';
import type { DecodedRequest } from './decoded-request.ts';
import { FieldBudget, type FieldLimits } from './field-budget.ts';
import { faultOfField, isPseudoField } from './field-rules.ts';
import { HpackDecoder, type OnField } from './hpack/decoder.ts';
import { KnownBlocks } from './known-blocks.ts';
import { RequestFields } from './request-fields.ts';

export type { DecodedRequest, RequestMessage } from './decoded-request.ts';

/** RFC 9113 §6.5.2: the initial value of SETTINGS_HEADER_TABLE_SIZE, which therefore needs not be sent. */
export const HEADER_TABLE_BYTES = 4096;

/** The requests in the header blocks of one connection, which are given in the order in which they came. */
export class RequestDecoder {
  readonly #hpack: HpackDecoder;
  readonly #list: RequestFields;
  readonly #known = new KnownBlocks();
  readonly #trailers: FieldBudget;
  #isTrailerFine = true;

  constructor(limits: FieldLimits, latin1?: Latin1) {
    this.#trailers = new FieldBudget(limits);
    this.#hpack = new HpackDecoder(HEADER_TABLE_BYTES, latin1, faultOfField);
    this.#list = new RequestFields(limits);
  }

  /** A block that opens a stream. */
  readRequest(bytes: Uint8Array, start: number, end: number): DecodedRequest {
    const generation = this.#hpack.generation;
    const known = this.#known.find(bytes, start, end, generation);
    if (known !== undefined) return known;
    this.#list.begin();
    const reason = this.#hpack.decode(bytes, start, end, this.#list.take);
    if (reason !== undefined) return { kind: 'compression', reason };
    const decoded = this.#list.finish();
    if (decoded.kind === 'request' && this.#hpack.generation === generation)
      this.#known.add(bytes.subarray(start, end), generation, decoded);
    return decoded;
  }

  /** A block that ends a stream's content. What it says is not looked at: RFC 9110 §6.5.1: trailers may be discarded. */
  readTrailers(bytes: Uint8Array, start: number, end: number): 'ok' | 'malformed' | 'compression' {
    this.#isTrailerFine = true;
    this.#trailers.begin();
    if (this.#hpack.decode(bytes, start, end, this.#takeTrailer) !== undefined) return 'compression';
    return this.#isTrailerFine ? 'ok' : 'malformed';
  }

  readonly #takeTrailer: OnField = (name, value, fault) => {
    // RFC 9113 §8.1: a pseudo-header field in trailers makes a message malformed. So does more than is wanted.
    this.#isTrailerFine = this.#trailers.take(name, value) && fault === undefined && !isPseudoField(name);
    return this.#isTrailerFine;
  };
}
