import { describe, expect, it } from 'vitest';
import { Flag, FrameType } from './frame.ts';
import { data, get, GET, post, TestClient } from './testing/client.ts';
import { frame } from './testing/frames.ts';

const LAST = 2 ** 31 - 1;

/** Sends the PING of the server back. */
function acknowledge(client: TestClient): string[] {
  const ping = client.readFrames().find(({ type }) => type === FrameType.PING);
  return client.exchange(frame(FrameType.PING, Flag.ACK, 0, ping?.payload ?? []));
}

describe('drain() (RFC 9113 §6.8)', () => {
  it('says goodbye twice, a round trip apart, and lets what runs end', () => {
    const client = new TestClient();
    client.send(get(1));
    client.connection.drain();
    client.connection.drain();
    expect(client.read()).toEqual([`GOAWAY ${LAST} NO_ERROR`, 'PING']);
    client.send(get(3));
    expect(client.exchange(frame(FrameType.PING, Flag.ACK, 0, new Uint8Array(8)))).toEqual([]);
    client.send(frame(FrameType.PING, Flag.ACK, 0, new TextEncoder().encode('draining')));
    expect(client.read()).toEqual(['GOAWAY 3 NO_ERROR']);
    client.respond(3, 5);
    client.respond(1, 5);
    expect(client.connection.isOver).toBe(false);
    expect(client.read()).toEqual(['HEADERS 3', 'HEADERS 1', 'DATA 1 5 END_STREAM', 'DATA 3 5 END_STREAM']);
    expect(client.connection.isOver).toBe(true);
    expect(client.told).toEqual(['request 1', 'request 3', 'sent 1 5', 'sent 3 5']);
  });

  it('ignores streams that are opened afterwards, but decodes them', () => {
    const client = new TestClient();
    client.send(post(1));
    client.connection.drain();
    expect(acknowledge(client)).toEqual(['GOAWAY 1 NO_ERROR']);
    expect(client.exchange(post(3), data(3, 10_000), data(3, 16_384), data(3, 16_384))).toEqual([
      'WINDOW_UPDATE 0 42768',
    ]);
    expect(client.told).toEqual(['request 1 with content']);
    expect(client.exchange(frame(FrameType.HEADERS, 5, 5, [0x80]))).toEqual(['GOAWAY 1 COMPRESSION_ERROR']);
  });

  it('is over at once where nothing runs', () => {
    const client = new TestClient();
    client.connection.drain();
    expect(client.connection.isOver).toBe(false);
    expect(acknowledge(client)).toEqual(['GOAWAY 0 NO_ERROR']);
    expect(client.connection.isOver).toBe(true);
  });
});

describe('finish()', () => {
  it('says the last stream at once, and takes no other', () => {
    const client = new TestClient();
    client.onRequest = stream => client.respond(stream);
    client.exchange(get(1));
    client.connection.finish();
    client.connection.finish();
    expect(client.exchange(get(3))).toEqual(['GOAWAY 1 NO_ERROR']);
    expect(client.connection.isOver).toBe(true);
    expect(client.told).toEqual(['request 1', 'sent 1 0']);
  });

  it('adds nothing to an error', () => {
    const client = new TestClient();
    client.exchange(frame(FrameType.PING, 0, 1, new Uint8Array(8)));
    client.connection.finish();
    expect(client.read()).toEqual([]);
  });
});

describe('streamsPerConnectionMax', () => {
  it('drains the connection, and then waits for no acknowledgement for ever', () => {
    const client = new TestClient({ streamsPerConnectionMax: 3, streamsMax: 2 });
    client.onRequest = stream => client.respond(stream);
    const lines = [1, 3, 5, 7, 9].flatMap(stream => client.exchange(get(stream)));
    expect(lines.filter(line => !line.startsWith('HEADERS'))).toEqual([
      `GOAWAY ${LAST} NO_ERROR`,
      'PING',
      'GOAWAY 9 NO_ERROR',
    ]);
    expect(client.connection.isOver).toBe(true);
    client.send(frame(FrameType.HEADERS, 5, 11, GET));
    expect(client.told.filter(line => line.startsWith('request'))).toHaveLength(5);
  });
});
