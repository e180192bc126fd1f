import { expect, it } from 'vitest';
import { dial, LIMITS, request, serve, type HttpEngineWorld } from '../../compliance/http-conversation.ts';
import { describeHttpEngine } from '../../compliance/http-engine.ts';
import { complianceHttpPlanes } from '../../compliance/http-planes.ts';
import { until } from '../../compliance/waiting.ts';
import { PlaceCounts } from '../../protocols/http/place-counts.ts';
import { networkOf } from '../../protocols/ip/network-of.ts';
import { createHostClock } from '../clock.ts';
import { createHostLog } from '../log.ts';
import { createHostTcp } from '../tcp.ts';
import { createHostTls } from '../tls.ts';
import { createHostHttpEngine } from './http-engine.ts';

const entry = new URL('../../../integration/host/http-entry.ts', import.meta.url);
const log = createHostLog({ output: false });
const noNames = (): never => {
  throw new Error('this test asks for no names');
};

function makeWorld(): HttpEngineWorld & AsyncDisposable {
  const engine = createHostHttpEngine({ entry, planes: complianceHttpPlanes, log });
  if (engine === undefined) throw new Error('the host has no node:ffi');
  const client = { tcp: createHostTcp(noNames), tls: createHostTls() };
  const end = async (): Promise<void> => {};
  return { engine, client, address: '::1', clock: createHostClock(), [Symbol.asyncDispose]: end };
}

describeHttpEngine('the host', async () => makeWorld());

it('a network has its share here and with whoever serves it elsewhere together', async () => {
  const world = makeWorld();
  const placeCounts = PlaceCounts.memoryFor(LIMITS.connectionsMax);
  const [elsewhere, here] = [new PlaceCounts(placeCounts, 0), new PlaceCounts(placeCounts, 1)];
  const network = networkOf(world.address);
  elsewhere.add(network, 6);
  const limits = { ...LIMITS, connectionsPerAddressMax: 8 };
  await using server = await serve(world, { limits, placeCounts });
  using first = await dial(world, server.address);
  first.say(request('/'));
  await first.hears(/hello$/);
  for (let more = 0; more < 2; more++) {
    using talk = await dial(world, server.address);
    talk.say(request('/'));
    await talk.hears(/hello$/);
    expect([here.total, here.of(network)]).toEqual([2, 2]);
    talk.flow.destroy();
    await until(world.clock, 'its place back', () => here.total === 1);
  }
  using _second = await dial(world, server.address);
  using _third = await dial(world, server.address);
  await first.ends();
  await until(world.clock, 'two places', () => server.counters().accepted === 5 && here.total === 2);
  await server.close();
  expect([elsewhere.total, here.total]).toEqual([6, 0]);
}, 30_000);
