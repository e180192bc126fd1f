import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../devices/log.ts';
import { createFakeClock, createMemoryFiles } from '../testing/fakes.ts';
import { openJournal } from './journal.ts';
import { parseSegmentPath, planRetention, segmentPath, type Segment } from './retention.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LIMITS = { maxBytes: 64 * 1_048_576, maxAgeMs: 14 * DAY, fullAddressesMs: DAY };

async function open() {
  const clock = createFakeClock(1_790_000_000_000);
  const files = createMemoryFiles();
  const health = new Map<string, string>();
  const journal = await openJournal(
    {
      clock,
      files,
      health: { degrade: (key, reason) => health.set(key, reason), recover: key => void health.delete(key) },
    },
    () => LIMITS,
  );
  const write = (
    level: LogRecord['level'] = 'info',
    fields: LogRecord['fields'] = { client: '192.0.2.7' },
  ): void => journal.sink({ timeMs: clock.now(), level, message: 'request', fields });
  return { clock, files, health, journal, write };
}

describe('openJournal()', () => {
  it('writes nothing while nothing is logged, and one batch for many records', async () => {
    const { clock, files, write } = await open();
    await clock.advance(3 * DAY);
    expect(files.writes).toBe(0);
    for (let count = 0; count < 100; count++) write();
    await clock.advance(6 * 60_000);
    expect([files.appends, files.syncs]).toEqual([1, 1]);
    expect(files.text().split('\n').length).toBe(101);
  });

  it('writes warnings within seconds', async () => {
    const { clock, files, write } = await open();
    write('info');
    write('error');
    await clock.advance(5_001);
    expect(files.text()).toContain('"level":"error"');
  });

  it('shortens client addresses after one day and removes what is older than fourteen', async () => {
    const { clock, files, write } = await open();
    write();
    await clock.advance(23 * HOUR);
    write();
    expect(files.text()).toContain('192.0.2.7');
    await clock.advance(2 * HOUR);
    expect(files.text().match(/192\.0\.2\.7/g)).toHaveLength(1);
    expect(files.text()).toContain('192.0.2.0/24');
    await clock.advance(DAY);
    expect(files.text()).not.toContain('192.0.2.7');
    await clock.advance(15 * DAY);
    expect(files.paths()).toEqual([]);
  });

  it('says that a full volume keeps no log, and goes on when there is room', async () => {
    const { clock, files, health, write } = await open();
    files.failWith('the volume is full');
    write('error');
    await clock.advance(10_000);
    expect(health.get('log')).toBe('The log cannot be kept on the data volume: the volume is full');
    files.failWith(undefined);
    await clock.advance(6 * 60_000);
    expect([health.size, files.text().includes('"level":"error"')]).toEqual([0, true]);
  });

  it('keeps all through an orderly end, in order', async () => {
    const { files, journal, write } = await open();
    for (let count = 0; count < 5; count++) write('info', { count });
    await journal[Symbol.asyncDispose]();
    expect(files.text().match(/"count":\d/g)).toEqual([0, 1, 2, 3, 4].map(count => `"count":${count}`));
  });
});

describe('planRetention()', () => {
  const segment = fc.record({ startMs: fc.nat(100 * DAY), isFull: fc.boolean(), bytes: fc.nat(1_048_576) });

  it('leaves at most the allowed bytes and age, with nothing full that is old', () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 200 }), fc.nat(100 * DAY), (segments, now) => {
        const plan = planRetention(segments, now, LIMITS);
        const left = segments.filter(each => !plan.remove.includes(each));
        expect(left.reduce((sum, each) => sum + each.bytes, 0)).toBeLessThanOrEqual(LIMITS.maxBytes);
        for (const each of left) {
          expect(now - each.startMs).toBeLessThanOrEqual(LIMITS.maxAgeMs);
          if (each.isFull && now - each.startMs >= DAY) expect(plan.shorten).toContain(each);
        }
      }),
    );
  });

  it('removes the full one of a pair that a power cut left', () => {
    const full: Segment = { startMs: 5, isFull: true, bytes: 1 };
    expect(planRetention([full, { ...full, isFull: false }], 2 * DAY, LIMITS)).toEqual({
      remove: [full],
      shorten: [],
    });
    expect(parseSegmentPath(segmentPath(full))).toEqual({ startMs: 5, isFull: true });
    expect(parseSegmentPath('appliance-log/other')).toBeUndefined();
  });
});
