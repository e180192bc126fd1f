import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, viewOf } from '../base/bytes.ts';
import type { Clock } from '../devices/clock.ts';
import {
  SOURCE_BYTES,
  type Datagram,
  type PlaneShared,
  type Udp,
  type UdpServeOptions,
  type UdpServer,
} from '../devices/udp.ts';
import { until, within, type Make } from './waiting.ts';

export interface UdpWorld {
  /** Made with `compliancePlanes` of udp-planes.ts. */
  readonly server: Udp;
  readonly client: Udp;
  /** An address of the server that the client reaches, and one of the client that the server reaches. */
  readonly address: string;
  readonly clientAddress: string;
  readonly clock: Clock;
}

/** Contract of UdpSocket.receive and UdpServer.close. */
const CLOSE_MAX_MS = 200;

type Check = (title: string, test: (world: UdpWorld) => Promise<void>) => void;

/** What every {@link Udp} must do. */
export function describeUdp(name: string, make: Make<UdpWorld>): void {
  const check: Check = (title, test) =>
    it(title, async () => {
      await using world = await make();
      await test(world);
    });
  describe(`${name} carries datagrams`, () => describeSockets(check));
  describe(`${name} closes sockets`, () => describeClosing(check));
  describe(`${name} runs data planes`, () => describePlanes(check));
  describe(`${name} ends data planes`, () => describePlaneEnds(check));
}

function describeSockets(check: Check): void {
  check(
    'a datagram arrives whole, with its source',
    async ({ server, client, address, clientAddress, clock }) => {
      await using far = await server.bind({ host: address, port: 0 });
      await using near = await client.bind({ host: clientAddress, port: 0 });
      await near.send(encodeUtf8('hello'), far.address);
      const { bytes, source } = await within(clock, 'the datagram', far.receive());
      expect(decodeUtf8(bytes)).toBe('hello');
      expect(source).toEqual(near.address);
      await far.send(encodeUtf8('answer'), source);
      expect(decodeUtf8((await within(clock, 'the answer', near.receive())).bytes)).toBe('answer');
    },
  );

  check('an empty datagram is one too', async ({ server, client, address, clientAddress, clock }) => {
    await using far = await server.bind({ host: address, port: 0 });
    await using near = await client.bind({ host: clientAddress, port: 0 });
    await near.send(new Uint8Array(0), far.address);
    expect((await within(clock, 'the datagram', far.receive())).bytes.length).toBe(0);
  });

  check('no more than queueMax wait', async ({ server, client, address, clientAddress, clock }) => {
    await using far = await server.bind({ host: address, port: 0, queueMax: 3 });
    await using near = await client.bind({ host: clientAddress, port: 0 });
    for (let index = 0; index < 10; index++) await near.send(Uint8Array.of(index), far.address);
    await clock.sleep(100);
    for (let index = 0; index < 3; index++) expect([...(await far.receive()).bytes]).toEqual([index]);
    const stop = new AbortController();
    const fourth = far.receive(stop.signal);
    await clock.sleep(20);
    stop.abort(new Error('nothing came'));
    await expect(fourth).rejects.toThrow('nothing came');
  });

  check(
    'an aborted receive() loses no datagram',
    async ({ server, client, address, clientAddress, clock }) => {
      await using far = await server.bind({ host: address, port: 0 });
      await using near = await client.bind({ host: clientAddress, port: 0 });
      const stop = new AbortController();
      const aborted = far.receive(stop.signal);
      stop.abort(new Error('not now'));
      await expect(aborted).rejects.toThrow('not now');
      await expect(far.receive(stop.signal)).rejects.toThrow('not now');
      await near.send(encodeUtf8('kept'), far.address);
      expect(decodeUtf8((await within(clock, 'the datagram', far.receive())).bytes)).toBe('kept');
    },
  );

  check(
    'an occupied port is address-in-use, a foreign address address-not-available',
    async ({ server, address }) => {
      await using one = await server.bind({ host: address, port: 0 });
      await expect(server.bind(one.address)).rejects.toMatchObject({
        kind: 'address-in-use',
        message: expect.stringContaining(String(one.address.port)) as unknown,
      });
      // RFC 5737: nobody's address.
      await expect(server.bind({ host: '192.0.2.77', port: 0 })).rejects.toMatchObject({
        kind: 'address-not-available',
      });
    },
  );

  check('a datagram longer than IP carries is too-large', async ({ server, address }) => {
    await using near = await server.bind({ host: address, port: 0 });
    await expect(near.send(new Uint8Array(65_528), near.address)).rejects.toMatchObject({
      kind: 'too-large',
    });
  });
}

