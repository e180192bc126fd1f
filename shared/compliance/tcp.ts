import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import type { Clock } from '../devices/clock.ts';
import type { Flow, Tcp } from '../devices/tcp.ts';
import { accepting, collect, until, within, type Accepting, type Make } from './waiting.ts';

export interface TcpWorld {
  /** Accepts; and opens flows from another host or the same one. */
  readonly server: Tcp;
  readonly client: Tcp;
  /** An address of the server that the client reaches. */
  readonly address: string;
  /** A name that does not exist. */
  readonly unknownName: string;
  readonly clock: Clock;
}

type Check = (title: string, test: (world: TcpWorld) => Promise<void>) => void;

/** What every {@link Tcp} must do. */
export function describeTcp(name: string, make: Make<TcpWorld>): void {
  const check: Check = (title, test) =>
    it(title, async () => {
      await using world = await make();
      await test(world);
    });
  describe(`${name} carries bytes`, () => describeBytes(check));
  describe(`${name} ends flows`, () => describeEnds(check));
  describe(`${name} listens`, () => describeListening(check));
  describe(`${name} connects`, () => describeConnecting(check));
}

interface Pair extends AsyncDisposable {
  readonly near: Flow;
  readonly far: Flow;
  readonly accepting: Accepting;
}

/** An open flow: `near` is the side that connected, `far` the one that was accepted. */
async function openPair({ server, client, address, clock }: TcpWorld): Promise<Pair> {
  const accepted = await accepting(server, { host: address, port: 0 });
  const [near, far] = await within(
    clock,
    'an open flow',
    Promise.all([client.connect(accepted.listener.address), accepted.next()]),
  );
  near.on('error', () => undefined);
  return {
    near,
    far,
    accepting: accepted,
    async [Symbol.asyncDispose]() {
      near.destroy();
      await accepted[Symbol.asyncDispose]();
    },
  };
}

function describeBytes(check: Check): void {
  check('bytes arrive in both directions, in order', async world => {
    await using pair = await openPair(world);
    const [atFar, atNear] = [collect(pair.far), collect(pair.near)];
    for (const text of ['one ', 'two ', 'three']) pair.near.write(encodeUtf8(text));
    pair.far.write(encodeUtf8('answer'));
    await until(world.clock, 'all text at the far side', () => decodeUtf8(atFar.bytes()) === 'one two three');
    await until(world.clock, 'the answer', () => decodeUtf8(atNear.bytes()) === 'answer');
  });

  check('a megabyte arrives whole at a reader that pauses', async world => {
    await using pair = await openPair(world);
    const sent = new Uint8Array(1024 * 1024).map((_, index) => (index * 31) >> 3);
    pair.near.write(sent);
    pair.near.end();
    await world.clock.sleep(20);
    const atFar = collect(pair.far);
    pair.far.pause();
    await world.clock.sleep(20);
    pair.far.resume();
    await until(world.clock, 'the end', () => atFar.ended);
    expect(Buffer.from(atFar.bytes()).equals(sent)).toBe(true);
  });

  check('write() says when its bytes were taken, and asks to wait when too many are not', async world => {
    await using pair = await openPair(world);
    const chunk = new Uint8Array(256 * 1024);
    let taken = 0;
    let wrote = 0;
    while (wrote < 200 && pair.near.write(chunk, () => taken++)) {
      wrote++;
      await world.clock.sleep(0);
    }
    // Nobody reads: 50 MB are never taken.
    expect(wrote).toBeLessThan(200);
    expect(pair.near.writableNeedDrain).toBe(true);
    const atFar = collect(pair.far);
    await until(world.clock, 'every callback', () => taken === wrote + 1);
    await until(world.clock, 'every byte', () => atFar.bytes().length === (wrote + 1) * chunk.length);
  });

  check('both sides know both addresses', async world => {
    await using pair = await openPair(world);
    expect(pair.near.remotePort).toBe(pair.accepting.listener.address.port);
    expect(pair.far.remotePort).toBe(pair.near.localPort);
    expect(pair.far.localPort).toBe(pair.near.remotePort);
    expect(pair.near.remoteAddress).toBe(world.address);
    expect(pair.far.remoteAddress).toBe(pair.near.localAddress);
  });
}

function describeEnds(check: Check): void {
  check('end() closes one direction; the other goes on', async world => {
    await using pair = await openPair(world);
    const [atFar, atNear] = [collect(pair.far), collect(pair.near)];
    pair.near.end(encodeUtf8('question'));
    await until(world.clock, 'the end at the far side', () => atFar.ended);
    expect(decodeUtf8(atFar.bytes())).toBe('question');
    await world.clock.sleep(20);
    pair.far.write(encodeUtf8('late '));
    pair.far.end(encodeUtf8('answer'));
    await until(world.clock, 'the end at the near side', () => atNear.ended);
    expect(decodeUtf8(atNear.bytes())).toBe('late answer');
    await until(world.clock, 'both closed', () => atFar.closes === 1 && atNear.closes === 1);
  });

  check('destroy() closes both sides, each once', async world => {
    await using pair = await openPair(world);
    const [atFar, atNear] = [collect(pair.far), collect(pair.near)];
    pair.near.destroy();
    pair.near.destroy();
    expect(pair.near.destroyed).toBe(true);
    // A reader who ends its own side when the other has ended: what every taker of a flow does.
    await until(world.clock, 'the far side to notice', () => atFar.ended || atFar.closes > 0);
    pair.far.end();
    await until(world.clock, 'both closed', () => atFar.closes === 1 && atNear.closes === 1);
    await world.clock.sleep(20);
    expect([atFar.closes, atNear.closes]).toEqual([1, 1]);
  });

  check('destroy(error) emits the error, then close', async world => {
    await using pair = await openPair(world);
    const events: string[] = [];
    pair.near.on('error', (error: Error) => events.push(error.message));
    pair.near.on('close', () => events.push('close'));
    pair.near.destroy(new Error('enough'));
    await until(world.clock, 'close', () => events.includes('close'));
    expect(events).toEqual(['enough', 'close']);
  });

  check("'timeout' is emitted on a silent flow, which stays open", async world => {
    await using pair = await openPair(world);
    let timeouts = 0;
    pair.far.on('timeout', () => timeouts++);
    pair.far.setTimeout(30);
    const atFar = collect(pair.far);
    await until(world.clock, 'the timeout', () => timeouts > 0);
    pair.near.write(encodeUtf8('still here'));
    await until(world.clock, 'bytes after it', () => decodeUtf8(atFar.bytes()) === 'still here');
    pair.far.setTimeout(0);
    const before = timeouts;
    await world.clock.sleep(80);
    expect(timeouts).toBe(before);
  });
}

