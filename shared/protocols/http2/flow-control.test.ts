import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Flag, FrameType, Setting } from './frame.ts';
import { data, get, post, TestClient } from './testing/client.ts';
import { frame, settings, windowUpdate } from './testing/frames.ts';

const { INITIAL_WINDOW_SIZE } = Setting;

describe('what we send (RFC 9113 §6.9)', () => {
  it('stops at the window of the stream, and of the connection', () => {
    const client = new TestClient();
    client.send(settings([INITIAL_WINDOW_SIZE, 40_000]), get(1), get(3));
    client.respond(1, 100_000);
    client.respond(3, 100_000);
    const sizes = new Map<number, number>();
    for (const { type, stream, payload } of client.readFrames())
      if (type === FrameType.DATA) sizes.set(stream, (sizes.get(stream) ?? 0) + payload.length);
    expect(Array.from(sizes)).toEqual([
      [1, 40_000],
      [3, 25_535],
    ]);
    expect(client.connection.hasOutput).toBe(false);
    expect(client.exchange(windowUpdate(0, 5))).toEqual(['DATA 3 5']);
    expect(client.exchange(windowUpdate(1, 7))).toEqual([]);
    expect(client.exchange(windowUpdate(0, 8))).toEqual(['DATA 1 7', 'DATA 3 1']);
  });

  it('§6.9.2: waits for a window below 0 to be opened again', () => {
    const client = new TestClient();
    client.send(get(1));
    client.respond(1, 70_000);
    client.read();
    expect(client.exchange(windowUpdate(0, 100_000), settings([INITIAL_WINDOW_SIZE, 10]))).toEqual([
      'SETTINGS flags 1',
    ]);
    expect(client.exchange(windowUpdate(1, 65_525))).toEqual([]);
    expect(client.exchange(windowUpdate(1, 1))).toEqual(['DATA 1 1']);
    expect(client.exchange(settings([INITIAL_WINDOW_SIZE, 65_535]))).toEqual([
      'SETTINGS flags 1',
      'DATA 1 4464 END_STREAM',
    ]);
  });

  it('fills the record, but begins no tiny frame at its end', () => {
    const client = new TestClient();
    client.send(get(1), get(3));
    client.respond(1, 15_500);
    client.respond(3, 15_500);
    expect(client.read()).toEqual([
      'HEADERS 1',
      'HEADERS 3',
      'DATA 1 15500 END_STREAM',
      'DATA 3 15500 END_STREAM',
    ]);
    client.send(get(5), get(7));
    client.respond(5, 9000);
    client.respond(7, 9000);
    expect(client.read().slice(2)).toEqual([
      'DATA 5 9000 END_STREAM',
      'DATA 7 7346',
      'DATA 7 1654 END_STREAM',
    ]);
  });

  it('is the content, byte by byte, whatever its parts', () => {
    const client = new TestClient();
    const bytes = Uint8Array.from({ length: 40_000 }, (_, index) => index % 251);
    const body = [0, 3, 3, 20_000, 39_999].map((start, index, all) => bytes.subarray(start, all[index + 1]));
    client.send(get(1));
    client.connection.respond(1, Uint8Array.of(0x88), body, 0);
    const sent = client.readFrames().filter(({ type }) => type === FrameType.DATA);
    expect(sent.flatMap(({ payload }) => Array.from(payload))).toEqual(Array.from(bytes));
    expect(sent.map(({ flags }) => flags)).toEqual([0, 0, Flag.END_STREAM]);
  });
});

describe('what we take (RFC 9113 §6.9.1)', () => {
  it('is given back, padding too, to the stream and to the connection', () => {
    const client = new TestClient();
    client.send(post(1));
    const padded = frame(FrameType.DATA, Flag.PADDED, 1, [255, ...new Uint8Array(16_383)]);
    expect(client.exchange(padded, padded)).toEqual(['WINDOW_UPDATE 1 32768', 'WINDOW_UPDATE 0 32768']);
    expect(client.exchange(...Array.from({ length: 100 }, () => data(1, 16_384))).length).toBe(100);
  });

  it('is an error of the stream beyond its window', () => {
    const client = new TestClient();
    client.send(post(1), post(3));
    client.respond(1, 1_000_000);
    client.read();
    // An answered stream gets no window back, the connection does.
    const lines = client.exchange(...Array.from({ length: 4 }, () => data(1, 16_384)));
    expect(lines).toEqual([
      'WINDOW_UPDATE 0 32768',
      'WINDOW_UPDATE 0 32768',
      'RST_STREAM 1 FLOW_CONTROL_ERROR',
    ]);
  });
});

describe('whatever the windows do', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('stream' as const),
      stream: fc.nat(4),
      by: fc.integer({ min: 1, max: 60_000 }),
    }),
    fc.record({ kind: fc.constant('connection' as const), by: fc.integer({ min: 1, max: 60_000 }) }),
    fc.record({ kind: fc.constant('initial' as const), size: fc.nat(100_000) }),
    fc.record({ kind: fc.constant('respond' as const), stream: fc.nat(4), bytes: fc.nat(200_000) }),
    fc.record({ kind: fc.constant('record' as const), room: fc.integer({ min: 3000, max: 16_384 }) }),
  );

  it('no more is sent than they allow, and all of it where they do', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const client = new TestClient();
        const ids = [1, 3, 5, 7, 9];
        client.send(...ids.map(get));
        let initial = 65_535;
        let window = 65_535;
        const windows = new Map(ids.map(id => [id, 65_535]));
        const left = new Map<number, number>();
        const change = (id: number, by: number): void => void windows.set(id, (windows.get(id) ?? 0) + by);
        const check = (room: number): void => {
          for (const { type, stream, payload } of client.readFrames(room)) {
            if (type !== FrameType.DATA) continue;
            window -= payload.length;
            change(stream, -payload.length);
            left.set(stream, (left.get(stream) ?? 0) - payload.length);
            expect(window).toBeGreaterThanOrEqual(0);
            expect(windows.get(stream)).toBeGreaterThanOrEqual(0);
            expect(left.get(stream)).toBeGreaterThanOrEqual(0);
          }
          // Nothing waits that could go.
          for (const [id, bytes] of left)
            expect(Math.min(bytes, window, windows.get(id) ?? 0)).toBeLessThanOrEqual(0);
        };
        for (const one of steps) {
          if (one.kind === 'record') check(one.room);
          else if (one.kind === 'connection') {
            client.send(windowUpdate(0, one.by));
            window += one.by;
          } else if (one.kind === 'initial') {
            client.send(settings([INITIAL_WINDOW_SIZE, one.size]));
            for (const id of ids) change(id, one.size - initial);
            initial = one.size;
          } else {
            const id = ids[one.stream] as number;
            if (one.kind === 'stream') {
              client.send(windowUpdate(id, one.by));
              change(id, one.by);
            } else if (!left.has(id)) {
              client.respond(id, one.bytes);
              left.set(id, one.bytes);
            }
          }
        }
        check(16_384);
      }),
      { numRuns: 100 },
    );
  });
});
