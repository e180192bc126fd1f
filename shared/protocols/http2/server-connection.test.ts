import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../base/bytes.ts';
import { ErrorCode, Flag, FrameType, Setting } from './frame.ts';
import { data, get, GET, OK, post, PREFACE, TestClient } from './testing/client.ts';
import { frame, priorityUpdate, settings, uint32, windowUpdate } from './testing/frames.ts';

describe('the preface (RFC 9113 §3.4)', () => {
  it('is SETTINGS from our side, before anything came', () => {
    const [first] = new TestClient({ streamsMax: 7, headerBytes: 4096 }, false).readFrames();
    expect(first).toMatchObject({ type: FrameType.SETTINGS, flags: 0, stream: 0 });
    expect(Array.from(first?.payload ?? [])).toEqual([
      ...[0, Setting.MAX_CONCURRENT_STREAMS, ...uint32(7)],
      ...[0, Setting.MAX_HEADER_LIST_SIZE, ...uint32(4096)],
      ...[0, Setting.NO_RFC7540_PRIORITIES, ...uint32(1)],
    ]);
  });

  it('is acknowledged', () => {
    expect(new TestClient({}, false).exchange(PREFACE, settings())).toEqual(['SETTINGS', 'SETTINGS flags 1']);
  });

  it.each([
    ['a request of HTTP/1.1', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')],
    ['one wrong byte', concatBytes([PREFACE.subarray(0, 23), Uint8Array.of(0x0b)])],
    ['another frame than SETTINGS', concatBytes([PREFACE, frame(FrameType.PING, 0, 0, new Uint8Array(8))])],
    ['an acknowledgement', concatBytes([PREFACE, frame(FrameType.SETTINGS, Flag.ACK, 0)])],
  ])('fails by %s', (_what, bytes) => {
    const client = new TestClient({}, false);
    expect(client.exchange(bytes)).toEqual(['SETTINGS', 'GOAWAY 0 PROTOCOL_ERROR']);
    expect(client.connection.isOver).toBe(true);
  });
});

describe('a request', () => {
  it('is answered by HEADERS and DATA', () => {
    const client = new TestClient();
    client.send(get(1));
    expect(client.received[0]?.request).toMatchObject({ method: 'GET', target: '/', fields: { host: 'a' } });
    expect(client.connection.hasOutput).toBe(false);
    client.respond(1, 1000);
    expect(client.read()).toEqual(['HEADERS 1', 'DATA 1 1000 END_STREAM']);
    expect(client.told).toEqual(['request 1', 'sent 1 1000']);
    expect(client.connection.openStreams).toBe(0);
  });

  it('ends with HEADERS where there is no content (RFC 9113 §8.1)', () => {
    const client = new TestClient();
    client.send(get(1));
    client.respond(1);
    expect(client.read()).toEqual(['HEADERS 1 END_STREAM']);
  });

  it('gets 1xx answers before the last one (RFC 9113 §8.1)', () => {
    const client = new TestClient();
    client.send(get(1));
    client.connection.interim(1, Uint8Array.of(0x08, 0x03, 0x31, 0x30, 0x33));
    client.connection.interim(1, Uint8Array.of(0x08, 0x03, 0x31, 0x30, 0x33));
    expect(client.read()).toEqual(['HEADERS 1', 'HEADERS 1']);
    client.connection.interim(1, OK);
    client.respond(1, 5);
    client.connection.interim(1, OK);
    expect(client.read()).toEqual(['HEADERS 1', 'HEADERS 1', 'DATA 1 5 END_STREAM']);
  });

  it('is read from HEADERS with padding and the old priority (RFC 9113 §6.2)', () => {
    const client = new TestClient();
    const flags = Flag.END_HEADERS | Flag.END_STREAM | Flag.PADDED | Flag.PRIORITY;
    client.send(frame(FrameType.HEADERS, flags, 1, [3, 0, 0, 0, 0, 16, ...GET, 0, 0, 0]));
    expect(client.told).toEqual(['request 1']);
  });

  it('is read from CONTINUATION frames (RFC 9113 §6.10)', () => {
    const client = new TestClient();
    client.send(
      frame(FrameType.HEADERS, Flag.END_STREAM, 1, GET.slice(0, 2)),
      frame(FrameType.CONTINUATION, 0, 1, GET.slice(2, 4)),
      frame(FrameType.CONTINUATION, 0, 1),
      frame(FrameType.CONTINUATION, Flag.END_HEADERS, 1, GET.slice(4)),
    );
    expect(client.told).toEqual(['request 1']);
    expect(client.received[0]?.request.target).toBe('/');
  });

  it('that is too large is told of, to be answered 431', () => {
    const client = new TestClient({ headerBytes: 100 });
    client.send(get(1));
    client.respond(1);
    expect(client.read()).toEqual(['HEADERS 1 END_STREAM']);
    expect(client.told).toEqual(['too large 1', 'sent 1 0']);
  });

  it('is told of its end when the peer or the engine resets it, or the transport is gone', () => {
    const client = new TestClient();
    client.send(get(1), get(3), get(5));
    client.connection.reset(3, ErrorCode.CANCEL);
    client.connection.reset(3, ErrorCode.CANCEL);
    client.respond(3, 10);
    expect(client.exchange(frame(FrameType.RST_STREAM, 0, 1, uint32(8)))).toEqual(['RST_STREAM 3 CANCEL']);
    client.connection.abandon();
    expect(client.told.slice(3)).toEqual(['reset 3 0', 'reset 1 0', 'reset 5 0']);
  });
});

describe('a header block of ours', () => {
  it('begins, once, with a table size update to 0 (RFC 9113 §4.3.1)', () => {
    const client = new TestClient();
    client.send(settings([Setting.HEADER_TABLE_SIZE, 0]), get(1), get(3));
    client.respond(1);
    client.respond(3);
    const headers = client.readFrames().filter(({ type }) => type === FrameType.HEADERS);
    expect(headers.map(({ payload }) => Array.from(payload))).toEqual([[0x20, 0x88], [0x88]]);
  });

  it('is read when it is written: its date may change until then', () => {
    const client = new TestClient();
    const block = Uint8Array.of(0x88, 1);
    client.send(get(1));
    client.respond(1, 0, block);
    block[1] = 2;
    expect(Array.from(client.readFrames()[0]?.payload ?? [])).toEqual([0x20, 0x88, 2]);
  });

  it('goes on in CONTINUATION frames where it is long, with nothing between (RFC 9113 §6.2)', () => {
    const client = new TestClient();
    client.send(get(1), get(3));
    client.respond(1, 10, new Uint8Array(40_000).fill(7));
    client.respond(3);
    const frames = client.readFrames();
    expect(frames.map(({ type, stream }) => [type, stream])).toEqual([
      [FrameType.HEADERS, 1],
      [FrameType.CONTINUATION, 1],
      [FrameType.CONTINUATION, 1],
      [FrameType.HEADERS, 3],
      [FrameType.DATA, 1],
    ]);
    expect(frames.map(({ flags }) => flags & Flag.END_HEADERS)).toEqual([0, 0, 4, 4, 0]);
    expect(concatBytes(frames.slice(0, 3).map(({ payload }) => payload)).length).toBe(40_001);
  });

  it('is written to its end although its stream, or the connection, is over', () => {
    const client = new TestClient();
    client.send(get(1));
    client.respond(1, 10, new Uint8Array(20_000));
    client.readRecord();
    client.send(frame(FrameType.PING, 0, 1, new Uint8Array(8)));
    expect(client.connection.isOver).toBe(false);
    expect(client.read()).toEqual(['CONTINUATION 1 flags 4', 'GOAWAY 1 PROTOCOL_ERROR']);
    expect(client.connection.isOver).toBe(true);
  });
});

describe('stalled()', () => {
  it('names streams that wait for the peer', () => {
    const client = new TestClient();
    client.send(get(1), post(3), get(5), windowUpdate(0, 100_000));
    client.respond(1, 100_000);
    client.respond(3, 10);
    client.read();
    client.nowMs = 500;
    client.send(post(7));
    expect(client.connection.stalled(0)).toEqual([]);
    expect(client.connection.stalled(1)).toEqual([1]);
    expect(client.connection.stalled(501)).toEqual([1, 7]);
    client.send(windowUpdate(1, 10), data(7, 1));
    client.nowMs = 1000;
    client.read();
    expect(client.connection.stalled(1000)).toEqual([7]);
  });
});

describe('stalled(), of requests', () => {
  it('counts content and trailers as progress', () => {
    const client = new TestClient();
    client.send(post(1), post(3), post(5));
    client.nowMs = 500;
    client.send(data(1, 1), frame(FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, 3));
    client.respond(3, 70_000);
    expect(client.connection.stalled(500)).toEqual([5]);
  });
});

describe('priorities (RFC 9218)', () => {
  it('send urgent content first, told by the field or by PRIORITY_UPDATE, early or late', () => {
    const client = new TestClient();
    const urgent = [0x00, 8, ...new TextEncoder().encode('priority'), 3, ...new TextEncoder().encode('u=1')];
    client.send(priorityUpdate(3, 'u=0'), get(1), get(3));
    client.send(frame(FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, 5, [...GET, ...urgent]), get(7));
    for (const stream of [1, 3, 5, 7]) client.respond(stream, 10);
    client.send(priorityUpdate(7, 'u=2'));
    expect(client.read().slice(4)).toEqual([3, 5, 7, 1].map(stream => `DATA ${stream} 10 END_STREAM`));
  });
});
