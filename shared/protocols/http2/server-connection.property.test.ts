import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { concatBytes } from '../../base/bytes.ts';
import { Flag, FrameType, Setting } from './frame.ts';
import { contentLength, data, get, GET, post, PREFACE, TestClient } from './testing/client.ts';
import { frame, parseFrames, priorityUpdate, resetStream, settings, windowUpdate } from './testing/frames.ts';

const streamId = fc.nat(12);
const payload = fc.uint8Array({ maxLength: 40 });

/** Frames that a client may send, and such that none may. */
const anyFrame: fc.Arbitrary<Uint8Array> = fc.oneof(
  streamId.map(get),
  streamId.map(id => post(id)),
  streamId.map(id => post(id, contentLength('9'))),
  fc
    .tuple(streamId, fc.nat(20_000), fc.constantFrom(0, Flag.END_STREAM))
    .map(([id, length, flags]) => data(id, length % 16_385, flags)),
  fc.tuple(streamId, fc.nat(70_000)).map(([id, by]) => windowUpdate(id, by)),
  streamId.map(id => resetStream(id)),
  streamId.map(id => priorityUpdate(id, 'u=1, i')),
  fc.nat(100_000).map(size => settings([Setting.INITIAL_WINDOW_SIZE, size])),
  fc
    .tuple(fc.nat(17), fc.nat(255), streamId, payload)
    .map(([type, flags, id, bytes]) => frame(type, flags, id, bytes)),
  fc
    .tuple(streamId, fc.nat(5))
    .map(([id, cut]) =>
      concatBytes([
        frame(FrameType.HEADERS, Flag.END_STREAM, id, GET.slice(0, cut)),
        frame(FrameType.CONTINUATION, Flag.END_HEADERS, id, GET.slice(cut)),
      ]),
    ),
  payload,
);

const conversation = fc
  .array(anyFrame, { maxLength: 30 })
  .map(frames => concatBytes([PREFACE, settings(), ...frames]));

/** A server that answers some at once and lets others wait. */
function server(): TestClient {
  const client = new TestClient({}, false);
  client.onRequest = stream => {
    if (stream % 3 !== 0) client.respond(stream, stream * 3000);
  };
  return client;
}

describe('a connection, whatever comes', () => {
  it('never throws, writes whole frames alone, and ends what it began', () => {
    fc.assert(
      fc.property(conversation, bytes => {
        const client = server();
        client.send(bytes);
        const frames = client.readFrames();
        expect(frames[0]?.type).toBe(FrameType.SETTINGS);
        for (const { payload, stream, type } of frames) {
          expect(payload.length).toBeLessThanOrEqual(16_384);
          expect(stream === 0 || stream % 2 === 1).toBe(true);
          if (type === FrameType.GOAWAY) expect(client.connection.isOver).toBe(true);
        }
        client.connection.abandon();
        const begun = client.told.filter(line => /^(?:request|too large)/.test(line)).length;
        expect(client.told.filter(line => /^(?:sent|reset)/.test(line))).toHaveLength(begun);
        expect(client.connection.openStreams).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('says the same, however the bytes are cut', () => {
    fc.assert(
      fc.property(conversation, fc.array(fc.nat(3000), { maxLength: 20 }), (bytes, cuts) => {
        const whole = server();
        whole.send(bytes);
        const parts = server();
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          // Each part stands in memory of its own, which is overwritten afterwards.
          const part = bytes.slice(at, at + length);
          parts.send(part);
          part.fill(0xff);
          at += part.length;
        }
        expect(parts.told).toEqual(whole.told);
        expect(parts.readFrames()).toEqual(whole.readFrames());
      }),
      { numRuns: 150 },
    );
  });

  it('says the same byte by byte', () => {
    const bytes = concatBytes([
      PREFACE,
      settings(),
      get(1),
      post(3),
      data(3, 20),
      post(5, contentLength('2')),
      data(5, 3),
    ]);
    const whole = server();
    whole.send(bytes);
    const parts = server();
    for (const byte of bytes) parts.send(Uint8Array.of(byte));
    expect(parts.told).toEqual(whole.told);
    expect(parts.read()).toEqual(whole.read());
  });

  it('writes the same bytes in small rooms, cut headers and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 600 }), fc.nat(2000), (room, blockBytes) => {
        const client = server();
        client.send(PREFACE, settings(), get(3), get(9));
        client.respond(3, 2000, new Uint8Array(blockBytes + 1).fill(9));
        client.connection.interim(9, new Uint8Array(blockBytes + 1));
        client.respond(9, 100);
        const frames = client.readFrames(room);
        const bytes = (id: number): number =>
          frames.reduce(
            (sum, one) => sum + (one.stream === id && one.type === FrameType.DATA ? one.payload.length : 0),
            0,
          );
        expect([bytes(3), bytes(9)]).toEqual([2000, 100]);
        // RFC 9113 §6.2: after HEADERS without END_HEADERS come CONTINUATIONs of the same stream, until one has it.
        frames.forEach((one, index) => {
          const isOpen =
            (one.type === FrameType.HEADERS || one.type === FrameType.CONTINUATION) &&
            (one.flags & Flag.END_HEADERS) === 0;
          const next = frames[index + 1];
          if (isOpen) expect(next).toMatchObject({ type: FrameType.CONTINUATION, stream: one.stream });
          else expect(next?.type).not.toBe(FrameType.CONTINUATION);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('bytes without any sense end it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 200 }), bytes => {
        const client = new TestClient({}, false);
        client.send(bytes);
        expect(parseFrames(client.readRecord()).length).toBe(2);
        expect(client.connection.isOver).toBe(true);
      }),
    );
  });
});
