import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock, Timer } from '../../shared/devices/clock.ts';
import type { Flow } from '../../shared/devices/tcp.ts';
import { PlaceCounts } from '../../shared/protocols/http/place-counts.ts';
import { Connections } from './connections.ts';
import { LAST_BYTES_MS, RATE_WINDOW_MS, SLOW_BYTES_PER_SECOND } from './limits.ts';

/** A clock that moves when told. */
function createTestClock(): Clock & { pass(ms: number): void } {
  let now = 0;
  const timers = new Set<{ dueMs: number; callback: () => void }>();
  return {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.reject(new Error('not needed here')),
    timer(ms, callback): Timer {
      const timer = { dueMs: now + ms, callback };
      timers.add(timer);
      const cancel = (): void => void timers.delete(timer);
      return { cancel, [Symbol.dispose]: cancel };
    },
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...timers].sort((left, right) => left.dueMs - right.dueMs)[0];
        if (next === undefined || next.dueMs > end) break;
        timers.delete(next);
        now = next.dueMs;
        next.callback();
      }
      now = end;
    },
  };
}

class TestFlow extends EventEmitter {
  readonly remoteAddress: string;
  destroyed = false;
  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }
  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.emit('close');
    return this;
  }
}

const LIMITS = { max: 4, perAddressMax: 2, idleMaxMs: 30_000 };
let clock: ReturnType<typeof createTestClock>;
let connections: Connections;
beforeEach(() => {
  clock = createTestClock();
  connections = new Connections(LIMITS, clock);
});

function visit(address: string) {
  const flow = new TestFlow(address);
  const connection = connections.admit(flow as unknown as Flow);
  return { flow, connection };
}

