import { expect, it } from 'vitest';
import { killRepeatedly } from './kill.ts';

it('the stores keep what they acknowledged when their process is killed forty times', async () => {
  const outcome = await killRepeatedly(40, Math.random);
  expect(outcome.faults).toEqual([]);
  expect(outcome.kills).toBe(40);
  expect(outcome.acknowledged).toBeGreaterThan(200);
});
