import { beforeAll, describe, expect, it } from 'vitest';
import { viewOf } from '../../../base/bytes.ts';
import type { PlaneShared } from '../../../devices/udp.ts';
import { decodeMessage, TYPE, type Message } from '../message.ts';
import { createStreamResponder, type StreamTransport } from './stream-responder.ts';
import { encodeAsked, name, optionsOf, send, SOURCE } from './testing/ask.ts';
import { compileExample } from './testing/example-zone.ts';
import { oddRequests } from './testing/odd-requests.ts';
import { summarize } from './testing/summarize.ts';

const IDLE_MS = 10_050;
const respond = createStreamResponder({ idleMs: IDLE_MS });
let shared: PlaneShared;
beforeAll(() => {
  shared = compileExample();
});

function stream(message: Uint8Array, transport: StreamTransport = 'tcp') {
  return respond(shared, { message, source: SOURCE, transport }, 0);
}

describe.each(oddRequests)('a request with %s', (_, request, answer) => {
  it('is answered as RFC 8906 asks, by UDP and by TCP', () => {
    const replies = [send(shared, request), stream(request)];
    expect(replies.map(summarize)).toEqual([answer, answer]);
    for (const reply of replies)
      if (reply instanceof Uint8Array) expect(viewOf(reply).getUint16(0)).toBe(viewOf(request).getUint16(0));
  });
});

const KEEPALIVE = '000b0000';
const PADDING = '000c0000';
const NSID = '00030000';
const COOKIE = '000a00080102030405060708';

function asking(options: string, asked = 'www.example', type: number = TYPE.A): Uint8Array {
  return encodeAsked({ name: name(asked), type, edns: { options: Uint8Array.fromHex(options) } });
}

function read(reply: Uint8Array | 'pass-on' | undefined): Message {
  if (!(reply instanceof Uint8Array)) throw new Error(`no answer: ${reply}`);
  const decoded = decodeMessage(reply);
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}

describe('the options that we know', () => {
  const request = asking(NSID + COOKIE + KEEPALIVE + PADDING);
  const codes = (reply: ReturnType<typeof stream>): number[] => [
    ...(optionsOf(read(reply)) ?? new Map()).keys(),
  ];

  it.each([
    ['udp', [3, 10]],
    ['tcp', [3, 10, 11]],
    ['tls', [3, 10, 11, 12]],
    ['https', [3, 10, 12]],
  ] as const)('are answered as far as they mean something by %s', (transport, expected) => {
    const reply = transport === 'udp' ? send(shared, request) : stream(request, transport);
    expect(codes(reply)).toEqual(expected);
  });

  it('tell how long a connection may be idle, in tenths of a second (RFC 7828 §3.1)', () => {
    expect(optionsOf(read(stream(asking(KEEPALIVE))))?.get(11)).toBe('0064');
  });

  it('pad to a multiple of 468 bytes with zeros (RFC 8467 §4.1), also where an error is told', () => {
    for (const asked of ['www.example', 'other.test', 'nothing.example']) {
      const reply = read(stream(asking(PADDING, asked), 'tls'));
      expect(reply.bytes).toHaveLength(468);
      expect(optionsOf(reply)?.get(12)).toMatch(/^(?:00)+$/);
    }
    expect(optionsOf(read(stream(asking(PADDING, 'other.test'), 'tls')))?.get(15)).toBe('0014');
  });

  it('pad no answer beyond what a message can have', () => {
    const reply = read(stream(asking(PADDING, 'long.example', TYPE.TXT), 'tls'));
    expect(reply.answers).toHaveLength(251);
    expect(reply.bytes.length).toBe(65_535);
  });
});
