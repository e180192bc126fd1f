import { expect, it } from 'vitest';
import { decodeMessage, TYPE } from '../protocols/dns/message.ts';
import { formatName, lowerName } from '../protocols/dns/name.ts';
import { World } from '../simulation/world.ts';
import { chooseResolver } from './choose-resolver.ts';
import { resolver as table } from './configuration/resolver.ts';
import type { ApplianceDevices } from './run-options.ts';

const FORWARDER = '203.0.113.53';

function applianceIn(world: World, ended: string[] = []): ApplianceDevices {
  const end = { [Symbol.asyncDispose]: async () => void ended.push('devices') };
  return { ...world.host('appliance').devices, ...end };
}

it('leaves the resolver of the platform where nothing is configured', () => {
  const devices = applianceIn(new World('system'));
  expect(chooseResolver(devices, table.parse(undefined))).toBe(devices);
});

it('takes forwarders for the validating one alone', () => {
  expect(table.safeParse({ forwarders: [FORWARDER] }).success).toBe(false);
  expect(table.safeParse({ mode: 'validating', forwarders: ['dns.example'] }).success).toBe(false);
});

it('asks the configured resolver for what proves its answers, and ends with the devices', async () => {
  const world = new World('validating');
  const ended: string[] = [];
  const configuration = table.parse({ mode: 'validating', forwarders: [FORWARDER] });
  await world.run(async () => {
    const devices = chooseResolver(applianceIn(world, ended), configuration);
    const forwarder = await world.host('forwarder', { addresses: [FORWARDER] }).devices.udp.bind({
      host: FORWARDER,
      port: 53,
    });
    const asking = devices.resolver.resolve('www.example.org', 'A').catch((error: unknown) => error);
    const { bytes } = await forwarder.receive();
    const message = decodeMessage(bytes);
    const [question] = message.ok ? message.value.questions : [];
    // The chain of trust begins at the root's keys.
    expect([formatName(lowerName(question?.name ?? [])), question?.type]).toEqual(['.', TYPE.DNSKEY]);
    await devices[Symbol.asyncDispose]();
    expect(await asking).toMatchObject({ kind: 'closed' });
    expect(ended).toEqual(['devices']);
  });
});
