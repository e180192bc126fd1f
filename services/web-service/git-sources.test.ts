import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../shared/appliance/testing/fakes.ts';
import type { Releases } from '../../shared/components/releases/releases.ts';
import type { Clock, Timer } from '../../shared/devices/clock.ts';
import { sitesOf, webServiceConfiguration } from './config.ts';
import { openGitSources } from './git-sources.ts';
import type { WebDevices } from './service.ts';

const CONFIG = webServiceConfiguration.parse({
  names: ['first.example'],
  'git-url': 'https://git.example/first.git',
  sites: [
    {
      names: ['second.example'],
      folder: 'second',
      'git-url': 'https://git.example/second.git',
      'git-hook-secret': 'second-hook',
    },
  ],
});

function setUp(secrets: Readonly<Record<string, string>>) {
  const clock = createFakeClock(0);
  const timers = new Set<Timer>();
  const watched: Clock = {
    ...clock,
    timer(ms, callback) {
      const timer = clock.timer(ms, callback);
      timers.add(timer);
      return timer;
    },
  };
  const releases = ['first.example', 'second.example'].map(name => ({ name }) as Releases);
  const health = { degrade: () => undefined, recover: () => undefined };
  const secret = (name: string): Promise<string | undefined> => Promise.resolve(secrets[name]);
  const opening = openGitSources(sitesOf(CONFIG), releases, { clock: watched } as WebDevices, {
    health,
    secret,
  });
  return { opening, timers };
}

describe('openGitSources()', () => {
  it.each<[string, Record<string, string>]>([
    ['is not there', {}],
    ['is empty, and would be a key that everybody has', { 'second-hook': ' \n' }],
  ])('follows nothing where a secret %s', async (_how, secrets) => {
    const { opening, timers } = setUp(secrets);
    await expect(opening).rejects.toThrow('the secret "second-hook" is missing: put it into the file');
    expect(timers.size).toBe(0);
  });

  it('follows each repository, and takes calls that are signed with the secret', async () => {
    const { opening, timers } = setUp({ 'second-hook': 'key\n' });
    using sources = await opening;
    expect([timers.size, [...sources.receivers.keys()]]).toEqual([2, ['_lares/pull/second.example']]);
    const call = async (key: string): Promise<number | undefined> => {
      const content = new Uint8Array(3);
      const signature = createHmac('sha256', key).update(content).digest('hex');
      const fields = { 'x-hub-signature-256': `sha256=${signature}` };
      const receive = sources.receivers.get('_lares/pull/second.example');
      return (await receive?.({ method: 'POST', target: '/', fields }, content))?.status;
    };
    expect([await call('key'), await call('')]).toEqual([204, 403]);
  });
});
