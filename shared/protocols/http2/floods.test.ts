import { describe, expect, it } from 'vitest';
import { Flag, FrameType, Setting } from './frame.ts';
import { CONTROL_MAX_BYTES, IDLE_FRAMES_BURST, IDLE_FRAMES_PER_SECOND } from './limits.ts';
import { data, get, GET, post, TestClient } from './testing/client.ts';
import { frame, priorityUpdate, resetStream, settings, windowUpdate } from './testing/frames.ts';

const { HEADERS, CONTINUATION, PING, PRIORITY } = FrameType;
const CALM = 'ENHANCE_YOUR_CALM';

const ping = frame(PING, 0, 0, new Uint8Array(8));

/** Sends what `make` makes until the connection is over, reading what comes back; how often, or `max`. */
function countUntilOver(client: TestClient, make: (round: number) => Uint8Array[], max: number): number {
  for (let round = 1; round <= max; round++) {
    client.send(...make(round));
    if (client.read().at(-1)?.endsWith(CALM) === true) return round;
  }
  return max;
}

describe('a flood of frames that bring no request ends the connection', () => {
  it.each([
    ['PING (CVE-2019-9512)', ping],
    ['PING acknowledgements nobody asked for', frame(PING, Flag.ACK, 0, new Uint8Array(8))],
    ['PRIORITY (CVE-2019-9513)', frame(PRIORITY, 0, 1, [0, 0, 0, 0, 1])],
    ['PRIORITY_UPDATE (CVE-2019-9513)', priorityUpdate(1, 'u=1')],
    ['SETTINGS (CVE-2019-9515)', settings([Setting.INITIAL_WINDOW_SIZE, 100])],
    ['WINDOW_UPDATE', windowUpdate(1, 1)],
    ['empty DATA (CVE-2019-9518)', data(1, 0)],
    ['DATA with nothing but padding (CVE-2019-9518)', frame(FrameType.DATA, Flag.PADDED, 1, [0])],
    ['RST_STREAM of streams that ended', resetStream(3)],
    ['unknown types', frame(0xee, 0, 0)],
  ])('%s', (_what, bytes) => {
    const client = new TestClient();
    client.send(post(1), get(3));
    client.respond(3);
    client.read();
    const count = countUntilOver(client, () => [bytes], 2 * IDLE_FRAMES_BURST);
    expect(count).toBeGreaterThan(IDLE_FRAMES_BURST - 5);
    expect(count).toBeLessThan(IDLE_FRAMES_BURST + 20);
    expect(client.connection.isOver).toBe(true);
  });

  it('but so many in a second are borne for ever', () => {
    const client = new TestClient();
    const count = countUntilOver(
      client,
      () => {
        client.nowMs += 1000 / IDLE_FRAMES_PER_SECOND;
        return [ping];
      },
      5 * IDLE_FRAMES_BURST,
    );
    expect(count).toBe(5 * IDLE_FRAMES_BURST);
  });

  it('but a client with requests may send some with each', () => {
    const client = new TestClient();
    const make = (round: number): Uint8Array[] => {
      const stream = 2 * round - 1;
      client.onRequest = id => client.respond(id, 10);
      return [priorityUpdate(stream, 'u=1'), get(stream), windowUpdate(0, 10), ping];
    };
    expect(countUntilOver(client, make, 900)).toBe(900);
  });

  it('but a client that takes much content may open its windows as often as it gets a frame', () => {
    const client = new TestClient();
    client.send(get(1));
    client.respond(1, 30_000_000);
    const make = (): Uint8Array[] => [windowUpdate(0, 16_384), windowUpdate(1, 16_384)];
    expect(countUntilOver(client, make, 1500)).toBe(1500);
  });

  it('data dribble: windows opened by single bytes do not earn themselves (CVE-2019-9511)', () => {
    const client = new TestClient();
    client.send(settings([Setting.INITIAL_WINDOW_SIZE, 0]), get(1));
    client.respond(1, 1_000_000);
    client.read();
    expect(countUntilOver(client, () => [windowUpdate(1, 1)], 2 * IDLE_FRAMES_BURST)).toBeLessThan(
      IDLE_FRAMES_BURST + 5,
    );
  });
});

