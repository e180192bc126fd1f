import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open } from './client.ts';
import {
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  getRoot,
  GET_ROOT,
  HEADERS,
  many,
  NO_WINDOW,
  PING,
  PREFACE,
  PRIORITY,
  SETTINGS,
  SETTINGS_TYPE,
  WINDOW_UPDATE,
} from './frames.ts';
import { visitDuring } from './good-clients.ts';
import { startWebServer, type WebServer } from './server.ts';

/** Frames that cost their sender little, over many connections at once, for as long as a test has patience. */
const ATTACKERS = 20;
const SECONDS = 1;

const FILES = { 'index.html': 'home', 'large.bin': Buffer.alloc(5_000_000) };

/** Sends `frames` again and again while the server takes them; a connection that it ends is opened anew. */
async function flood(
  port: number,
  begin: Buffer,
  frames: (round: number) => Buffer,
  reads: boolean,
): Promise<void> {
  let poured = 0;
  let refusal: unknown;
  const until = performance.now() + SECONDS * 1_000;
  await Promise.all(
    Array.from({ length: ATTACKERS }, async () => {
      while (performance.now() < until) {
        const socket = await open(port, 'h2').catch((cause: unknown) => void (refusal = cause));
        if (socket === undefined) continue;
        poured++;
        await pour(socket, begin, frames, { until, reads });
      }
    }),
  );
  // Fewer would be no flood, and prove nothing.
  if (poured < ATTACKERS) throw new Error(`${poured} attackers got in`, { cause: refusal });
}

async function pour(
  socket: Socket,
  begin: Buffer,
  frames: (round: number) => Buffer,
  { until, reads }: { readonly until: number; readonly reads: boolean },
): Promise<void> {
  socket.on('error', () => undefined);
  if (reads) socket.resume();
  else socket.pause();
  socket.write(begin);
  for (let round = 0; performance.now() < until && !socket.destroyed; round++) {
    if (socket.write(frames(round))) await new Promise(resolve => setTimeout(resolve, 5));
    else await drained(socket, until - performance.now());
  }
  socket.destroy();
}

function drained(socket: Socket, ms: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.once('drain', done);
    socket.once('close', done);
  });
}

const HELLO = Buffer.concat([PREFACE, SETTINGS]);
const repeated = (count: number, one: Buffer): Buffer => Buffer.concat(many(count, () => one));

/** RFC 7541 §6.2.1: a field of 4,000 bytes put into the table once, and §6.1: then named by one byte each, 15,000 times. */
const BOMB_FIELD = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4_000, 0x61)]);
const bomb = (streamId: number): Buffer =>
  Buffer.concat([
    frame(HEADERS, END_STREAM | END_HEADERS, streamId, Buffer.concat([GET_ROOT, BOMB_FIELD])),
    frame(
      HEADERS,
      END_STREAM | END_HEADERS,
      streamId + 2,
      Buffer.concat([GET_ROOT, Buffer.alloc(12_000, 0xbe)]),
    ),
  ]);

/** HTTP/2 of our own, and node's, which still serves backends. */
describe.each(['direct', 'node'])(
  'floods over HTTP/2 leave others served and memory bounded, engine %s',
  engine => {
    let server: WebServer;
    beforeAll(async () => {
      server = await startWebServer(FILES, { engine });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    it.each<[string, Buffer, (round: number) => Buffer, boolean]>([
      ['SETTINGS (CVE-2019-9515)', HELLO, () => repeated(2_000, SETTINGS), false],
      ['PING (CVE-2019-9512)', HELLO, () => repeated(2_000, frame(PING, 0, 0, Buffer.alloc(8))), false],
      [
        'PING of one who reads the answers',
        HELLO,
        () => repeated(2_000, frame(PING, 0, 0, Buffer.alloc(8))),
        true,
      ],
      [
        'PRIORITY (CVE-2019-9513)',
        HELLO,
        () => repeated(2_000, frame(PRIORITY, 0, 1, Buffer.from([0, 0, 0, 3, 16]))),
        true,
      ],
      [
        'empty DATA (CVE-2019-9518)',
        Buffer.concat([HELLO, frame(HEADERS, END_HEADERS, 1, GET_ROOT)]),
        () => repeated(2_000, frame(DATA, 0, 1)),
        true,
      ],
      [
        'window updates beyond all windows',
        HELLO,
        () => repeated(1_000, frame(WINDOW_UPDATE, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff]))),
        true,
      ],
      [
        'windows that shrink and grow (CVE-2019-9511)',
        Buffer.concat([HELLO, ...many(50, index => getRoot(index * 2 + 1))]),
        round => repeated(500, frame(SETTINGS_TYPE, 0, 0, Buffer.from([0, 4, 0, 0, 0, round % 2]))),
        true,
      ],
      ['header bombs', HELLO, round => bomb(round * 4 + 1), true],
      [
        'requests of one who has no window',
        Buffer.concat([PREFACE, NO_WINDOW]),
        round => Buffer.concat(many(20, index => getRoot(round * 40 + index * 2 + 1))),
        false,
      ],
    ])('%s', async (name, begin, frames, reads) => {
      const before = await server.report();
      const { served, again, failures, p99Ms } = await visitDuring(
        server.httpsPort,
        flood(server.httpsPort, begin, frames, reads),
      );
      const after = await server.report();
      const grownMiB = Math.round(after.rssMiB - before.rssMiB);
      console.log(
        `${engine}, ${name}: ${served} visitors, ${again} asked again, p99 ${p99Ms} ms, ${grownMiB} MiB more`,
      );
      expect(server.alive()).toBe(true);
      expect(failures).toEqual([]);
      expect(served).toBeGreaterThan(5);
      expect(p99Ms).toBeLessThan(8_000);
      expect(grownMiB).toBeLessThan(200);
    });
  },
);