function describeClosing(check: Check): void {
  check(
    'close() ends a waiting receive() in time, and frees the port',
    async ({ server, address, clock }) => {
      const socket = await server.bind({ host: address, port: 0 });
      const receiving = socket.receive();
      receiving.catch(() => undefined);
      await clock.sleep(20);
      const start = clock.monotonic();
      await socket.close();
      await expect(receiving).rejects.toMatchObject({ kind: 'closed' });
      expect(clock.monotonic() - start).toBeLessThanOrEqual(CLOSE_MAX_MS);
      await using again = await server.bind(socket.address);
      expect(again.address).toEqual(socket.address);
    },
  );

  check('a closed socket says closed; closing again is fine', async ({ server, address }) => {
    const socket = await server.bind({ host: address, port: 0 });
    await socket.close();
    await socket.close();
    await expect(socket.receive()).rejects.toMatchObject({ kind: 'closed' });
    await expect(socket.send(new Uint8Array(1), socket.address)).rejects.toMatchObject({ kind: 'closed' });
  });
}

function serve(world: UdpWorld, more: Partial<UdpServeOptions> = {}): Promise<UdpServer> {
  const shared = [new SharedArrayBuffer(8)];
  return world.server.serve({ host: world.address, port: 0, plane: 'compliance-answering', shared, ...more });
}

/** Sends `request` from a socket of its own and gives the answer. */
async function ask(world: UdpWorld, server: UdpServer, request: string): Promise<Uint8Array> {
  await using near = await world.client.bind({ host: world.clientAddress, port: 0 });
  await near.send(encodeUtf8(request), server.address);
  return (await within(world.clock, `the answer to ${request}`, near.receive())).bytes;
}

