import { describe, expect, it } from 'vitest';
import {
  startZoneServer,
  type ZoneServer,
  type ZoneServerOptions,
} from '../../integration/host/zone-server.ts';
import { complianceZone, describeResolver } from '../compliance/resolver.ts';
import type { Resolver } from '../devices/resolver.ts';
import { createHostRandom } from './random.ts';
import { createHostResolver } from './resolver.ts';
import { parseResolvConf } from './resolver-servers.ts';

const random = createHostRandom();
const records = complianceZone;

interface World extends AsyncDisposable {
  readonly server: ZoneServer;
  readonly resolver: Resolver;
}

async function open(options: Partial<ZoneServerOptions> = {}, trusted = false): Promise<World> {
  const server = await startZoneServer({ records, ...options });
  const servers = (): Promise<{ servers: [ZoneServer['address']]; trusted: boolean }> =>
    Promise.resolve({ servers: [server.address], trusted });
  const resolver = createHostResolver({ random, servers, roundTimeoutsMs: [150, 150] });
  return { server, resolver, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describeResolver('the host', open);

describe('the stub asks', () => {
  it('again over TCP what was cut short (RFC 7766 §5)', async () => {
    await using world = await open();
    const { records } = await world.resolver.resolve('long.test', 'TXT');
    expect(records.length).toBe(8);
    expect(world.server.asked).toEqual(['udp long.test TXT edns', 'tcp long.test TXT edns']);
  });

  it('again without EDNS where the server does not know it (RFC 6891 §7)', async () => {
    await using world = await open({ refusesEdns: true });
    expect((await world.resolver.resolve('host.test', 'AAAA')).records).toEqual(['2001:db8::1']);
    expect(world.server.asked).toEqual(['udp host.test AAAA edns', 'udp host.test AAAA']);
  });

  it('twice, then gives up on a silent server', async () => {
    await using world = await open({ silent: true });
    await expect(world.resolver.resolve('host.test', 'A')).rejects.toMatchObject({ kind: 'timed-out' });
    expect(world.server.asked.length).toBe(2);
  });

  it('and passes over an answer to another query (RFC 5452 §9.1)', async () => {
    await using world = await open({ forges: true });
    expect((await world.resolver.resolve('host.test', 'AAAA')).records).toEqual(['2001:db8::1']);
  });

  it('the next server where one is not there', async () => {
    await using world = await open();
    // Bound by nobody: the port was this server's a moment ago.
    const gone = await startZoneServer({ records });
    await gone[Symbol.asyncDispose]();
    const servers = [gone.address, world.server.address];
    const resolver = createHostResolver({
      random,
      servers: () => Promise.resolve({ servers, trusted: false }),
    });
    expect((await resolver.resolve('host.test', 'AAAA')).records).toEqual(['2001:db8::1']);
  });

  it('nobody where no server is configured', async () => {
    const resolver = createHostResolver({
      random,
      servers: () => Promise.resolve({ servers: [], trusted: false }),
    });
    await expect(resolver.resolve('host.test', 'A')).rejects.toMatchObject({ kind: 'name-server-failed' });
  });

  it('and believes the AD bit of a trusted server alone', async () => {
    for (const trusted of [true, false]) {
      await using world = await open({ authenticData: true }, trusted);
      expect((await world.resolver.resolve('host.test', 'A')).secure).toBe(trusted);
    }
  });

  it('and stops when it is told to', async () => {
    await using world = await open({ silent: true });
    const stop = new AbortController();
    const asking = world.resolver.resolve('host.test', 'A', stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await expect(asking).rejects.toThrow('enough');
  });
});

describe('parseResolvConf()', () => {
  it('gives the first three servers and whether AD may be trusted', () => {
    const text =
      '# made by hand\nnameserver 192.0.2.1\n;x\nnameserver 2001:db8::53 # far\nnameserver not-an-address\n';
    expect(parseResolvConf(`${text}options ndots:1 trust-ad\n`)).toEqual({
      servers: [
        { host: '192.0.2.1', port: 53 },
        { host: '2001:db8::53', port: 53 },
      ],
      trusted: true,
    });
    expect(parseResolvConf('nameserver 1.1.1.1\n'.repeat(5)).servers.length).toBe(3);
    expect(parseResolvConf('')).toEqual({ servers: [], trusted: false });
  });
});