describe('rapid reset', () => {
  it('requests that are reset at once end the connection after the burst (CVE-2023-44487)', () => {
    const client = new TestClient({ resetsBurst: 20 });
    const count = countUntilOver(client, round => [get(2 * round - 1), resetStream(2 * round - 1)], 100);
    expect(count).toBe(21);
  });

  it.each([
    ['malformed requests (CVE-2019-9514)', (id: number) => [frame(HEADERS, 5, id, [0x82])]],
    ['requests above the limit of streams', (id: number) => [get(id)]],
    ['faults made on purpose (CVE-2025-8671)', (id: number) => [get(id), windowUpdate(id, 0)]],
    ['DATA on closed streams', (id: number) => [get(id), resetStream(id), data(id, 1)]],
  ])('%s do as well', (what, make) => {
    const client = new TestClient({ resetsBurst: 20, streamsMax: what.includes('limit') ? 0 : 10 });
    const count = countUntilOver(client, round => make(2 * round - 1), 100);
    expect(count).toBeLessThanOrEqual(21);
    expect(count).toBeGreaterThanOrEqual(10);
  });

  it('as many as the limit allows in a second are borne', () => {
    const client = new TestClient({ resetsBurst: 2, resetsPerSecond: 4 });
    const make = (round: number): Uint8Array[] => {
      client.nowMs += 250;
      return [get(2 * round - 1), resetStream(2 * round - 1)];
    };
    expect(countUntilOver(client, make, 100)).toBe(100);
  });
});

describe('a header block without an end (CVE-2024-27316)', () => {
  it.each([
    ['of bytes', new Uint8Array(1000), 17],
    ['of empty frames', new Uint8Array(0), 17],
    ['of large frames', new Uint8Array(16_000), 2],
  ])('%s ends the connection', (_what, payload, frames) => {
    const client = new TestClient();
    client.send(frame(HEADERS, 0, 1, GET));
    expect(countUntilOver(client, () => [frame(CONTINUATION, 0, 1, payload)], 100)).toBe(frames);
  });
});

it('a field without a name is malformed, however often it comes (CVE-2019-9516)', () => {
  const nameless = Array.from({ length: 1000 }, () => [0x00, 0x00, 0x00]).flat();
  const client = new TestClient();
  expect(client.exchange(frame(HEADERS, 5, 1, [...GET, ...nameless]))).toEqual([
    'RST_STREAM 1 PROTOCOL_ERROR',
  ]);
});

it('answers that the peer does not take cost no memory but their place (CVE-2019-9517)', () => {
  const client = new TestClient({ streamsMax: 10 });
  client.onRequest = stream => client.respond(stream, 1_000_000);
  client.send(...Array.from({ length: 30 }, (_, index) => get(2 * index + 1)));
  expect(client.connection.openStreams).toBe(10);
});

describe('control frames that the peer does not read', () => {
  it('are bounded: PING (CVE-2019-9512)', () => {
    const client = new TestClient();
    for (let round = 0; round < 5000; round++) {
      client.nowMs += 1000;
      client.send(ping);
    }
    const frames = client.readFrames();
    expect(frames.length).toBeLessThan(CONTROL_MAX_BYTES / 17 + 2);
    expect(frames.at(-1)).toMatchObject({ type: FrameType.GOAWAY });
  });
});

it('SETTINGS with more entries than there are settings end the connection', () => {
  const entry = [Setting.INITIAL_WINDOW_SIZE, 1] as const;
  expect(new TestClient().exchange(settings(...Array.from({ length: 33 }, () => entry)))).toEqual([
    `GOAWAY 0 ${CALM}`,
  ]);
});
