import { describe, expect, it } from 'vitest';
import { ALGORITHM } from '../../protocols/dns/dnssec/dnskey.ts';
import { frameMessage, MessageFrames } from '../../protocols/dns/message-frames.ts';
import { household } from '../../protocols/dns/resolver/testing/household.ts';
import { SIGNED_AT_SECONDS, type Internet } from '../../protocols/dns/resolver/testing/internet.ts';
import { ADDRESSES } from '../../protocols/dns/resolver/testing/told.ts';
import { seededSigningKey } from '../../simulation/signing-key.ts';
import { World } from '../../simulation/world.ts';
import { createValidatingResolver, type ValidatingResolver } from './resolver.ts';

const SERVERS = 16;

/** Every server of the household is a host; they answer by UDP and TCP for as long as the world runs. */
async function serve(world: World, internet: Internet): Promise<void> {
  for (let number = 1; number <= SERVERS; number++) {
    const host = `192.0.2.${number}`;
    const { udp, tcp } = world.host(`server ${number}`, { addresses: [host] }).devices;
    const socket = await udp.bind({ host, port: 53 });
    const answer = async (): Promise<never> => {
      for (;;) {
        const { bytes, source } = await socket.receive();
        const reply = internet.answer(host, 'udp', bytes);
        if (reply !== undefined) await socket.send(reply, source);
      }
    };
    void answer().catch(() => undefined);
    await tcp.listen({ host, port: 53 }, flow => {
      const frames = new MessageFrames();
      flow.on('data', (piece: Uint8Array) => {
        for (const query of frames.take(piece)) {
          const reply = internet.answer(host, 'tcp', query);
          if (reply !== undefined) flow.write(frameMessage(reply));
        }
      });
    });
  }
}

async function inWorld(
  seed: string,
  ask: (resolver: ValidatingResolver, world: World) => Promise<void>,
): Promise<void> {
  const world = new World(seed);
  const internet = household(() => seededSigningKey(world.prng, { algorithm: ALGORITHM.ED25519, ksk: true }));
  const home = world.host('home');
  home.setClock((SIGNED_AT_SECONDS + 3_600) * 1_000 - home.devices.clock.now());
  await world.run(async () => {
    await serve(world, internet);
    const options = {
      rootServers: internet.rootServers(),
      anchors: [internet.anchor('.')],
      deadlineMs: 60_000,
    };
    const resolver = createValidatingResolver(options, home.devices);
    await ask(resolver, world);
    await resolver[Symbol.asyncDispose]();
  });
}

describe('over a network', () => {
  it.each(['first', 'second', 'third'])(
    'that loses and doubles datagrams (seed %s), answers are right',
    async seed => {
      await inWorld(seed, async (resolver, world) => {
        world.network.setConditions({ lossRate: 0.05, duplicateRate: 0.2 });
        for (const [name, right] of ADDRESSES) {
          const { records, exists, secure } = await resolver.resolve(`${name}.nsec3.test`, 'A');
          const told = records[0] ?? (exists ? 'no data' : 'no name');
          expect([name, told, secure]).toEqual([name, right, true]);
        }
      });
    },
  );

  it('that is cut, the question ends in time and says which server was silent', async () => {
    await inWorld('cut', async (resolver, world) => {
      world.network.partition('home', 'server 1');
      await expect(resolver.resolve('www.nsec.test', 'A')).rejects.toMatchObject({
        kind: 'name-server-failed',
        message: expect.stringContaining('192.0.2.1') as string,
      });
      expect(world.nowMs).toBeLessThan(60_000);
    });
  });
});
