import { beforeEach, describe, expect, it } from 'vitest';
import type { Finished } from './exchange-batch.ts';
import { readExchanges } from './exchange-batch.ts';
import { Recorder, type Batch } from './recorder.ts';

const finished: Finished = {
  protocol: 'http/1.1',
  request: { method: 'GET', target: '/', fields: {} },
  response: { status: 200, fields: [], body: [], site: 2 },
  startMs: 0,
  sentBytes: 7,
  client: '192.0.2.1',
};
const fault: Finished = { ...finished, response: { ...finished.response, status: 503 } };
const sum = { site: 2, protocol: 'http/1.1', statusClass: '2xx', requests: 1, sentBytes: 7 };

let waiting: Int32Array;
let batches: Batch[];
let recorder: Recorder;
beforeEach(() => {
  waiting = new Int32Array(1);
  batches = [];
  recorder = new Recorder(waiting, 0, batch => void batches.push(batch));
});

describe('what a worker tells of finished exchanges', () => {
  it('has all in the sums, by site, protocol and class, and in a flood some of them whole', () => {
    for (let count = 0; count < 5_000; count++) {
      recorder.add(finished, 10, 0);
      if (count % 100 === 0) recorder.add({ ...finished, protocol: 'h2' }, 10, 0);
    }
    recorder.flush(10);
    expect(batches[0]?.sums).toEqual([
      { ...sum, requests: 5_000, sentBytes: 35_000 },
      { ...sum, protocol: 'h2', requests: 50, sentBytes: 350 },
    ]);
    expect(batches[0]?.whole.count).toBe(1_000);
  });

  it('has faults whole though a flood of others took all room', () => {
    for (let count = 0; count < 5_000; count++) recorder.add(finished, 10, 0);
    recorder.add(fault, 10, 0);
    recorder.flush(10);
    const [batch] = batches;
    const whole = readExchanges(batch!.whole);
    expect(whole.filter(({ status }) => status === 503)).toHaveLength(1);
  });

  it('goes every quarter of a second, where there is something', () => {
    expect(recorder.dueMs).toBe(Infinity);
    recorder.add(finished, 1_000, 0);
    recorder.add(finished, 1_100, 0);
    expect(recorder.dueMs).toBe(1_250);
    recorder.flush(1_250);
    expect(recorder.dueMs).toBe(Infinity);
    recorder.flush(1_500);
    expect(batches).toHaveLength(1);
  });

  it('waits for a receiver that is behind, and loses no count', () => {
    for (let turn = 0; turn < 20; turn++) {
      recorder.add(finished, turn * 250, 0);
      recorder.flush(turn * 250);
    }
    expect(batches).toHaveLength(16);
    waiting[0] = 0;
    recorder.flush(6_000);
    expect(batches[16]?.sums).toEqual([{ ...sum, requests: 4, sentBytes: 28 }]);
  });
});
