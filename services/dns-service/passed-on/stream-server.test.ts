import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../shared/base/bytes.ts';
import type { Flow } from '../../../shared/devices/tcp.ts';
import { frameMessage, MessageFrames } from '../../../shared/protocols/dns/message-frames.ts';
import { World } from '../../../shared/simulation/world.ts';
import { STREAM_IDLE_MAX_MS, STREAM_REQUESTS_MAX } from '../limits.ts';
import { StreamServer, type StreamOptions } from './stream-server.ts';

/** A server that answers each message by itself, and not those that are empty. */
async function setUp(options: Partial<StreamOptions> = {}) {
  const world = new World('dns-streams');
  const { devices, address } = world.host('server');
  const client = world.host('client').devices;
  const running = world.start();
  const answer = (message: Uint8Array): Uint8Array[] => (message.length === 0 ? [] : [message]);
  const server = new StreamServer(
    { transport: 'tcp', max: 10, perAddressMax: 10, answer, ...options },
    devices.clock,
  );
  await server.listen({ host: address, port: 53 }, devices.tcp);
  const connect = (): Promise<Conversation> => client.tcp.connect({ host: address, port: 53 }).then(talk);
  return {
    server,
    connect,
    clock: client.clock,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}

interface Conversation {
  readonly flow: Flow;
  readonly answers: Uint8Array[];
  readonly ended: Promise<void>;
}

function talk(flow: Flow): Conversation {
  const frames = new MessageFrames();
  const answers: Uint8Array[] = [];
  const ended = new Promise<void>(resolve => flow.once('close', () => resolve()));
  flow.on('error', () => undefined);
  flow.on('data', (piece: Uint8Array) => {
    for (const answer of frames.take(piece)) answers.push(Uint8Array.from(answer));
  });
  flow.on('end', () => void flow.end());
  return { flow, answers, ended };
}

const messages = Array.from({ length: 500 }, (_, index) => Uint8Array.of(index >> 8, index & 0xff));

describe('StreamServer', () => {
  it('answers what comes at once in its order, all of it though the client has ended', async () => {
    await using world = await setUp();
    const { flow, answers, ended } = await world.connect();
    flow.end(concatBytes([new Uint8Array(), ...messages].map(frameMessage)));
    await ended;
    expect(answers).toEqual(messages);
    expect(world.server.counts()).toMatchObject({ open: 0, accepted: 1, answered: 500 });
  });

  it('takes no more from a client that does not read', async () => {
    const long = new Uint8Array(60_000);
    await using world = await setUp({ answer: () => [long] });
    const { flow, answers } = await world.connect();
    flow.pause();
    flow.write(concatBytes(messages.slice(0, 100).map(frameMessage)));
    await world.clock.sleep(2_000);
    const { answered } = world.server.counts();
    expect(answered).toBeLessThan(20);
    flow.resume();
    await world.clock.sleep(5_000);
    expect(answers.length).toBeGreaterThan(answered);
  });

  it('closes who sends no whole message for long, however many bytes', async () => {
    await using world = await setUp();
    const { flow, answers, ended } = await world.connect();
    flow.write(frameMessage(messages[1]!));
    await world.clock.sleep(STREAM_IDLE_MAX_MS / 2);
    flow.write(frameMessage(messages[2]!));
    await world.clock.sleep(STREAM_IDLE_MAX_MS / 2 + 2_000);
    expect(world.server.counts().open).toBe(1);
    // Ten bytes of a message of 65,535.
    for (const byte of [255, 255, 1, 2, 3, 4, 5, 6, 7, 8]) {
      flow.write(Uint8Array.of(byte));
      await world.clock.sleep(STREAM_IDLE_MAX_MS / 10);
    }
    await ended;
    expect(answers).toEqual(messages.slice(1, 3));
    expect(world.server.counts()).toMatchObject({ open: 0, idled: 1 });
  });

  it('answers what takes long when it is ready, and others meanwhile (RFC 7766 §6.2.1.1)', async () => {
    const slow = Promise.withResolvers<Uint8Array[]>();
    await using world = await setUp({ answer: message => (message[1] === 1 ? slow.promise : [message]) });
    const { flow, answers, ended } = await world.connect();
    flow.end(concatBytes(messages.slice(1, 4).map(frameMessage)));
    await world.clock.sleep(1_000);
    expect(answers).toEqual(messages.slice(2, 4));
    slow.resolve([messages[1]!, messages[0]!]);
    await ended;
    expect(answers).toEqual([messages[2], messages[3], messages[1], messages[0]]);
  });

  it('makes a long answer as it leaves, lets short ones pass, and drops the rest with the connection', async () => {
    let made = 0;
    let isDropped = false;
    function* transfer(): Generator<Uint8Array> {
      try {
        for (; made < 1_000; made++) yield Uint8Array.of(9, ...new Uint8Array(30_000));
      } finally {
        isDropped = true;
      }
    }
    await using world = await setUp({ answer: message => (message[1] === 1 ? transfer() : [message]) });
    const { flow, answers } = await world.connect();
    flow.write(concatBytes(messages.slice(1, 3).map(frameMessage)));
    await world.clock.sleep(50);
    flow.pause();
    await world.clock.sleep(2_000);
    expect(answers.slice(0, 3).map(({ length }) => length)).toContain(2);
    const before = made;
    await world.clock.sleep(2_000);
    expect(made).toBe(before);
    expect(made).toBeLessThan(1_000);
    flow.destroy();
    await world.clock.sleep(2_000);
    expect(isDropped).toBe(true);
  });

  it('begins no more than so many messages of one connection at a time', async () => {
    let begun = 0;
    const never = new Promise<never>(() => undefined);
    await using world = await setUp({ answer: () => (begun++, never) });
    const { flow } = await world.connect();
    flow.write(concatBytes(messages.map(frameMessage)));
    await world.clock.sleep(1_000);
    expect(begun).toBe(STREAM_REQUESTS_MAX);
  });

  it('lets the newest in where one client has all places', async () => {
    await using world = await setUp({ perAddressMax: 3 });
    const first = await world.connect();
    for (let count = 0; count < 3; count++) await world.connect();
    await first.ended;
    expect(world.server.counts()).toMatchObject({ open: 3, accepted: 4, evicted: 1 });
  });
});
