import { describe, expect, it } from 'vitest';
import { OperationalError } from '../base/operational-error.ts';
import { keepService } from './service-keeper.ts';
import type { Service } from './service.ts';
import { createFakeClock, settle } from './testing/fakes.ts';

/** A service that fails to start this many times. */
function setUp(failures: number, fault?: Error) {
  const clock = createFakeClock(0);
  const conditions = new Map<string, string>();
  const events: string[] = [];
  let attempts = 0;
  const create = (): Service => {
    const number = ++attempts;
    return {
      async start() {
        if (number <= failures) throw fault ?? new Error(`no port ${number}`);
      },
      urls: () => [`https://${number}/`],
      status: () => [],
      async [Symbol.asyncDispose]() {
        events.push(`disposed ${number}`);
      },
    };
  };
  const logged: unknown[] = [];
  const error = (fields: object): void => void logged.push(fields);
  const log = { debug() {}, info() {}, warn() {}, error, child: () => log };
  const devices = {
    clock,
    log,
    random: { bytes: (count: number) => new Uint8Array(count) },
    health: {
      degrade: (key: string, reason: string) => void conditions.set(key, reason),
      recover: (key: string) => void conditions.delete(key),
    },
  };
  const stop = new AbortController();
  const keep = () =>
    keepService(devices, { create, signal: stop.signal, onStarted: () => events.push('started') });
  return { clock, conditions, events, logged, stop, keep, attempts: () => attempts };
}

describe('keepService()', () => {
  it('starts a service and ends it', async () => {
    const { keep, events, conditions } = setUp(0);
    const keeper = await keep();
    expect([keeper.fault, keeper.urls(), conditions.size]).toEqual([undefined, ['https://1/'], 0]);
    await keeper[Symbol.asyncDispose]();
    expect(events).toEqual(['started', 'disposed 1']);
  });

  it('tries again with growing pauses, with the reason in health all the while', async () => {
    const { keep, clock, conditions, events, attempts } = setUp(3);
    const keeper = await keep();
    expect([keeper.fault, keeper.urls()]).toEqual(['The service did not start: no port 1', []]);
    await clock.advance(501);
    expect([attempts(), conditions.get('service')]).toEqual([2, 'The service did not start: no port 2']);
    await clock.advance(990);
    expect(attempts()).toBe(2);
    await clock.advance(3_100);
    await settle();
    expect([attempts(), conditions.size, keeper.urls()]).toEqual([4, 0, ['https://4/']]);
    expect(events).toEqual(['disposed 1', 'disposed 2', 'disposed 3', 'started']);
  });

  it.each([
    ['what is wrong outside the program as a sentence', new OperationalError('no file'), 'no file'],
    ['a bug with its stack', new TypeError('no function'), new TypeError('no function')],
  ])('logs %s', async (_what, fault, error) => {
    const { keep, stop, clock, logged } = setUp(1, fault);
    const keeper = await keep();
    stop.abort();
    await clock.advance(10_000);
    await keeper[Symbol.asyncDispose]();
    expect(logged).toEqual([{ error }]);
  });

  it('stops trying when the appliance stops', async () => {
    const { keep, stop, attempts, clock } = setUp(1_000);
    const keeper = await keep();
    stop.abort();
    await clock.advance(10_000);
    await keeper[Symbol.asyncDispose]();
    expect(attempts()).toBe(1);
  });
});
