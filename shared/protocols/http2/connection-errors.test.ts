import { describe, expect, it } from 'vitest';
import { Flag, FrameType, Setting, STREAM_ID_MAX } from './frame.ts';
import { data, get, GET, post, TestClient } from './testing/client.ts';
import {
  ascii,
  frame,
  priorityUpdate,
  resetStream,
  settings,
  uint32,
  windowUpdate,
} from './testing/frames.ts';

const { DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, PING, GOAWAY, CONTINUATION } = FrameType;
const { END_HEADERS, END_STREAM, PADDED } = Flag;

/** What, the error, the frames. Stream 1 is open, 3 is half-closed (remote), 5 ended, 7 was reset by the client, 9 was skipped, 11 ended. */
const CASES: readonly (readonly [what: string, error: string, ...frames: Uint8Array[]])[] = [
  [
    '§4.2: a frame above SETTINGS_MAX_FRAME_SIZE',
    'FRAME_SIZE_ERROR',
    frame(DATA, 0, 1, new Uint8Array(16_385)),
  ],
  ['§4.2: DATA without its pad length', 'FRAME_SIZE_ERROR', frame(DATA, PADDED, 1)],
  ['§4.2: HEADERS without its pad length', 'FRAME_SIZE_ERROR', frame(HEADERS, END_HEADERS | PADDED, 13)],
  [
    '§4.2: HEADERS without its priority',
    'FRAME_SIZE_ERROR',
    frame(HEADERS, END_HEADERS | Flag.PRIORITY, 13, [0, 0, 0, 0]),
  ],
  ['§4.3: a block that cannot be decoded', 'COMPRESSION_ERROR', frame(HEADERS, END_HEADERS, 13, [0x80])],
  [
    '§4.3: trailers that cannot be decoded',
    'COMPRESSION_ERROR',
    frame(HEADERS, END_HEADERS | END_STREAM, 1, [0x80]),
  ],
  ['§4.3: a frame of another stream in a block', 'PROTOCOL_ERROR', frame(HEADERS, 0, 13, GET), data(1, 1)],
  ['§5.5: an unknown frame in a block', 'PROTOCOL_ERROR', frame(HEADERS, 0, 13, GET), frame(0x99, 0, 0)],
  ['§6.2: another HEADERS in a block', 'PROTOCOL_ERROR', frame(HEADERS, 0, 13, GET), get(13)],
  ['§5.1: DATA on an idle stream', 'PROTOCOL_ERROR', data(13, 1)],
  ['§5.1: RST_STREAM on an idle stream', 'PROTOCOL_ERROR', resetStream(13)],
  ['§5.1: WINDOW_UPDATE on an idle stream', 'PROTOCOL_ERROR', windowUpdate(13, 1)],
  ['§5.1: RST_STREAM on a stream that would be ours', 'PROTOCOL_ERROR', resetStream(2)],
  ['§5.1: HEADERS on a stream that ended', 'STREAM_CLOSED', get(5)],
  ['§5.1: HEADERS on a stream that the client reset', 'STREAM_CLOSED', get(7)],
  ['§5.1.1: a stream that was passed over', 'PROTOCOL_ERROR', get(9)],
  ['§5.1.1: an even stream', 'PROTOCOL_ERROR', get(14)],
  ['§6.1: DATA on stream 0', 'PROTOCOL_ERROR', data(0, 1)],
  ['§6.1: padding as long as the payload', 'PROTOCOL_ERROR', frame(DATA, PADDED, 1, [3, 0, 0])],
  ['§6.2: HEADERS on stream 0', 'PROTOCOL_ERROR', get(0)],
  [
    '§6.2: padding of HEADERS as long as the payload',
    'PROTOCOL_ERROR',
    frame(HEADERS, END_HEADERS | PADDED, 13, [2, 0]),
  ],
  ['§6.3: PRIORITY on stream 0', 'PROTOCOL_ERROR', frame(PRIORITY, 0, 0, [0, 0, 0, 0, 1])],
  ['§6.3: PRIORITY of another length on an idle stream', 'FRAME_SIZE_ERROR', frame(PRIORITY, 0, 13, [0])],
  ['§6.4: RST_STREAM on stream 0', 'PROTOCOL_ERROR', resetStream(0)],
  ['§6.4: RST_STREAM of another length', 'FRAME_SIZE_ERROR', frame(RST_STREAM, 0, 1, [0, 0, 0])],
  ['§6.5: SETTINGS on a stream', 'PROTOCOL_ERROR', frame(FrameType.SETTINGS, 0, 1)],
  [
    '§6.5: an acknowledgement with values',
    'FRAME_SIZE_ERROR',
    frame(FrameType.SETTINGS, Flag.ACK, 0, [0, 1, 0, 0, 0, 0]),
  ],
  ['§6.5: a cut setting', 'FRAME_SIZE_ERROR', frame(FrameType.SETTINGS, 0, 0, [0, 1, 0, 0, 0])],
  ['§6.5.2: ENABLE_PUSH of 2', 'PROTOCOL_ERROR', settings([Setting.ENABLE_PUSH, 2])],
  [
    '§6.5.2: INITIAL_WINDOW_SIZE of 2^31',
    'FLOW_CONTROL_ERROR',
    settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31]),
  ],
  ['§6.5.2: MAX_FRAME_SIZE of 16,383', 'PROTOCOL_ERROR', settings([Setting.MAX_FRAME_SIZE, 16_383])],
  ['§6.5.2: MAX_FRAME_SIZE of 2^24', 'PROTOCOL_ERROR', settings([Setting.MAX_FRAME_SIZE, 2 ** 24])],
  [
    'RFC 9218 §2.1: NO_RFC7540_PRIORITIES of 2',
    'PROTOCOL_ERROR',
    settings([Setting.NO_RFC7540_PRIORITIES, 2]),
  ],
  ['§8.4: PUSH_PROMISE', 'PROTOCOL_ERROR', frame(PUSH_PROMISE, END_HEADERS, 1, [0, 0, 0, 2, ...GET])],
  ['§6.7: PING on a stream', 'PROTOCOL_ERROR', frame(PING, 0, 1, new Uint8Array(8))],
  ['§6.7: PING of another length', 'FRAME_SIZE_ERROR', frame(PING, 0, 0, new Uint8Array(7))],
  ['§6.8: GOAWAY on a stream', 'PROTOCOL_ERROR', frame(GOAWAY, 0, 1, new Uint8Array(8))],
  ['§4.2: GOAWAY that is too short', 'FRAME_SIZE_ERROR', frame(GOAWAY, 0, 0, new Uint8Array(7))],
  ['§6.9: WINDOW_UPDATE of 0 on the connection', 'PROTOCOL_ERROR', windowUpdate(0, 0)],
  [
    '§6.9: WINDOW_UPDATE of another length',
    'FRAME_SIZE_ERROR',
    frame(FrameType.WINDOW_UPDATE, 0, 1, [0, 0, 1]),
  ],
  ['§6.9.1: a window of the connection above 2^31−1', 'FLOW_CONTROL_ERROR', windowUpdate(0, STREAM_ID_MAX)],
  [
    '§6.9.2: a window of a stream above 2^31−1 by SETTINGS',
    'FLOW_CONTROL_ERROR',
    windowUpdate(1, 1),
    settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]),
  ],
  ['§6.10: CONTINUATION without HEADERS', 'PROTOCOL_ERROR', frame(CONTINUATION, END_HEADERS, 1, GET)],
  [
    '§6.10: CONTINUATION of another stream',
    'PROTOCOL_ERROR',
    frame(HEADERS, 0, 13, GET),
    frame(CONTINUATION, END_HEADERS, 1),
  ],
  ['§6.10: CONTINUATION on stream 0', 'PROTOCOL_ERROR', frame(CONTINUATION, END_HEADERS, 0)],
  [
    'RFC 9218 §7.1: PRIORITY_UPDATE on a stream',
    'PROTOCOL_ERROR',
    frame(0x10, 0, 1, [...uint32(1), ...ascii('u=1')]),
  ],
  ['RFC 9218 §7.1: PRIORITY_UPDATE of stream 0', 'PROTOCOL_ERROR', priorityUpdate(0, 'u=1')],
  ['RFC 9218 §7.1: PRIORITY_UPDATE of a push stream', 'PROTOCOL_ERROR', priorityUpdate(2, 'u=1')],
  ['RFC 9218 §7.1: PRIORITY_UPDATE that is too short', 'FRAME_SIZE_ERROR', frame(0x10, 0, 0, [0, 0, 1])],
  [
    'RFC 9218 §7.1: more prioritized streams than allowed',
    'PROTOCOL_ERROR',
    ...Array.from({ length: 9 }, (_, index) => priorityUpdate(13 + 2 * index, 'i')),
  ],
];

