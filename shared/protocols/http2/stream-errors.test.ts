import { describe, expect, it } from 'vitest';
import { Flag, FrameType } from './frame.ts';
import { contentLength, data, get, GET, post, TestClient } from './testing/client.ts';
import { frame, resetStream, windowUpdate } from './testing/frames.ts';

const { DATA, HEADERS, PRIORITY } = FrameType;
const { END_HEADERS, END_STREAM, PADDED } = Flag;

function trailers(
  stream: number,
  block: readonly number[] = [],
  flags: number = END_HEADERS | END_STREAM,
): Uint8Array {
  return frame(HEADERS, flags, stream, block);
}

describe('a stream error (RFC 9113 §5.4.2)', () => {
  it.each([
    ['§5.1: DATA after END_STREAM', 'STREAM_CLOSED', [get(1), data(1, 1)]],
    ['§5.1: HEADERS after END_STREAM', 'STREAM_CLOSED', [get(1), trailers(1)]],
    ['§6.1: DATA on a stream that the client reset', 'STREAM_CLOSED', [get(1), resetStream(1), data(1, 1)]],
    ['§6.3: PRIORITY of another length', 'FRAME_SIZE_ERROR', [get(1), frame(PRIORITY, 0, 1, [0])]],
    ['§6.9: WINDOW_UPDATE of 0', 'PROTOCOL_ERROR', [get(1), windowUpdate(1, 0)]],
    ['§6.9.1: a window above 2^31−1', 'FLOW_CONTROL_ERROR', [get(1), windowUpdate(1, 2 ** 31 - 1)]],
    ['§8.1: trailers that do not end the stream', 'PROTOCOL_ERROR', [post(1), trailers(1, [], END_HEADERS)]],
    ['§8.1: trailers with a pseudo-header field', 'PROTOCOL_ERROR', [post(1), trailers(1, [0x82])]],
    [
      '§8.1.1: less content than content-length',
      'PROTOCOL_ERROR',
      [post(1, contentLength('3')), data(1, 2, END_STREAM)],
    ],
    [
      '§8.1.1: less content before trailers',
      'PROTOCOL_ERROR',
      [post(1, contentLength('3')), data(1, 2), trailers(1)],
    ],
    ['§8.1.1: more content than content-length', 'PROTOCOL_ERROR', [post(1, contentLength('3')), data(1, 4)]],
  ])('is %s: %s', (_what, error, frames) => {
    const client = new TestClient();
    expect(client.exchange(...frames)).toEqual([`RST_STREAM 1 ${error}`]);
    expect(client.told.filter(line => line.startsWith('reset 1'))).toHaveLength(1);
    expect(client.told).toContain('malformed');
    client.send(get(3));
    expect(client.told.at(-1)).toBe('request 3');
  });

  it.each([
    ['§8.3.1: a request without :path', [0x82, 0x87]],
    ['§8.1.1: a content-length and no content', [...GET, ...contentLength('3')]],
  ])('is %s, which the handler never sees', (_what, block) => {
    const client = new TestClient();
    expect(client.exchange(frame(HEADERS, END_HEADERS | END_STREAM, 1, block))).toEqual([
      'RST_STREAM 1 PROTOCOL_ERROR',
    ]);
    expect(client.told).toEqual(['malformed']);
  });

  it('§5.1.2: is REFUSED_STREAM above the limit of streams, and its block still counts for the next ones', () => {
    const client = new TestClient({ streamsMax: 2 });
    const indexing = [0x82, 0x87, 0x84, 0x41, 1, 0x62];
    client.send(get(1), get(3));
    expect(client.exchange(frame(HEADERS, END_HEADERS | END_STREAM, 5, indexing))).toEqual([
      'RST_STREAM 5 REFUSED_STREAM',
    ]);
    client.send(resetStream(1), frame(HEADERS, END_HEADERS | END_STREAM, 7, [0x82, 0x87, 0x84, 0xbe]));
    expect(client.told).toEqual(['request 1', 'request 3', 'reset 1 0', 'request 7']);
    expect(client.received.at(-1)?.request.fields['host']).toBe('b');
  });
});

describe('after our RST_STREAM (RFC 9113 §5.1)', () => {
  it('what was under way is thrown away, but decoded and counted', () => {
    const client = new TestClient();
    client.send(post(1), windowUpdate(1, 0));
    expect(client.read()).toEqual(['RST_STREAM 1 PROTOCOL_ERROR']);
    const indexing = [0x00, 1, 0x78, 1, 0x79, 0x40, 1, 0x78, 1, 0x7a];
    expect(
      client.exchange(data(1, 16_384), data(1, 16_384), windowUpdate(1, 5), trailers(1, indexing)),
    ).toEqual(['WINDOW_UPDATE 0 32768']);
    client.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, [...GET, 0xbe]));
    expect(client.received.at(-1)?.request.fields['x']).toBe('z');
  });

  it('a block that cannot be decoded is an error of the connection', () => {
    const client = new TestClient();
    expect(client.exchange(post(1), windowUpdate(1, 0), trailers(1, [0x80]))).toEqual([
      'RST_STREAM 1 PROTOCOL_ERROR',
      'GOAWAY 1 COMPRESSION_ERROR',
    ]);
  });
});

describe('content', () => {
  it('is handed over without its padding, and its end is told once', () => {
    const client = new TestClient();
    client.send(
      post(1, contentLength('7')),
      frame(DATA, PADDED, 1, [2, 7, 7, 7, 7, 0, 0]),
      data(1, 3, END_STREAM),
    );
    client.send(post(3), data(3, 5), data(3, 0, END_STREAM));
    client.send(post(5), data(5, 1), trailers(5, [0x00, 1, 0x78, 1, 0x79]));
    expect(client.told).toEqual([
      'request 1 with content',
      'content 1 4',
      'content 1 3 last',
      'request 3 with content',
      'content 3 5',
      'content 3 0 last',
      'request 5 with content',
      'content 5 1',
      'content 5 0 last',
    ]);
    expect(client.read()).toEqual([]);
  });

  it('is not wanted any more after the answer (RFC 9113 §8.1)', () => {
    const client = new TestClient();
    client.send(post(1), data(1, 10));
    client.respond(1, 20);
    client.send(data(1, 10));
    expect(client.read()).toEqual(['HEADERS 1', 'DATA 1 20 END_STREAM', 'RST_STREAM 1 NO_ERROR']);
    expect(client.exchange(data(1, 10), data(1, 10, END_STREAM))).toEqual([]);
    expect(client.told).toEqual(['request 1 with content', 'content 1 10', 'sent 1 20']);
  });

  it('that came whole while the answer was under way needs no reset', () => {
    const client = new TestClient();
    client.send(post(1));
    client.respond(1, 20);
    expect(client.exchange(data(1, 10, END_STREAM))).toEqual(['HEADERS 1', 'DATA 1 20 END_STREAM']);
  });
});
