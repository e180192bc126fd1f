import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../appliance/testing/fakes.ts';
import type { LogRecord } from '../../devices/log.ts';
import { createLog } from '../../host/log.ts';
import { BackendWatch } from './watch.ts';

function setUp() {
  const clock = createFakeClock(0);
  const lines: LogRecord[] = [];
  const degraded = new Map<string, string>();
  const health = {
    degrade: (key: string, reason: string) => void degraded.set(key, reason),
    recover: (key: string) => void degraded.delete(key),
  };
  const probes = { count: 0, isUp: false };
  const watch: BackendWatch = new BackendWatch(
    { name: 'photos', url: 'http://192.0.2.1' },
    { clock, log: createLog(line => lines.push(line), {}), health },
    () => {
      probes.count++;
      watch.connected(probes.isUp ? undefined : new Error('refused'));
    },
  );
  return { clock, lines, degraded, probes, watch };
}

describe('a backend that cannot be reached', () => {
  it('degrades health, is tried every ten seconds, and recovers without a visitor', async () => {
    const { clock, degraded, probes, watch } = setUp();
    watch.connected(undefined);
    await clock.advance(60_000);
    expect([probes.count, degraded.size, watch.reason()]).toEqual([0, 0, undefined]);
    watch.connected(new Error('refused'));
    watch.connected(new Error('refused'));
    expect(degraded.get('backend-photos')).toMatch(/^The server behind photos .*: refused\. .* every 10 s$/);
    expect(watch.reason()).toBe('refused');
    await clock.advance(30_000);
    expect(probes.count).toBe(3);
    probes.isUp = true;
    await clock.advance(10_000);
    expect([probes.count, degraded.size, watch.reason()]).toEqual([4, 0, undefined]);
    await clock.advance(60_000);
    expect(probes.count).toBe(4);
  });

  it('is left alone once it is closed for good', async () => {
    const { clock, degraded, probes, watch } = setUp();
    watch.connected(new Error('refused'));
    watch[Symbol.dispose]();
    await clock.advance(60_000);
    watch.connected(undefined);
    expect([probes.count, degraded.size]).toEqual([0, 1]);
  });
});

describe('exchanges that fail', () => {
  it('have a line a minute, with their number', async () => {
    const { clock, lines, watch } = setUp();
    for (let index = 0; index < 100; index++) watch.faulted(new Error('reset'));
    await clock.advance(60_000);
    watch.faulted(new Error('silent'));
    expect(lines.map(({ fields }) => [fields['reason'], fields['count']])).toEqual([
      ['reset', 1],
      ['silent', 100],
    ]);
  });
});
