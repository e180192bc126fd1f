import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../shared/appliance/testing/fakes.ts';
import type { Exchange } from '../../../shared/devices/http-exchange.ts';
import type { LogRecord } from '../../../shared/devices/log.ts';
import { createLog } from '../../../shared/host/log.ts';
import { createHostMetrics } from '../../../shared/host/metrics.ts';
import { createRecords } from './records.ts';
import type { AccessLogSettings } from './access-log.ts';

const DAY_MS = 86_400_000;
const START_MS = 20_000 * DAY_MS;

const exchange: Exchange = {
  site: 0,
  protocol: 'h2',
  method: 'GET',
  target: '/a?token=secret',
  status: 200,
  sentBytes: 1_048_576,
  durationMs: 12.4,
  endMs: START_MS,
  client: '192.0.2.1',
};

function setUp(settings: Partial<AccessLogSettings> = {}) {
  const clock = createFakeClock(START_MS);
  const lines: LogRecord[] = [];
  const metrics = createHostMetrics();
  const log = createLog(record => lines.push(record), {});
  const records = createRecords(
    ['example.org', 'photos.example.org'],
    { level: 'all', bytesPerDay: 4 * 2 ** 20, ...settings },
    { clock, log, metrics },
  );
  return { clock, lines, metrics, records };
}

describe('the access log', () => {
  it('has a line for each request, without the query', () => {
    const { records, lines } = setUp();
    records.add({ ...exchange, referrer: 'https://other.example/?q=private', agent: 'x'.repeat(500) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'info',
      message: 'request',
      fields: {
        kind: 'access',
        site: 'example.org',
        client: '192.0.2.1',
        method: 'GET',
        path: '/a?…',
        status: 200,
        bytes: 1_048_576,
        ms: 12,
        referrer: 'https://other.example/?…',
        agent: 'x'.repeat(128),
      },
    });
  });

  it('keeps within its measure in a flood, tells what it left out, and goes on the next day', async () => {
    const { records, lines, clock } = setUp({ bytesPerDay: 2 ** 20 });
    for (let index = 0; index < 100_000; index++) records.add(exchange);
    const burst = lines.length;
    expect(burst).toBeGreaterThan(1_000);
    expect(lines.reduce((sum, line) => sum + JSON.stringify(line).length, 0)).toBeLessThan(600_000);
    await clock.advance(60_000);
    expect(lines.at(-1)).toMatchObject({
      message: 'requests left out of the access log',
      fields: { count: 100_000 - burst },
    });
    expect(records.status()[0]?.rows.at(-1)).toEqual([
      'Left out of the access log',
      (100_000 - burst).toLocaleString('en'),
    ]);
    await clock.advance(DAY_MS);
    lines.length = 0;
    for (let index = 0; index < 100_000; index++) records.add(exchange);
    // A day gives no more than a burst and the next day's beginning.
    expect(lines.length).toBeLessThanOrEqual(burst + 1);
    expect(lines.length).toBeGreaterThan(burst - 2);
  });

  it('still has room for faults when others took all', () => {
    const { records, lines } = setUp();
    for (let index = 0; index < 10_000; index++) records.add(exchange);
    lines.length = 0;
    records.add(exchange);
    records.add({ ...exchange, status: 502 });
    expect(lines.map(line => line.fields['status'])).toEqual([502]);
  });

  it.each([
    ['faults', [500]],
    ['off', []],
  ] as const)('at "%s" has the lines %j', (level, expected) => {
    const { records, lines } = setUp({ level });
    for (const status of [200, 404, 500]) records.add({ ...exchange, status });
    expect(lines.map(line => line.fields['status'])).toEqual(expected);
  });
});

describe('the counters', () => {
  it('are by site, protocol and class, and cannot be stretched by strangers', async () => {
    const { records, metrics, clock } = setUp();
    const { site, protocol, sentBytes } = exchange;
    records.addBatch({
      sums: [
        { site, protocol, statusClass: '2xx', requests: 9, sentBytes: 9 * sentBytes },
        { site: 1, protocol, statusClass: 'other', requests: 1, sentBytes },
      ],
      exchanges: [exchange, { ...exchange, status: 206 }, { ...exchange, site: 1, status: 999 }],
    });
    expect(records.status()[0]?.rows).toContainEqual(['Left out of the access log', '7']);
    records.add({ ...exchange, site: -1, status: 421, protocol: 'http/1.1' });
    await clock.advance(1_000);
    const text = await metrics.expose();
    expect(text).toContain('lares_web_requests_total{site="example.org",protocol="h2",class="2xx"} 9');
    expect(text).toContain(
      'lares_web_requests_total{site="photos.example.org",protocol="h2",class="other"} 1',
    );
    expect(text).toContain('lares_web_requests_total{site="-",protocol="http/1.1",class="4xx"} 1');
    expect(text).toContain('lares_web_sent_bytes_total{site="example.org"} 9437184');
    expect(text).toContain('lares_web_request_duration_seconds_bucket{le="0.025",site="example.org"} 2');
    records.add(exchange);
    records[Symbol.dispose]();
    expect(await metrics.expose()).toContain('site="example.org",protocol="h2",class="2xx"} 10');
  });

  it('show the day on the status page, and begin anew at midnight', async () => {
    const { records, clock } = setUp();
    records.add(exchange);
    records.add({ ...exchange, status: 500, sentBytes: 0 });
    expect(records.status()).toEqual([
      {
        title: 'Requests today (UTC)',
        rows: [
          ['example.org', '2, 1 of them failed, 1 MiB sent'],
          ['photos.example.org', '0, 0 of them failed, 0 MiB sent'],
        ],
      },
    ]);
    await clock.advance(DAY_MS);
    expect(records.status()[0]?.rows[0]).toEqual(['example.org', '0, 0 of them failed, 0 MiB sent']);
    records.add({ ...exchange, endMs: clock.now() });
    expect(records.status()[0]?.rows[0]).toEqual(['example.org', '1, 0 of them failed, 1 MiB sent']);
  });
});
