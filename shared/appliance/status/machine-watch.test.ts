import { expect, it } from 'vitest';
import type { PlatformFacts } from '../../devices/platform.ts';
import { createFakeClock, settle } from '../testing/fakes.ts';
import { startMachineWatch } from './machine-watch.ts';

it('a fault of the machine degrades health while it lasts', async () => {
  const clock = createFakeClock(0);
  let faults = ['no disk', 'no lease'];
  const conditions = new Map<string, string>();
  const watch = startMachineWatch(
    clock,
    { facts: async () => ({ faults }) as unknown as PlatformFacts },
    {
      degrade: (key, reason) => void conditions.set(key, reason),
      recover: key => void conditions.delete(key),
    },
  );
  await settle();
  expect([...conditions]).toEqual([
    ['machine-1', 'no disk'],
    ['machine-2', 'no lease'],
  ]);
  faults = ['no disk', 'wild clock'];
  await clock.advance(30_000);
  await settle();
  expect([...conditions]).toEqual([
    ['machine-1', 'no disk'],
    ['machine-3', 'wild clock'],
  ]);
  watch[Symbol.dispose]();
  faults = [];
  await clock.advance(300_000);
  expect(conditions.size).toBe(2);
});
