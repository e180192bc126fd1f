import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import { testCertificates } from '../compliance/test-certificates.ts';
import type { Flow } from '../devices/tcp.ts';
import type { SimulatedHost } from './host.ts';
import { World } from './world.ts';

interface Pair {
  readonly world: World;
  readonly a: SimulatedHost;
  readonly b: SimulatedHost;
  readonly near: Flow;
  readonly far: Flow;
  /** What each end has met: text, 'end', error messages, 'close'. */
  readonly atNear: string[];
  readonly atFar: string[];
}

/** An open flow from host a to host b. */
async function inPair(test: (pair: Pair) => Promise<void>, seed = 'pair'): Promise<void> {
  const world = new World(seed);
  const [a, b] = [world.host('a'), world.host('b')];
  await world.run(async () => {
    const accepted = Promise.withResolvers<Flow>();
    await b.devices.tcp.listen({ host: '::', port: 80 }, accepted.resolve);
    const near = await a.devices.tcp.connect({ host: b.address, port: 80 });
    const far = await accepted.promise;
    await test({ world, a, b, near, far, atNear: notes(near), atFar: notes(far) });
  });
}

function notes(flow: Flow): string[] {
  const met: string[] = [];
  flow.on('data', (bytes: Uint8Array) => met.push(decodeUtf8(bytes)));
  flow.on('end', () => met.push('end'));
  flow.on('error', (error: Error & { kind?: string }) => met.push(error.kind ?? error.message));
  flow.on('close', () => met.push('close'));
  return met;
}

describe('TCP in a bad network', () => {
  it('waits out a partition that is healed, and loses nothing', () =>
    inPair(async ({ world, near, atFar }) => {
      world.network.partition('a', 'b');
      near.write(encodeUtf8('late'));
      await world.sleep(2_000);
      expect(atFar).toEqual([]);
      world.network.heal('a', 'b');
      await world.sleep(4_000);
      expect(atFar).toEqual(['late']);
    }));

  it('times out in a partition that lasts', () =>
    inPair(async ({ world, near, atNear }) => {
      world.network.partition('a', 'b');
      near.write(encodeUtf8('never'));
      await world.sleep(300_000);
      expect(atNear).toEqual(['timed-out', 'close']);
    }));

  it('keeps the order of bytes under loss and delay', () =>
    inPair(async ({ world, near, atFar }) => {
      world.network.setConditions({ lossRate: 0.2, spikeRate: 0.3, splitRate: 0.5 });
      const text = Array.from({ length: 200 }, (_, index) => `${index} `);
      for (const part of text) near.write(encodeUtf8(part));
      await world.sleep(600_000);
      expect(atFar.join('')).toBe(text.join(''));
      expect(atFar.length).toBeGreaterThan(200);
    }));

  it('is reset at both ends by reset()', () =>
    inPair(async ({ world, atNear, atFar }) => {
      world.network.reset('b', 'a');
      await world.sleep(1);
      expect([atNear, atFar]).toEqual([
        ['reset', 'close'],
        ['reset', 'close'],
      ]);
    }));

  it('is reset when the peer has crashed and come back, as soon as something is sent', () =>
    inPair(async ({ world, b, near, atNear, atFar }) => {
      b.crash();
      await world.sleep(1_000);
      b.restart();
      await world.sleep(1_000);
      expect(atNear).toEqual([]);
      near.write(encodeUtf8('anybody there?'));
      await world.sleep(5_000);
      expect(atNear).toEqual(['reset', 'close']);
      expect(atFar).toEqual([]);
    }));

  it('connect() fails as the network does: refused, unreachable, timed out', async () => {
    const world = new World('connect');
    const [a, b] = [world.host('a'), world.host('b')];
    const connect = (host: string): Promise<Flow> =>
      a.devices.tcp.connect({ host, port: 80, timeoutMs: 5_000 });
    await world.run(async () => {
      await expect(connect(b.address)).rejects.toMatchObject({ kind: 'refused', code: 'ECONNREFUSED' });
      await expect(connect('10.9.9.9')).rejects.toMatchObject({ kind: 'unreachable' });
      b.crash();
      const beganMs = world.nowMs;
      await expect(connect(b.address)).rejects.toMatchObject({ kind: 'timed-out' });
      expect(world.nowMs - beganMs).toBe(5_000);
    });
  });

  it('connects by name, as the zones say', async () => {
    const world = new World('names');
    const [a, b] = [world.host('a'), world.host('b')];
    world.zones.add('b.example', 'AAAA', b.addresses[1] ?? '');
    await world.run(async () => {
      await b.devices.tcp.listen({ host: '::', port: 80 }, flow => flow.end(encodeUtf8('hello')));
      const flow = await a.devices.tcp.connect({ host: 'b.example', port: 80 });
      expect(flow.remoteAddress).toBe('fd00::2');
      await expect(a.devices.tcp.connect({ host: 'c.example', port: 80 })).rejects.toMatchObject({
        kind: 'name-not-found',
      });
    });
  });

  it('tries one address after another, and does not wait for a silent one (RFC 8305)', async () => {
    const world = new World('addresses');
    const [a, b, silent] = [world.host('a'), world.host('b'), world.host('silent')];
    for (const { address } of [silent, b]) world.zones.add('both.example', 'A', address);
    await world.run(async () => {
      await b.devices.tcp.listen({ host: '::', port: 80 }, flow => flow.end(encodeUtf8('hello')));
      silent.crash();
      const beganMs = world.nowMs;
      const flow = await a.devices.tcp.connect({ host: 'both.example', port: 80 });
      expect(flow.remoteAddress).toBe(b.address);
      expect(world.nowMs - beganMs).toBeGreaterThan(250);
      expect(world.nowMs - beganMs).toBeLessThan(500);
      silent.restart();
      const again = await a.devices.tcp.connect({ host: 'both.example', port: 80 });
      expect(again.remoteAddress).toBe(b.address);
      // Nothing more is tried once a flow is open and has said what it had to say.
      await world.sleep(100);
      const { count } = world.events;
      await world.sleep(5_000);
      expect(world.events.count).toBe(count);
    });
  });
});

