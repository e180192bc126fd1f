import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../shared/devices/clock.ts';
import type { RecordType, Resolver } from '../../shared/devices/resolver.ts';
import type { DnsChallengeSolver } from '../../shared/components/dns-update/dns-challenge-solver.ts';
import { createDnsUpdateSolver } from '../../shared/components/dns-update/dns-update-solver.ts';
import { createHostClock } from '../../shared/host/clock.ts';
import { createHostLog } from '../../shared/host/log.ts';
import { createHostRandom } from '../../shared/host/random.ts';
import { createHostTcp } from '../../shared/host/tcp.ts';
import { createHostUdp } from '../../shared/host/udp.ts';
import { createScratch, type Scratch } from '../images/scratch.ts';
import { lastingPort } from '../lasting-port.ts';
import { startBind, startKnot, ZONE, type DnsPeer, type Key } from './dns-peers.ts';

const random = createHostRandom();
const keys: readonly Key[] = (['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const).map(algorithm => ({
  name: `${algorithm}.acme`,
  algorithm,
  secret: random.bytes(32),
}));
const [key] = keys as [Key];
const powerless: Key = { ...key, name: 'powerless' };
const name = `_acme-challenge.${ZONE}`;

/** What the world outside says: where the zone's servers are, and which names are aliases. */
const world: Readonly<Record<string, string>> = {
  'A ns1.lares.test': '127.0.0.1',
  'A ns2.lares.test': '127.0.0.2',
  [`CNAME _acme-challenge.www.elsewhere.example`]: 'www.alias.lares.test',
  'CNAME round.example': 'round.example',
};
const resolver: Resolver = {
  async resolve(asked, type: RecordType) {
    const found = world[`${type} ${asked}`];
    return {
      records: (found === undefined ? [] : [found]) as never[],
      exists: true,
      secure: false,
      ttlSeconds: 1,
    };
  },
};

function devices(clock: Clock = createHostClock()): Parameters<typeof createDnsUpdateSolver>[1] {
  const log = createHostLog({ output: { write: () => true } });
  const lookup = async (): Promise<never> => Promise.reject(new Error('no names are looked up here'));
  const udp = createHostUdp({ entry: new URL(import.meta.url), planes: {}, log });
  return { udp, tcp: createHostTcp(lookup), clock, random, resolver, log };
}

