import { describe, expect, it } from 'vitest';
import type { Metrics } from '../devices/metrics.ts';
import type { Make } from './waiting.ts';

export interface MetricsWorld {
  readonly metrics: Metrics;
}

/** What every {@link Metrics} must do. */
export function describeMetrics(name: string, make: Make<MetricsWorld>): void {
  const check = (title: string, test: (metrics: Metrics) => Promise<void>): void =>
    it(title, async () => {
      await using world = await make();
      await test(world.metrics);
    });

  describe(`${name} counts`, () => {
    check('a counter adds up, by label', async metrics => {
      const requests = metrics.counter('lares_requests_total', 'Requests answered', ['status']);
      requests.add(1, { status: 'ok' });
      requests.add(2, { status: 'ok' });
      requests.add(undefined, { status: 'refused' });
      const lines = linesOf(await metrics.expose());
      expect(lines).toContain('# HELP lares_requests_total Requests answered');
      expect(lines).toContain('# TYPE lares_requests_total counter');
      expect(lines).toContain('lares_requests_total{status="ok"} 3');
      expect(lines).toContain('lares_requests_total{status="refused"} 1');
    });

    check('a gauge tells the last value', async metrics => {
      const memory = metrics.gauge('lares_memory_bytes', 'Memory in use');
      memory.set(5);
      memory.set(3.5);
      expect(linesOf(await metrics.expose())).toContain('lares_memory_bytes 3.5');
    });

    check('a histogram counts into its buckets', async metrics => {
      const times = metrics.histogram('lares_answer_seconds', 'Time to answer', [0.1, 1]);
      for (const seconds of [0.05, 0.5, 5]) times.observe(seconds);
      const lines = linesOf(await metrics.expose());
      for (const line of [
        'lares_answer_seconds_bucket{le="0.1"} 1',
        'lares_answer_seconds_bucket{le="1"} 2',
        'lares_answer_seconds_bucket{le="+Inf"} 3',
        'lares_answer_seconds_sum 5.55',
        'lares_answer_seconds_count 3',
      ])
        expect(lines).toContain(line);
    });

    check('asking twice for one name gives the same instrument', async metrics => {
      metrics.counter('lares_starts_total', 'Starts').add();
      metrics.counter('lares_starts_total', 'Starts').add();
      expect(linesOf(await metrics.expose())).toContain('lares_starts_total 2');
    });
  });
}

function linesOf(text: string): string[] {
  return text.split('\n');
}
