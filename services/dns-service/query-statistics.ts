import type { Counter, Metrics } from '../../shared/devices/metrics.ts';
import {
  QueryTotals,
  type CountedQueries,
  type Transport,
} from '../../shared/protocols/dns/compiled/query-counts.ts';

/** Queries by transport and type, and answers by transport and rcode, since the start: in the metrics and for people. */
export class QueryStatistics {
  readonly #totals: QueryTotals;
  readonly #counters: Readonly<Record<CountedQueries['what'], Counter>>;
  readonly #sums = new Map<string, { readonly of: CountedQueries; count: number }>();

  constructor(counts: SharedArrayBuffer, metrics: Metrics) {
    this.#totals = new QueryTotals(counts);
    this.#counters = {
      type: metrics.counter('lares_dns_queries_total', 'Queries by how they came and by type.', [
        'transport',
        'type',
      ]),
      rcode: metrics.counter(
        'lares_dns_responses_total',
        'Answers by transport and rcode; "limited" were held back by the rate limit.',
        ['transport', 'rcode'],
      ),
    };
  }

  /** Takes over what the planes counted since the last call. */
  update(): void {
    for (const counted of this.#totals.take()) {
      const { transport, what, name, count } = counted;
      this.#counters[what].add(count, { transport, [what]: name });
      const key = `${transport} ${what} ${name}`;
      const sum = this.#sums.get(key) ?? { of: counted, count: 0 };
      sum.count += count;
      this.#sums.set(key, sum);
    }
  }

  /** For the status page: a row for each transport and kind of count, the most frequent first. */
  rows(): (readonly [label: string, value: string])[] {
    this.update();
    const sums = [...this.#sums.values()].sort((left, right) => right.count - left.count);
    return TRANSPORTS.flatMap(([transport, shown]) =>
      KINDS.flatMap(([what, label]) => {
        const own = sums.filter(({ of }) => of.transport === transport && of.what === what);
        const value = own.map(({ of, count }) => `${of.name} ${count}`).join(', ');
        return own.length === 0 ? [] : [[`${label} ${shown}`, value] as const];
      }),
    );
  }
}

const TRANSPORTS: readonly (readonly [Transport, string])[] = [
  ['udp', 'UDP'],
  ['tcp', 'TCP'],
  ['tls', 'TLS'],
  ['https', 'HTTPS'],
];
const KINDS = [
  ['type', 'Queries by'],
  ['rcode', 'Answers by'],
] as const;
