import { expect, it } from 'vitest';
import fc from 'fast-check';
import type { Priority } from './priority.ts';
import { Schedule } from './schedule.ts';
import { Stream } from './stream.ts';
import { get, TestClient } from './testing/client.ts';
import { priorityUpdate, windowUpdate } from './testing/frames.ts';

function stream(id: number, priority: Priority): Stream {
  const made = new Stream(id, { isComplete: true, contentLength: undefined, sendWindow: 1, nowMs: 0 });
  made.priority = priority;
  return made;
}

/** Who sends, as long as each of the streams has so many frames. */
function turns(streams: readonly Stream[], frames: number): number[] {
  const schedule = new Schedule();
  const left = new Map(streams.map(one => [one, frames]));
  const order: number[] = [];
  for (const one of streams) schedule.add(one);
  for (let next; (next = schedule.next()) !== undefined;) {
    order.push(next.id);
    const more = (left.get(next) ?? 0) - 1;
    left.set(next, more);
    schedule.rotate(next);
    if (more === 0) schedule.remove(next);
  }
  expect(schedule.isEmpty).toBe(true);
  return order;
}

it('sends non-incremental content in the order of streams (RFC 9218 §10)', () => {
  const priority = { urgency: 3, incremental: false };
  expect(turns([stream(5, priority), stream(1, priority), stream(3, priority)], 2)).toEqual([
    1, 1, 3, 3, 5, 5,
  ]);
});

it('shares the bandwidth among incremental content (RFC 9218 §10)', () => {
  const priority = { urgency: 3, incremental: true };
  expect(turns([stream(1, priority), stream(3, priority), stream(5, priority)], 2)).toEqual([
    1, 3, 5, 1, 3, 5,
  ]);
});

it('sends lower urgencies first (RFC 9218 §4.1)', () => {
  const made = [7, 0, 3].map((urgency, index) =>
    stream(2 * index + 1, { urgency, incremental: urgency === 0 }),
  );
  expect(turns(made, 2)).toEqual([3, 3, 5, 5, 1, 1]);
});

it('lets neither kind of the same urgency starve', () => {
  const made = [false, false, true, true].map((incremental, index) =>
    stream(2 * index + 1, { urgency: 3, incremental }),
  );
  expect(turns(made, 3)).toEqual([1, 5, 1, 7, 1, 5, 3, 7, 3, 5, 3, 7]);
});

it('gives every stream its frames, whatever the priorities', () => {
  const priority = fc.record({ urgency: fc.nat(7), incremental: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(priority, { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      (priorities, frames) => {
        const made = priorities.map((one, index) => stream(2 * index + 1, one));
        const order = turns(made, frames);
        for (const { id } of made) expect(order.filter(turn => turn === id)).toHaveLength(frames);
        const urgencies = order.map(id => priorities[(id - 1) / 2]?.urgency ?? 0);
        expect(urgencies).toEqual(urgencies.toSorted((left, right) => left - right));
      },
    ),
  );
});

it('forgets PRIORITY_UPDATE of streams that can no longer be opened, or are closed (RFC 9218 §7.1)', () => {
  const client = new TestClient({ streamsMax: 3 });
  expect(client.exchange(priorityUpdate(1, 'i'), priorityUpdate(3, 'i'), get(15))).toEqual([]);
  const closed = [1, 3, 5, 7, 9].map(id => priorityUpdate(id, 'i'));
  expect(client.exchange(...closed, priorityUpdate(17, 'i'), priorityUpdate(19, 'i'))).toEqual([]);
  expect(client.exchange(priorityUpdate(21, 'i'))).toEqual(['GOAWAY 15 PROTOCOL_ERROR']);
});

it('follows a PRIORITY_UPDATE while content is under way (RFC 9218 §7)', () => {
  const client = new TestClient();
  client.send(windowUpdate(0, 1_000_000), get(1), get(3));
  client.respond(1, 60_000);
  client.respond(3, 10_000);
  client.readRecord();
  client.send(priorityUpdate(1, 'u=6'));
  const lines = [client.readRecord(), client.readRecord()].map(record => record[8]);
  expect(lines).toEqual([3, 1]);
});
