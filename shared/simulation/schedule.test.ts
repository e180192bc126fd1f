import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule } from './schedule.ts';

describe('Schedule', () => {
  it('takes events by time, those of one time in the order made, and no cancelled ones', () => {
    const event = fc.record({ delayUs: fc.nat(20), isCancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), events => {
        const schedule = new Schedule();
        const taken: number[] = [];
        events.forEach(({ delayUs, isCancelled }, index) => {
          const scheduled = schedule.after(delayUs, () => taken.push(index));
          if (isCancelled) schedule.cancel(scheduled);
        });
        const expected = [...events.keys()]
          .filter(index => !(events[index]?.isCancelled ?? true))
          .toSorted(
            (left, right) => (events[left]?.delayUs ?? 0) - (events[right]?.delayUs ?? 0) || left - right,
          );
        for (let callback = schedule.take(); callback !== undefined; callback = schedule.take()) callback();
        expect(taken).toEqual(expected);
      }),
    );
  });

  it('moves time to the event taken, and counts delays from there', () => {
    const schedule = new Schedule();
    schedule.after(10, () => schedule.after(5, () => undefined));
    schedule.take()?.();
    expect(schedule.nowUs).toBe(10);
    schedule.take()?.();
    expect(schedule.nowUs).toBe(15);
    expect(schedule.take()).toBeUndefined();
    expect(schedule.nowUs).toBe(15);
  });

  it('rounds fractions up and takes what is past as now', () => {
    const schedule = new Schedule();
    schedule.after(0.2, () => undefined);
    schedule.take();
    expect(schedule.nowUs).toBe(1);
    schedule.after(-50, () => undefined);
    schedule.take();
    expect(schedule.nowUs).toBe(1);
  });
});
