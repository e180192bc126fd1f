import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../devices/log.ts';
import { formatFields, formatRecord, parseRecord } from './record-text.ts';
import { createLogRing } from './ring.ts';
import { shortenAddress } from './shorten-client.ts';

describe('shortenAddress()', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:85a3::8a2e:370:7334', '2001:db8:85a3::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['2001:db8:0::/48', '2001:db8:0::/48'],
    ['somebody', 'shortened'],
  ])('makes %s %s', (address, short) => expect(shortenAddress(address)).toBe(short));

  it('changes nothing the second time and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), text => {
        const once = shortenAddress(text);
        expect(shortenAddress(once)).toBe(once);
      }),
    );
  });
});

describe('record text', () => {
  it('keeps a record through its line', () => {
    const record: LogRecord = {
      timeMs: 1_790_000_000_123,
      level: 'warn',
      message: 'm',
      fields: { client: '::1', n: 2 },
    };
    expect(parseRecord(formatRecord(record))).toEqual(record);
    expect(formatFields({ a: 'b', c: 'd e', n: 1n })).toBe('a=b c="d e" n="1"');
  });

  it('never throws, whatever stands in the fields', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const fields of [
      circular,
      { e: new Error('x') },
      { big: 1n },
      { f: () => 1 },
      { long: 'x'.repeat(99_999) },
    ])
      expect(formatRecord({ timeMs: Number.NaN, level: 'info', message: 'm', fields }).length).toBeLessThan(
        5_000,
      );
    fc.assert(fc.property(fc.string(), line => void parseRecord(line)));
  });
});

describe('createLogRing()', () => {
  const clock = (now: () => number) => ({
    now,
    monotonic: now,
    sleep: async () => {},
    timer: () => ({}) as never,
  });
  const record = (timeMs: number): LogRecord => ({
    timeMs,
    level: 'info',
    message: 'request',
    fields: { client: '192.0.2.7' },
  });

  it('keeps the newest records within its bytes', () => {
    const ring = createLogRing(
      clock(() => 0),
      { fullAddressesMs: () => 1e9, maxBytes: 1_000 },
    );
    for (let time = 0; time < 5_000; time++) ring.sink(record(time));
    const kept = ring.tail(10_000);
    expect(kept.at(-1)?.timeMs).toBe(4_999);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.map(formatRecord).join('').length).toBeLessThanOrEqual(1_000);
    expect(ring.tail(2).map(each => each.timeMs)).toEqual([4_998, 4_999]);
  });

  it('shortens client addresses by age, and tells followers until they go', () => {
    let now = 0;
    const ring = createLogRing(
      clock(() => now),
      { fullAddressesMs: () => 100 },
    );
    const seen: number[] = [];
    const following = ring.follow(each => seen.push(each.timeMs));
    ring.sink(record(0));
    expect(ring.tail(1)[0]?.fields['client']).toBe('192.0.2.7');
    now = 101;
    following[Symbol.dispose]();
    ring.sink(record(101));
    expect(ring.tail(2).map(each => each.fields['client'])).toEqual(['192.0.2.0/24', '192.0.2.7']);
    expect(seen).toEqual([0]);
  });
});
