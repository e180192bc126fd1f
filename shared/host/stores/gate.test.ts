import { expect, it } from 'vitest';
import { createGate, createLanes } from './gate.ts';
import { createSharedFlush } from './shared-flush.ts';

it('createGate() lets as many in as it is wide, then in the order they came, and refuses more than may wait', async () => {
  const gate = createGate(2, 1, 'the test');
  const steps: string[] = [];
  const doors = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const enter = (index: number): Promise<void> =>
    gate(async () => {
      steps.push(`in ${index}`);
      await doors[index]!.promise;
    });
  const inside = [enter(0), enter(1), enter(2)];
  await expect(enter(2)).rejects.toMatchObject({
    kind: 'busy',
    message: expect.stringContaining('the test'),
  });
  expect(steps).toEqual(['in 0', 'in 1']);
  doors[1]!.resolve();
  await inside[1];
  doors[2]!.resolve();
  await inside[2];
  expect(steps).toEqual(['in 0', 'in 1', 'in 2']);
  doors[0]!.resolve();
  await inside[0];
});

it('createLanes() keeps the order of one name, also behind a failure, and not between names', async () => {
  const lanes = createLanes();
  const steps: string[] = [];
  const door = Promise.withResolvers<void>();
  const failing = lanes('a', async () => {
    await door.promise;
    steps.push('a1');
    throw new Error('a1');
  });
  const behind = lanes('a', async () => steps.push('a2'));
  await lanes('b', async () => steps.push('b1'));
  door.resolve();
  await expect(failing).rejects.toThrow('a1');
  await behind;
  expect(steps).toEqual(['b1', 'a1', 'a2']);
});

it('createSharedFlush() gives a caller a flush that begins after the call', async () => {
  const begun: PromiseWithResolvers<void>[] = [];
  const flush = createSharedFlush(() => {
    const next = Promise.withResolvers<void>();
    begun.push(next);
    return next.promise;
  });
  const first = flush();
  await expect.poll(() => begun.length).toBe(1);
  const second = flush();
  expect(flush()).toBe(second);
  begun[0]!.reject(new Error('the disk'));
  await expect(first).rejects.toThrow('the disk');
  await expect.poll(() => begun.length).toBe(2);
  begun[1]!.resolve();
  await second;
});