function describeListening(check: Check): void {
  check('port 0 gives a free port', async ({ server, address }) => {
    await using one = await accepting(server, { host: address, port: 0 });
    await using other = await accepting(server, { host: address, port: 0 });
    expect(one.listener.address.host).toBe(address);
    expect(one.listener.address.port).toBeGreaterThan(0);
    expect(other.listener.address.port).not.toBe(one.listener.address.port);
  });

  check('an occupied port is address-in-use, naming it', async ({ server, address }) => {
    await using one = await accepting(server, { host: address, port: 0 });
    const { port } = one.listener.address;
    const second = server.listen({ host: address, port }, () => undefined);
    await expect(second).rejects.toMatchObject({
      kind: 'address-in-use',
      message: expect.stringContaining(String(port)) as unknown,
    });
  });

  check('a foreign address is address-not-available', async ({ server }) => {
    // RFC 5737: 192.0.2.0/24 is for documentation, so it is nobody's.
    const listening = server.listen({ host: '192.0.2.77', port: 0 }, () => undefined);
    await expect(listening).rejects.toMatchObject({ kind: 'address-not-available' });
  });

  check('close() frees the port; flows live on; it may be called twice', async world => {
    await using pair = await openPair(world);
    const { listener } = pair.accepting;
    await Promise.all([listener.close(), listener.close()]);
    await listener.close();
    const again = await world.server.listen(listener.address, () => undefined);
    const atFar = collect(pair.far);
    pair.near.write(encodeUtf8('still open'));
    await until(world.clock, 'bytes on the old flow', () => decodeUtf8(atFar.bytes()) === 'still open');
    await again.close();
    await expect(world.client.connect(listener.address)).rejects.toMatchObject({ kind: 'refused' });
  });

  check('more flows than maxFlows are closed at once; a place given back is taken again', async world => {
    const { server, client, address, clock } = world;
    await using accepted = await accepting(server, { host: address, port: 0, maxFlows: 1 });
    const first = collect(await client.connect(accepted.listener.address));
    const far = await within(clock, 'the first flow', accepted.next());
    collect(far);
    // Refused while connecting or closed directly afterwards: a device may do either.
    const second = await client.connect(accepted.listener.address).then(collect, () => undefined);
    await until(
      clock,
      'the second to be closed',
      () => second === undefined || second.ended || second.closes > 0,
    );
    expect(first.ended).toBe(false);
    far.destroy();
    await until(clock, 'the first to end', () => first.ended || first.closes > 0);
    await clock.sleep(20);
    const third = await client.connect(accepted.listener.address);
    await within(clock, 'the third flow', accepted.next());
    third.destroy();
  });
}

function describeConnecting(check: Check): void {
  check('a port where nobody listens is refused', async ({ server, client, address }) => {
    const listener = await server.listen({ host: address, port: 0 }, () => undefined);
    await listener.close();
    await expect(client.connect(listener.address)).rejects.toMatchObject({
      kind: 'refused',
      temporary: true,
    });
  });

  check('a name that does not exist is name-not-found', async ({ client, unknownName }) => {
    await expect(client.connect({ host: unknownName, port: 80 })).rejects.toMatchObject({
      kind: 'name-not-found',
    });
  });

  check('connect() throws the reason of an aborted signal', async world => {
    await using accepted = await accepting(world.server, { host: world.address, port: 0 });
    const before = AbortSignal.abort(new Error('never mind'));
    await expect(world.client.connect({ ...accepted.listener.address, signal: before })).rejects.toThrow(
      'never mind',
    );
    const stop = new AbortController();
    const connecting = world.client.connect({ ...accepted.listener.address, signal: stop.signal });
    stop.abort(new Error('too slow'));
    await expect(connecting).rejects.toThrow('too slow');
  });

  check('a signal aborted after connect() leaves the flow alone', async world => {
    await using accepted = await accepting(world.server, { host: world.address, port: 0 });
    const stop = new AbortController();
    const near = await world.client.connect({ ...accepted.listener.address, signal: stop.signal });
    const far = collect(await within(world.clock, 'the flow', accepted.next()));
    stop.abort();
    near.write(encodeUtf8('x'));
    await until(world.clock, 'a byte', () => far.bytes().length === 1);
    near.destroy();
  });
}