/** One primary, one secondary, the same port on both addresses. */
describe('a dns-01 solver against knot', () => {
  let scratch: Scratch;
  let port = 0;
  let primary: DnsPeer;
  let secondary: DnsPeer;

  beforeAll(async () => {
    scratch = await createScratch();
    port = await lastingPort({ datagrams: true });
    const shared = { folder: scratch.path, port };
    primary = await startKnot({
      ...shared,
      host: '127.0.0.1',
      keys,
      powerless: [powerless],
      notifies: '127.0.0.2',
    });
    secondary = await startKnot({ ...shared, host: '127.0.0.2', transfersFrom: '127.0.0.1' });
  });
  afterAll(async () => {
    await secondary[Symbol.asyncDispose]();
    await primary[Symbol.asyncDispose]();
    await scratch[Symbol.asyncDispose]();
  });

  function solver(wanted: Partial<Key> = {}, clock?: Clock): DnsChallengeSolver {
    const options = { server: { host: '127.0.0.1', port }, key: { ...key, ...wanted }, nameServerPort: port };
    return createDnsUpdateSolver(options, devices(clock));
  }

  it.each(keys)('adds a value beside others and takes away just its own, signed by $name', async wanted => {
    await solver(wanted).present({ name, value: 'first' });
    await solver(wanted).present({ name, value: 'second' });
    // Resolved means: every server of the zone shows it.
    expect(await Promise.all([primary.texts(name), secondary.texts(name)])).toEqual([
      ['first', 'second'],
      ['first', 'second'],
    ]);
    await solver(wanted).remove({ name, value: 'first' });
    await solver(wanted).remove({ name, value: 'first' });
    expect(await primary.texts(name)).toEqual(['second']);
    await solver(wanted).remove({ name, value: 'second' });
    expect(await primary.texts(name)).toEqual([]);
  });

  it('puts the value where the alias of a foreign name ends', async () => {
    const record = { name: '_acme-challenge.www.elsewhere.example', value: 'by alias' };
    await solver().present(record);
    expect(await secondary.texts('www.alias.lares.test')).toEqual(['by alias']);
    await solver().remove(record);
    expect(await primary.texts('www.alias.lares.test')).toEqual([]);
  });

  it.each([
    ['a key it does not know', { name: 'stranger' }, /does not know the key stranger.*BADKEY/],
    ['another secret', { secret: new Uint8Array(32) }, /signature made with the key .*BADSIG.*secret/],
    ['another algorithm', { algorithm: 'hmac-sha512' as const }, /does not know the key .*BADKEY/],
  ])('says what is wrong with %s', async (_what, wanted, words) => {
    await expect(solver(wanted).present({ name, value: 'refused' })).rejects.toThrow(words);
    expect(await primary.texts(name)).toEqual([]);
  });

  it('tells both times where the clocks differ', async () => {
    const clock = createHostClock();
    const hour = 3_600_000;
    const slow: Clock = { ...clock, now: () => clock.now() - hour };
    const refused = solver({}, slow).present({ name, value: 'late' });
    await expect(refused).rejects.toThrow(/BADTIME.*it is 20\d\d-.*Z here and 20\d\d-.*Z there/);
  });

  it.each([
    [
      'another zone',
      '_acme-challenge.other.example',
      /127\.0\.0\.1:\d+ has no zone that _acme-challenge\.other/,
    ],
    ['a zone below', `_acme-challenge.handed.${ZONE}`, /has handed .* on to other servers/],
    ['an alias without an end', 'round.example', /aliases \(CNAME\) that begin at round\.example do not end/],
  ])('says that a name is in %s', async (_what, asked, words) => {
    await expect(solver().present({ name: asked, value: 'x' })).rejects.toThrow(words);
  });

  it('names a server that does not answer, and stops at once when told to', async () => {
    const options = { server: { host: '127.0.0.3', port }, key, nameServerPort: port };
    const absent = createDnsUpdateSolver(options, devices());
    await expect(absent.present({ name, value: 'x' })).rejects.toThrow(/the DNS server 127\.0\.0\.3:\d+: /);
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(absent.present({ name, value: 'x' }, stop)).rejects.toThrow('stopped');
  });

  it('goes on without a dead secondary', async () => {
    await secondary[Symbol.asyncDispose]();
    await solver().present({ name, value: 'one server' });
    expect(await primary.texts(name)).toEqual(['one server']);
    await solver().remove({ name, value: 'one server' });
  });
});

describe('a dns-01 solver against BIND', () => {
  it('adds a value beside others and takes away just its own', async () => {
    await using scratch = await createScratch();
    const port = await lastingPort({ datagrams: true });
    await using bind = await startBind({
      folder: scratch.path,
      host: '127.0.0.1',
      port,
      keys,
      powerless: [powerless],
    });
    for (const wanted of keys) {
      const options = { server: { host: '127.0.0.1', port }, key: wanted, nameServerPort: port };
      const solver = createDnsUpdateSolver(options, devices());
      await solver.present({ name, value: 'kept' });
      await solver.present({ name, value: wanted.name });
      await solver.remove({ name, value: wanted.name });
      expect(await bind.texts(name)).toEqual(['kept']);
    }
    const refused = async (wrong: Key): Promise<void> => {
      const options = { server: { host: '127.0.0.1', port }, key: wrong, nameServerPort: port };
      await createDnsUpdateSolver(options, devices()).present({ name, value: 'x' });
    };
    await expect(refused(powerless)).rejects.toThrow(
      /refused to update the zone lares\.test \(REFUSED\): allow/,
    );
    await expect(refused({ ...key, secret: new Uint8Array(32) })).rejects.toThrow(/BADSIG/);
    expect(await bind.texts(name)).toEqual(['kept']);
  });
});