describe('UDP in a bad network', () => {
  it('loses, doubles and reorders', async () => {
    const world = new World('udp');
    const [a, b] = [world.host('a'), world.host('b')];
    world.network.setConditions({ lossRate: 0.2, duplicateRate: 0.2, spikeRate: 0.2 });
    const arrived: number[] = [];
    await world.run(async () => {
      const far = await b.devices.udp.bind({ host: '::', port: 53 });
      const near = await a.devices.udp.bind({ host: '0.0.0.0', port: 0 });
      for (let number = 0; number < 100; number++)
        await near.send(Uint8Array.of(number), { host: b.address, port: 53 });
      await world.sleep(1_000);
      void (async () => {
        for (;;) arrived.push((await far.receive()).bytes[0] ?? -1);
      })();
      await world.sleep(1);
    });
    const distinct = new Set(arrived);
    expect(distinct.size).toBeLessThan(100);
    expect(distinct.size).toBeGreaterThan(50);
    expect(arrived.length).toBeGreaterThan(distinct.size);
    expect(arrived).not.toEqual(arrived.toSorted((left, right) => left - right));
  });
});

describe('a host', () => {
  it('stops where it waits when it crashes, and nothing of its old life happens in the new one', async () => {
    const world = new World('lives');
    const host = world.host('a');
    const happened: string[] = [];
    const { clock, tcp, keyValue } = host.devices;
    clock.timer(100, () => happened.push('timer'));
    void clock.sleep(100).then(() => happened.push('sleep'));
    await world.run(async () => {
      host.crash();
      host.restart();
      void tcp.listen({ host: '::', port: 80 }, () => undefined).then(() => happened.push('listen'));
      void keyValue.put('key', new Uint8Array()).then(() => happened.push('put'));
      await world.sleep(1_000);
      await host.devices.tcp.listen({ host: '::', port: 80 }, () => undefined);
      expect(await host.devices.keyValue.list('')).toEqual([]);
    });
    expect(happened).toEqual([]);
  });

  it('has a wall clock that jumps and a monotonic one that does not', async () => {
    const world = new World('clock');
    const host = world.host('a');
    await world.run(async () => {
      const { clock } = host.devices;
      const [wallMs, steadyMs] = [clock.now(), clock.monotonic()];
      host.setClock(-3_600_000);
      await clock.sleep(1_000);
      expect(clock.now() - wallMs).toBe(-3_599_000);
      expect(clock.monotonic() - steadyMs).toBe(1_000);
      host.crash();
      host.restart();
      expect(host.devices.clock.now() - wallMs).toBe(-3_599_000);
    });
  });
});

describe("node's own HTTP server", () => {
  it('answers over a simulated flow, and replays', async () => {
    const digests = new Set<string>();
    for (let run = 0; run < 2; run++) {
      const world = new World('http');
      const [a, b] = [world.host('a'), world.host('b')];
      const server = createServer((_request, response) => void response.end('hello'));
      await world.run(async () => {
        await b.devices.tcp.listen({ host: '::', port: 80 }, flow => void server.emit('connection', flow));
        const url = new URL(`http://${b.address}/`);
        const { body } = await a.devices.http.request({ method: 'GET', url });
        expect(decodeUtf8(body)).toBe('hello');
      });
      digests.add(world.events.digest());
    }
    expect(digests.size).toBe(1);
  });
});

describe('TLS in virtual time', () => {
  it('trusts a certificate while it is valid and not after', async () => {
    const world = new World('validity');
    const [a, b] = [world.host('a'), world.host('b')];
    const { one, authorityPem } = testCertificates;
    const { validFromDate, validToDate } = new X509Certificate(one.certificateChainPem);
    world.authoritiesPem.push(authorityPem);
    const connect = async (): Promise<string> => {
      const flow = await a.devices.tcp.connect({ host: b.address, port: 443 });
      return a.devices.tls.client(flow, { serverName: 'one.test' }).then(
        () => 'trusted',
        (error: Error) => error.message,
      );
    };
    await world.run(async () => {
      await b.devices.tcp.listen({ host: '::', port: 443 }, flow => {
        b.devices.tls.server(flow, { credentialsFor: () => one, alpnProtocols: [] }).catch(() => undefined);
      });
      const setClock = (toMs: number): void => a.setClock(toMs - a.devices.clock.now());
      setClock(validFromDate.getTime() - 60_000);
      expect(await connect()).toContain('not valid yet');
      await world.sleep(60_000);
      expect(await connect()).toBe('trusted');
      setClock(validToDate.getTime() - 60_000);
      expect(await connect()).toBe('trusted');
      await world.sleep(61_000);
      expect(await connect()).toContain('expired');
    });
  });
});
