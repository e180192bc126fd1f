import { expect, it } from 'vitest';
import { letsEncryptProfiles } from '../../../../shared/simulation/acme-authority/profiles.ts';
import { Prng } from '../../../../shared/simulation/prng.ts';
import { World } from '../../../../shared/simulation/world.ts';
import { Appliance } from './appliance.ts';
import { AuthorityHost } from './authority-host.ts';
import { createDirectHttp } from './direct-http.ts';

const ISSUANCES = 500;
const HOUR_MS = 3_600_000;
const LONG_MS = 300_000;

it(
  `${ISSUANCES} issuances in a row succeed where 15 of 100 nonces are refused`,
  async () => {
    const world = new World('issuances');
    world.zones.add('shop.lares.eu', 'A', '93.184.215.14');
    const options = {
      nonceRejection: 0.15,
      profiles: letsEncryptProfiles,
      renewalRetryAfterMs: 24 * HOUR_MS,
    };
    const host = new AuthorityHost(world, 'ca.lares.eu', action => appliance.look(action), options);
    let refused = 0;
    const appliance = new Appliance(world, {
      nameSets: [['shop.lares.eu']],
      authorities: [host.directoryUrl],
      profile: 'shortlived',
      challenges: ['http-01'],
      devicesOf(devices) {
        const http = createDirectHttp({
          hosts: [host],
          clock: devices.clock,
          prng: new Prng('latency'),
          lostAnswers: 0,
          elsewhere: request => appliance.answer(request),
          onRequest: () => undefined,
          onAnswer: (_host, _request, { status }) => void (refused += status === 400 ? 1 : 0),
        });
        return { ...devices, http };
      },
    });
    const { certificates, orders } = host.authority;
    appliance.start();
    await world.run(async () => {
      while (certificates.length < ISSUANCES) await world.sleep(12 * HOUR_MS);
    });
    expect(world.violations).toEqual([]);
    expect(orders).toHaveLength(ISSUANCES);
    expect(orders.slice(0, -1).every(({ status }) => status === 'valid')).toBe(true);
    expect(host.authority.limitHits).toEqual([]);
    expect(refused).toBeGreaterThan(ISSUANCES);
  },
  LONG_MS,
);
