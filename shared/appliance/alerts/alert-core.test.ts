import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALERTS_MAX, EMPTY_QUEUE, SETTLE_MS, step, type Alert, type AlertEvent } from './alert-core.ts';

const alert = (kind: Alert['kind'], key = 'dns'): Alert => ({ kind, key, reason: 'r', timeMs: 0 });
const raise = (kind: Alert['kind'], key?: string): AlertEvent => ({ kind: 'raise', alert: alert(kind, key) });

function run(events: readonly (readonly [number, AlertEvent])[]) {
  let queue = EMPTY_QUEUE;
  const sent: string[] = [];
  let wakeAtMs: number | undefined;
  for (const [now, event] of events) {
    const next = step(queue, event, now);
    ({ queue, wakeAtMs } = next);
    if (next.send) sent.push(`${next.send.kind} ${next.send.key} at ${now}`);
  }
  return { queue, sent, wakeAtMs };
}

describe('alert queue', () => {
  it('tells a trouble that lasts, then its end', () => {
    const { sent } = run([
      [0, raise('degraded')],
      [SETTLE_MS, { kind: 'tick' }],
      [SETTLE_MS + 1, { kind: 'sent' }],
      [50_000, raise('recovered')],
    ]);
    expect(sent).toEqual(['degraded dns at 15000', 'recovered dns at 50000']);
  });

  it('says nothing of a trouble that was over at once', () => {
    const { sent, queue, wakeAtMs } = run([
      [0, raise('degraded')],
      [10, raise('recovered')],
    ]);
    expect([sent, queue.waiting, wakeAtMs]).toEqual([[], [], undefined]);
  });

  it('tries again with growing, spread pauses', () => {
    const first = run([
      [0, raise('recovered')],
      [0, { kind: 'failed', random: 0 }],
    ]);
    expect(first.wakeAtMs).toBe(2_500);
    const later = run([
      [0, raise('recovered')],
      ...Array.from({ length: 30 }, () => [0, { kind: 'failed', random: 0.5 }] as const),
    ]);
    expect(later.wakeAtMs).toBe(2_700_000);
  });

  it('keeps a bounded queue and one post at a time, whatever happens', () => {
    const event = fc.oneof(
      fc.constantFrom<AlertEvent>({ kind: 'tick' }, { kind: 'failed', random: 0.3 }),
      fc
        .tuple(fc.constantFrom('degraded' as const, 'recovered' as const), fc.string({ maxLength: 2 }))
        .map(([kind, key]) => raise(kind, key)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), events => {
        let queue = EMPTY_QUEUE;
        for (const [index, each] of events.entries()) {
          const wasSending = queue.isSending && each.kind !== 'failed';
          const next = step(queue, each, index * 1_000);
          queue = next.queue;
          expect(queue.waiting.length).toBeLessThanOrEqual(ALERTS_MAX);
          if (wasSending) expect(next.send).toBeUndefined();
        }
      }),
    );
  });
});