function describePlanes(check: Check): void {
  check('a plane answers each client', async world => {
    await using server = await serve(world);
    const answers = await Promise.all(['?one', '?two', '?three'].map(text => ask(world, server, text)));
    expect(answers.map(decodeUtf8)).toEqual(['!one', '!two', '!three']);
  });

  check('a burst is answered datagram by datagram', async world => {
    await using server = await serve(world);
    await using near = await world.client.bind({ host: world.clientAddress, port: 0, queueMax: 1_000 });
    const expected = Array.from({ length: 150 }, (_, index) => (index % 3 === 0 ? undefined : `${index}`));
    for (const [index, text] of expected.entries())
      await near.send(encodeUtf8(text === undefined ? `d${index}` : `?${text}`), server.address);
    const wanted = expected.filter(text => text !== undefined).map(text => `!${text}`);
    const got: string[] = [];
    while (got.length < wanted.length)
      got.push(decodeUtf8((await within(world.clock, `answer ${got.length}`, near.receive())).bytes));
    expect(got.toSorted()).toEqual(wanted.toSorted());
  });

  check('a plane sees the source', async world => {
    await using server = await serve(world);
    await using near = await world.client.bind({ host: world.clientAddress, port: 0 });
    await near.send(encodeUtf8('s'), server.address);
    const { bytes } = await within(world.clock, 'the answer', near.receive());
    expect(bytes.length).toBe(SOURCE_BYTES);
    expect(viewOf(bytes).getUint16(16)).toBe(near.address.port);
    const four = world.clientAddress.split('.').map(Number);
    if (four.length === 4)
      expect([...bytes.subarray(0, 16)]).toEqual([...Array(10).fill(0), 255, 255, ...four]);
  });

  check('a plane sees what the main thread writes into shared', async world => {
    const shared = new SharedArrayBuffer(8);
    await using server = await serve(world, { shared: [shared] });
    expect([...(await ask(world, server, 'g'))]).toEqual([0, 0, 0, 0]);
    new Uint8Array(shared).set([1, 2, 3, 4]);
    expect([...(await ask(world, server, 'g'))]).toEqual([1, 2, 3, 4]);
  });

  check('a plane is given other buffers, and no datagram is lost by it', async world => {
    const generation = (value: number): PlaneShared => {
      const shared = new SharedArrayBuffer(8);
      new Uint8Array(shared)[0] = value;
      return [shared];
    };
    await using server = await serve(world, { shared: generation(0), workers: 2 });
    const asked: Promise<Uint8Array>[] = [];
    for (let value = 1; value <= 20; value++) {
      // Some of these are on their way, or being answered, when the buffer changes.
      asked.push(ask(world, server, 'g'), ask(world, server, 'g'));
      server.share(generation(value));
      expect((await ask(world, server, 'g'))[0]).toBe(value);
    }
    const seen = (await Promise.all(asked)).map(bytes => bytes[0]!);
    seen.forEach((value, index) => expect(value).toBeGreaterThanOrEqual(Math.floor(index / 2)));
  });

  check('what it passes on comes to the main thread, which may answer', async world => {
    const passed: Datagram[] = [];
    await using server = await serve(world, { onPassedOn: datagram => void passed.push(datagram) });
    await using near = await world.client.bind({ host: world.clientAddress, port: 0 });
    await near.send(encodeUtf8('>slow'), server.address);
    await until(world.clock, 'the datagram on the main thread', () => passed.length === 1);
    expect(decodeUtf8(passed[0]!.bytes)).toBe('>slow');
    expect(passed[0]!.source).toEqual(near.address);
    await server.send(encodeUtf8('done'), passed[0]!.source);
    const { bytes, source } = await within(world.clock, 'the answer', near.receive());
    expect(decodeUtf8(bytes)).toBe('done');
    expect(source).toEqual(server.address);
  });

  check('a plane that throws goes on', async world => {
    await using server = await serve(world);
    await using near = await world.client.bind({ host: world.clientAddress, port: 0 });
    await near.send(encodeUtf8('x'), server.address);
    await world.clock.sleep(50);
    expect(decodeUtf8(await ask(world, server, '?alive'))).toBe('!alive');
  });

  check('datagrams longer than a slot are dropped; a full slot is answered', async world => {
    await using server = await serve(world, { slotBytes: 256 });
    await using near = await world.client.bind({ host: world.clientAddress, port: 0 });
    await near.send(encodeUtf8('?'.padEnd(257, 'a')), server.address);
    await near.send(encodeUtf8('L'), server.address);
    expect((await within(world.clock, 'an answer', near.receive())).bytes.length).toBe(256);
    await near.send(encodeUtf8('?'.padEnd(256, 'a')), server.address);
    expect((await within(world.clock, 'an answer', near.receive())).bytes.length).toBe(256);
    expect(server.counters().dropped).toBe(1);
  });

  check('counters count', async world => {
    await using server = await serve(world, { onPassedOn: () => undefined });
    await using near = await world.client.bind({ host: world.clientAddress, port: 0 });
    for (const text of ['?a', '?b', '>c', 'drop']) await near.send(encodeUtf8(text), server.address);
    const expected = { received: 4, answered: 2, passedOn: 1, dropped: 1 };
    const total = (): number =>
      server.counters().dropped + server.counters().answered + server.counters().passedOn;
    await until(world.clock, 'four datagrams', () => total() === 4);
    expect(server.counters()).toEqual(expected);
  });

  check('several workers answer on one address', async world => {
    await using server = await serve(world, { workers: 2 });
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) => ask(world, server, `?${index}`)),
    );
    expect(answers.map(decodeUtf8)).toEqual(Array.from({ length: 16 }, (_, index) => `!${index}`));
  });
}

function describePlaneEnds(check: Check): void {
  check('close() is quick while a worker waits, and frees the port', async world => {
    const server = await serve(world);
    await ask(world, server, '?warm');
    await world.clock.sleep(50);
    const start = world.clock.monotonic();
    await server.close();
    expect(world.clock.monotonic() - start).toBeLessThanOrEqual(CLOSE_MAX_MS);
    await server.close();
    await using again = await world.server.bind(server.address);
    expect(again.address).toEqual(server.address);
  });

  check('send() after close() is closed', async world => {
    const server = await serve(world);
    await server.close();
    await expect(server.send(new Uint8Array(1), server.address)).rejects.toMatchObject({ kind: 'closed' });
  });

  check('an occupied port is address-in-use', async world => {
    await using server = await serve(world);
    await expect(serve(world, { port: server.address.port })).rejects.toMatchObject({
      kind: 'address-in-use',
    });
  });
}
