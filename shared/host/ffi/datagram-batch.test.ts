import { describe, expect, it } from 'vitest';
import { createDatagramBatch } from './datagram-batch.ts';
import { BATCH_MAX } from './datagram-memory.ts';
import { openDatagramSocket } from './datagram-socket.ts';
import { createWakeUp } from './wake-up.ts';
import { createWait } from './poll.ts';

describe('a batch of the kernel', () => {
  it('has datagrams, sources and replies where the plane looks for them', () => {
    for (const host of ['127.0.0.1', '::1']) {
      using server = openDatagramSocket({ host, port: 0 }, false);
      using client = openDatagramSocket({ host, port: 0 }, false);
      const kernel = createDatagramBatch(server.descriptor, server.family, 128);
      const answers = createDatagramBatch(client.descriptor, client.family, 128);
      for (let index = 0; index < 10; index++)
        client.send(new Uint8Array(index + 1).fill(index), server.address);
      client.send(new Uint8Array(200), server.address);
      createWait([server.descriptor], 2_000)();
      expect(kernel.receive()).toBe(10);
      expect(kernel.tooLong).toBe(1);
      const { batch } = kernel;
      for (let index = 0; index < 10; index++) {
        expect(batch.requestLengths[index]).toBe(index + 1);
        expect(batch.requests[index * 128 + index]).toBe(index);
        batch.replies[index * 128] = 100 + index;
        // Every other one is answered, so that replies stand closer together than requests.
        batch.replyLengths[index] = index % 2 === 0 ? 1 : 0;
      }
      expect(kernel.send()).toBe(5);
      createWait([client.descriptor], 2_000)();
      expect(answers.receive()).toBe(5);
      expect([0, 1, 2, 3, 4].map(index => answers.batch.requests[index * 128])).toEqual([
        100, 102, 104, 106, 108,
      ]);
    }
  });

  it('takes no more than it has room for, and says that there is more', () => {
    using server = openDatagramSocket({ host: '127.0.0.1', port: 0 }, false);
    const kernel = createDatagramBatch(server.descriptor, server.family, 64);
    for (let index = 0; index < BATCH_MAX + 1; index++) server.send(Uint8Array.of(index), server.address);
    expect([kernel.receive(), kernel.full]).toEqual([BATCH_MAX, true]);
    expect([kernel.receive(), kernel.full]).toEqual([1, false]);
    expect([kernel.receive(), kernel.full]).toEqual([0, false]);
  });
});

describe('a wait', () => {
  it('ends by itself, and at once when it is woken', () => {
    using wakeUp = createWakeUp();
    const wait = createWait([wakeUp.descriptor], 30);
    const start = performance.now();
    wait();
    expect(performance.now() - start).toBeGreaterThan(25);
    wakeUp.wake();
    const woken = performance.now();
    createWait([wakeUp.descriptor], 60_000)();
    expect(performance.now() - woken).toBeLessThan(1_000);
  });
});