describe('Connections', () => {
  it('closes what is idle for too long, and nothing else', () => {
    const silent = visit('192.0.2.1').flow;
    clock.pass(20_000);
    const asking = visit('192.0.2.2');
    asking.connection?.begin();
    clock.pass(11_001);
    expect([silent.destroyed, asking.flow.destroyed]).toEqual([true, false]);
    clock.pass(600_000);
    expect(asking.flow.destroyed).toBe(false);
    asking.connection?.end();
    clock.pass(29_000);
    expect(asking.flow.destroyed).toBe(false);
    clock.pass(2_001);
    expect(asking.flow.destroyed).toBe(true);
    expect(connections.counts()).toMatchObject({ open: 0, idled: 2, evicted: 0, refused: 0 });
  });

  it('lets the one idle for longest make room when all places are taken', () => {
    const visits = ['1', '2', '3', '4'].map(last => visit(`192.0.2.${last}`));
    clock.pass(1);
    visits[0]?.connection?.begin();
    visits[0]?.connection?.end();
    expect(visit('192.0.2.5').connection).toBeDefined();
    expect(visits.map(({ flow }) => flow.destroyed)).toEqual([false, true, false, false]);
    expect(connections.counts()).toMatchObject({ open: 4, evicted: 1 });
  });

  it('turns away only when every place has a running exchange', () => {
    const visits = ['1', '2', '3', '4'].map(last => visit(`192.0.2.${last}`));
    for (const { connection } of visits) connection?.begin();
    const refused = visit('192.0.2.5');
    expect([refused.connection, refused.flow.destroyed]).toEqual([undefined, true]);
    visits[2]?.connection?.end();
    expect(visit('192.0.2.6').connection).toBeDefined();
    expect(visits[2]?.flow.destroyed).toBe(true);
  });

  it('where every place has a running exchange, the slowest of the slow readers makes room', () => {
    const readers = ['1', '2', '3', '4'].map(last => visit(`192.0.2.${last}`));
    for (const { connection } of readers) connection?.begin();
    const enough = (SLOW_BYTES_PER_SECOND * (RATE_WINDOW_MS + 1_000)) / 1000;
    const takes = [enough, enough / 2, enough / 4, enough];
    const readOn = (): void => {
      clock.pass(RATE_WINDOW_MS / 2);
      readers.forEach(({ connection }, index) => connection?.sent(takes[index] ?? 0));
      clock.pass(RATE_WINDOW_MS / 2 + 1_000);
    };
    readOn();
    const enter = (address: string): void => {
      const { connection } = visit(address);
      expect(connection).toBeDefined();
      connection?.begin();
    };
    enter('192.0.2.5');
    const destroyed = () => readers.map(({ flow }) => flow.destroyed);
    expect(destroyed()).toEqual([false, false, true, false]);
    enter('192.0.2.6');
    expect(destroyed()).toEqual([false, true, true, false]);
    // The others are fast, or have only begun.
    expect(visit('192.0.2.7').connection).toBeUndefined();
    expect(connections.counts()).toMatchObject({ open: 4, evicted: 2, refused: 1 });
  });

  it('a slow reader that becomes fast, or asks again, is slow no more', () => {
    const readers = ['1', '2', '3', '4'].map(last => visit(`192.0.2.${last}`));
    for (const { connection } of readers) connection?.begin();
    clock.pass(RATE_WINDOW_MS + 1_000);
    readers[0]?.connection?.end();
    for (const { connection } of readers) connection?.begin();
    for (const { connection } of readers) connection?.sent(SLOW_BYTES_PER_SECOND * RATE_WINDOW_MS);
    clock.pass(RATE_WINDOW_MS + 1_000);
    expect(visit('192.0.2.5').connection).toBeUndefined();
  });

  it('one address has its share, and its own idle connection makes room', () => {
    const other = visit('192.0.2.9').flow;
    const [first, second] = [visit('192.0.2.1'), visit('192.0.2.1')];
    first.connection?.begin();
    expect(visit('192.0.2.1').connection).toBeDefined();
    expect([other.destroyed, first.flow.destroyed, second.flow.destroyed]).toEqual([false, false, true]);
  });

  it('lets the network that holds most make room, for as often as another one comes', () => {
    const held = Array.from({ length: 3 }, () => visit('2001:db8::1').flow);
    expect(connections.counts()).toMatchObject({ open: 2, evicted: 1 });
    const newcomers = ['1', '2', '3'].map(last => visit(`192.0.2.${last}`).flow);
    expect(held.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
    expect(newcomers.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  });

  it('counts both limits together with a server in another thread, while there is one', () => {
    const other = new PlaceCounts(connections.placeCounts, 1);
    other.add('192.0.2.1', 1);
    const visits = [visit('192.0.2.1'), visit('192.0.2.1')];
    expect(visits.map(({ flow }) => flow.destroyed)).toEqual([false, false]);
    connections.share(true);
    expect(visit('192.0.2.1').connection).toBeDefined();
    expect(visits.map(({ flow }) => flow.destroyed)).toEqual([true, false]);
    other.add('192.0.2.2', 1);
    expect(visit('192.0.2.3').connection).toBeDefined();
    expect(connections.counts()).toMatchObject({ open: 2, evicted: 2 });
    expect(new PlaceCounts(connections.placeCounts, 0).total).toBe(2);
  });

  it('counts several exchanges on one connection', () => {
    const { flow, connection } = visit('192.0.2.1');
    connection?.begin();
    connection?.begin();
    connection?.end();
    clock.pass(60_000);
    expect(flow.destroyed).toBe(false);
    connection?.end();
    clock.pass(60_000);
    expect(flow.destroyed).toBe(true);
  });

  it('forgets connections that the peer closes', () => {
    const { flow, connection } = visit('192.0.2.1');
    connection?.begin();
    flow.destroy();
    connection?.end();
    expect(connections.counts().open).toBe(0);
    for (const _ of [1, 2]) expect(visit('192.0.2.1').connection).toBeDefined();
    expect(connections.counts()).toMatchObject({ open: 2, evicted: 0 });
  });

  it('drain() closes the idle at once, the others as they end, and admits nobody', async () => {
    const [idle, busy] = [visit('192.0.2.1'), visit('192.0.2.2')];
    busy.connection?.begin();
    const drained = connections.drain(5_000);
    expect([idle.flow.destroyed, busy.flow.destroyed]).toEqual([true, false]);
    expect(visit('192.0.2.3').connection).toBeUndefined();
    busy.connection?.end();
    expect(busy.flow.destroyed).toBe(false);
    clock.pass(LAST_BYTES_MS);
    await drained;
    expect(busy.flow.destroyed).toBe(true);
  });

  it('drain() does not wait for ever', async () => {
    const busy = visit('192.0.2.2');
    busy.connection?.begin();
    const drained = connections.drain(5_000);
    clock.pass(5_000);
    await drained;
    expect(busy.flow.destroyed).toBe(true);
  });
});
