import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../devices/tcp.ts';
import { ADMIN_FLOWS_MAX, ADMIN_FLOWS_PER_NETWORK_MAX, createFlowTable } from './flow-table.ts';
import { createRateLimit } from './rate-limit.ts';

/** As much of a flow as the table looks at. */
function fakeFlow(remoteAddress: string): Flow & { isDestroyed: boolean } {
  const flow = Object.assign(new EventEmitter(), {
    remoteAddress,
    isDestroyed: false,
    destroy(): void {
      flow.isDestroyed = true;
      flow.emit('close');
    },
  });
  return flow as unknown as Flow & { isDestroyed: boolean };
}

describe('createFlowTable()', () => {
  it('lets the newest in and the oldest stranger go, never an operator', () => {
    const table = createFlowTable();
    const owner = fakeFlow('192.0.2.1');
    table.admit(owner);
    table.keep(owner);
    const strangers = Array.from({ length: 5_000 }, (_, index) =>
      fakeFlow(`10.0.${index >> 8}.${index & 255}`),
    );
    for (const stranger of strangers) expect(table.admit(stranger)).toBe(true);
    expect([table.size, owner.isDestroyed, strangers[0]?.isDestroyed, strangers.at(-1)?.isDestroyed]).toEqual(
      [ADMIN_FLOWS_MAX, false, true, false],
    );
  });

  it('gives one network its share', () => {
    const table = createFlowTable();
    const other = fakeFlow('192.0.2.1');
    table.admit(other);
    for (let index = 0; index < 1_000; index++) table.admit(fakeFlow(`2001:db8::${index.toString(16)}`));
    expect([table.size, other.isDestroyed]).toEqual([1 + ADMIN_FLOWS_PER_NETWORK_MAX, false]);
  });

  it('refuses where operators hold every place', () => {
    const table = createFlowTable();
    for (let index = 0; index < ADMIN_FLOWS_MAX; index++) {
      const flow = fakeFlow(`10.0.${index}.1`);
      table.admit(flow);
      table.keep(flow);
    }
    const late = fakeFlow('192.0.2.1');
    expect([table.admit(late), late.isDestroyed]).toEqual([false, true]);
    table.closeAll();
    expect(table.size).toBe(0);
  });
});

describe('createRateLimit()', () => {
  it('allows a burst, then a rate, by network', () => {
    const limit = createRateLimit({ burst: 3, perMinute: 60 });
    const takes = (network: string, nowMs: number): boolean[] =>
      [1, 2, 3, 4].map(() => limit.take(network, nowMs));
    expect(takes('a', 0)).toEqual([true, true, true, false]);
    expect(takes('b', 0)).toEqual([true, true, true, false]);
    expect(takes('a', 2_000)).toEqual([true, true, false, false]);
    expect(takes('a', 3_600_000)).toEqual([true, true, true, false]);
  });

  it('forgets networks rather than grow', () => {
    const limit = createRateLimit({ burst: 1, perMinute: 1 });
    for (let index = 0; index < 10_000; index++) limit.take(`n${index}`, 0);
    expect([limit.take('n9999', 0), limit.take('n0', 0)]).toEqual([false, true]);
  });
});
