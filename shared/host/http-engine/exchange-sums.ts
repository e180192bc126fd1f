import type { Exchange, ExchangeSum } from '../../devices/http-exchange.ts';
import { statusClassOf } from '../../protocols/http/status-class.ts';
import type { Finished } from './exchange-batch.ts';

type Sum = { -readonly [Key in keyof ExchangeSum]: ExchangeSum[Key] };

/** Adds exchanges up: two additions each, since the next one is mostly of the same kind as the last. */
export class ExchangeSums {
  #sums: Sum[] = [];
  #last: Sum | undefined;
  #lastStatus = 0;

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  add({ protocol, response: { site = -1, status }, sentBytes }: Finished): void {
    let sum = this.#last;
    if (sum === undefined || status !== this.#lastStatus || site !== sum.site || protocol !== sum.protocol) {
      sum = this.#sumOf(site, protocol, status);
      this.#last = sum;
      this.#lastStatus = status;
    }
    sum.requests++;
    sum.sentBytes += sentBytes;
  }

  /** Those since the last time. */
  take(): readonly ExchangeSum[] {
    const sums = this.#sums;
    this.#sums = [];
    this.#last = undefined;
    return sums;
  }

  /** There are few: sites, protocols and classes that were asked for within one batch. */
  #sumOf(site: number, protocol: Exchange['protocol'], status: number): Sum {
    const statusClass = statusClassOf(status);
    const found = this.#sums.find(
      sum => sum.site === site && sum.protocol === protocol && sum.statusClass === statusClass,
    );
    if (found !== undefined) return found;
    const sum = { site, protocol, statusClass, requests: 0, sentBytes: 0 };
    this.#sums.push(sum);
    return sum;
  }
}