function prepared(): TestClient {
  const client = new TestClient();
  client.send(post(1), get(3), get(5), get(7), get(11));
  client.respond(5);
  client.respond(11);
  client.send(resetStream(7));
  client.read();
  client.told.length = 0;
  return client;
}

describe('a connection error (RFC 9113 §5.4.1)', () => {
  it.each(CASES.map(([what, error, ...frames]) => ({ what, error, frames })))(
    'is $error: $what',
    ({ error, frames }) => {
      const client = prepared();
      const lines = client.exchange(...frames);
      expect(lines.at(-1)).toBe(`GOAWAY 11 ${error}`);
      expect(lines.filter(line => line.startsWith('GOAWAY'))).toHaveLength(1);
      expect(client.told).toEqual(['malformed', 'reset 1 0', 'reset 3 0']);
      expect(client.connection.isOver).toBe(true);
      expect(client.exchange(get(21), frame(PING, 0, 0, new Uint8Array(8)))).toEqual([]);
    },
  );

  it('ends with whole frames only: answers under way are given up', () => {
    const client = prepared();
    client.respond(3, 100);
    expect(client.exchange(data(0, 1))).toEqual(['GOAWAY 11 PROTOCOL_ERROR']);
  });
});

describe('what is no error', () => {
  it.each([
    ['§5.5: a frame of an unknown type', frame(0x99, 0xff, 77, [1, 2, 3])],
    ['§4.1: flags that mean nothing here', frame(FrameType.SETTINGS, Flag.ACK | 0xf0, 0)],
    ['§4.1: the reserved bit of a stream identifier', frame(RST_STREAM, 0, 2 ** 31 + 5, uint32(8))],
    ['§5.1: WINDOW_UPDATE on a stream that ended', windowUpdate(5, 1)],
    ['§5.1: RST_STREAM on a stream that ended', resetStream(5)],
    ['§6.3: PRIORITY on streams in any state', frame(PRIORITY, 0, 13, [0, 0, 0, 0, 1])],
    ['RFC 9218 §7.1: PRIORITY_UPDATE of a closed stream', priorityUpdate(5, 'u=1')],
    ['§6.8: GOAWAY of the client', frame(GOAWAY, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0, ...ascii('bye')])],
  ])('%s', (_what, bytes) => {
    const client = prepared();
    expect(client.exchange(bytes)).toEqual([]);
    client.send(get(13));
    expect(client.told).toEqual(['request 13']);
  });

  it('§6.5.2: settings that are not known, and those that mean nothing to us', () => {
    const values = [
      [Setting.HEADER_TABLE_SIZE, 0],
      [Setting.ENABLE_PUSH, 1],
      [Setting.MAX_CONCURRENT_STREAMS, 0],
      [Setting.MAX_FRAME_SIZE, 2 ** 24 - 1],
      [Setting.MAX_HEADER_LIST_SIZE, 0],
      [0xf00d, 2 ** 32 - 1],
    ] as const;
    expect(prepared().exchange(settings(...values))).toEqual(['SETTINGS flags 1']);
  });

  it('§6.7: PING, which comes back as it was', () => {
    const client = prepared();
    client.send(frame(PING, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]));
    expect(client.readFrames()).toEqual([
      { type: PING, flags: Flag.ACK, stream: 0, payload: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    ]);
  });
});
