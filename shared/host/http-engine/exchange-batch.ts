import {
  EXCHANGE_TARGET_MAX,
  type Exchange,
  type Request,
  type Response,
} from '../../devices/http-exchange.ts';

export interface Finished {
  readonly protocol: Exchange['protocol'];
  readonly request: Request;
  readonly response: Response;
  readonly startMs: number;
  readonly sentBytes: number;
  readonly client: string;
}

/** Records on their way to another thread: a clone of numbers and of each text once costs a tenth of one of as many objects. */
export interface ExchangeBatch {
  readonly count: number;
  /** {@link COLUMNS} each; texts as their place in `texts`, where absent −1. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly texts: readonly string[];
}

/** site, status, sentBytes, durationMs, endMs, client, method, target, referrer, agent, protocol. */
const COLUMNS = 11;

/** A protocol's column holds its place here. */
const PROTOCOLS: readonly Exchange['protocol'][] = ['http', 'http/1.1', 'h2'];

/** Collects records until they are taken. */
export class ExchangeWriter {
  count = 0;
  readonly #max: number;
  readonly #numbers: Float64Array<ArrayBuffer>;
  #texts: string[] = [];
  readonly #placeOf = new Map<string, number>();
  #request: Request | undefined;
  /** Of the method of `#request`; its other texts follow in their order. */
  readonly #requestPlaces = new Int32Array(4);

  constructor(max: number) {
    this.#max = max;
    this.#numbers = new Float64Array(max * COLUMNS);
  }

  get hasRoom(): boolean {
    return this.count < this.#max;
  }

  add(finished: Finished, nowMs: number, wallMs: number): void {
    const { protocol, request, response, startMs, sentBytes, client } = finished;
    if (request !== this.#request) this.#noteRequest(request);
    const numbers = this.#numbers;
    const at = this.count++ * COLUMNS;
    numbers[at] = response.site ?? -1;
    numbers[at + 1] = response.status;
    numbers[at + 2] = sentBytes;
    numbers[at + 3] = nowMs - startMs;
    numbers[at + 4] = wallMs;
    numbers[at + 5] = this.#place(client);
    for (let index = 0; index < 4; index++) numbers[at + 6 + index] = this.#requestPlaces[index] as number;
    numbers[at + 10] = PROTOCOLS.indexOf(protocol);
  }

  /** Those since the last time. */
  take(): ExchangeBatch {
    const { count } = this;
    const batch = { count, numbers: this.#numbers.slice(0, count * COLUMNS), texts: this.#texts };
    this.count = 0;
    this.#texts = [];
    this.#placeOf.clear();
    this.#request = undefined;
    return batch;
  }

  #noteRequest(request: Request): void {
    const { referer, 'user-agent': agent } = request.fields;
    const places = this.#requestPlaces;
    places[0] = this.#place(request.method);
    places[1] = this.#place(request.target.slice(0, EXCHANGE_TARGET_MAX));
    places[2] = typeof referer === 'string' ? this.#place(referer) : -1;
    places[3] = typeof agent === 'string' ? this.#place(agent) : -1;
    this.#request = request;
  }

  #place(text: string): number {
    let place = this.#placeOf.get(text);
    if (place === undefined) {
      place = this.#texts.push(text) - 1;
      this.#placeOf.set(text, place);
    }
    return place;
  }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export function readExchanges({ count, numbers, texts }: ExchangeBatch): Exchange[] {
  const exchanges: Exchange[] = [];
  for (let at = 0; at < count * COLUMNS; at += COLUMNS) {
    const number = (column: number): number => numbers[at + column] as number;
    const text = (column: number): string | undefined => texts[number(column)];
    const exchange: Writable<Exchange> = {
      site: number(0),
      protocol: PROTOCOLS[number(10)] ?? 'http',
      method: text(6) ?? '',
      target: text(7) ?? '',
      status: number(1),
      sentBytes: number(2),
      durationMs: number(3),
      endMs: number(4),
      client: text(5),
    };
    const [referrer, agent] = [text(8), text(9)];
    if (referrer !== undefined) exchange.referrer = referrer;
    if (agent !== undefined) exchange.agent = agent;
    exchanges.push(exchange);
  }
  return exchanges;
}
