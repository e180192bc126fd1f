import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Service } from '../../shared/appliance/service.ts';
import { certificatesConfiguration } from '../../shared/components/certificates/configuration.ts';
import { encodeFile, type EncodeInput } from '../../shared/components/content-codings/encode-file.ts';
import type { Clock, Timer } from '../../shared/devices/clock.ts';
import type { Jobs } from '../../shared/devices/jobs.ts';
import { createHostDevices } from '../../shared/host/devices.ts';
import { isTrusted } from './certificates.ts';
import { webServiceConfiguration, type WebServiceConfiguration } from './config.ts';
import { createWebService } from './service.ts';

const config = {
  ...webServiceConfiguration.parse({
    names: ['localhost'],
    address: '127.0.0.1',
    'https-port': 0,
    engine: 'node',
  }),
  certificates: certificatesConfiguration.parse({ ca: 'none' }),
};
const health = { degrade: () => undefined, recover: () => undefined };
const jobs = {
  run: <Output>(_name: string, input: unknown) => Promise.resolve(encodeFile(input as EncodeInput) as Output),
} as Jobs;

/** A clock that tells how many of its timers are still to ring. */
function watch(clock: Clock): { readonly clock: Clock; readonly running: ReadonlySet<Timer> } {
  const running = new Set<Timer>();
  const watched: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    timer(ms, callback) {
      const inner = clock.timer(ms, () => {
        running.delete(timer);
        callback();
      });
      const cancel = (): void => {
        running.delete(timer);
        inner.cancel();
      };
      const timer: Timer = { cancel, [Symbol.dispose]: cancel };
      running.add(timer);
      return timer;
    },
  };
  return { clock: watched, running };
}

/** Devices over loopback and a site of one page. */
async function setUp() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'lares-web-service-'));
  await mkdir(join(folder.path, 'web-service/site'), { recursive: true });
  await writeFile(join(folder.path, 'web-service/site/index.html'), 'home');
  const devices = await createHostDevices({
    entry: import.meta.url,
    dataFolder: join(folder.path, 'data'),
    planes: {},
    jobs: {},
    services: {},
    logOutput: { write: () => undefined },
  });
  const { clock, running } = watch(devices.clock);
  const create = (change: Partial<WebServiceConfiguration>): Service =>
    createWebService(
      { ...config, 'http-port': 0, ...change },
      { ...devices, clock, jobs },
      { health, contentFolder: folder.path },
    );
  return {
    devices,
    running,
    create,
    async [Symbol.asyncDispose]() {
      await devices[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('a start of the web service', () => {
  it('that lacks a secret leaves nothing running behind', async () => {
    await using world = await setUp();
    const service = world.create({ 'git-url': 'https://git.example/site.git', 'git-token': 'token' });
    await expect(service.start(new AbortController().signal)).rejects.toThrow(
      'the secret "token" is missing',
    );
    expect(world.running.size).toBe(0);
  });

  it('that finds a port taken leaves nothing running behind', async () => {
    await using world = await setUp();
    await using taken = await world.devices.tcp.listen({ host: '127.0.0.1', port: 0 }, flow =>
      flow.destroy(),
    );
    const start = world.create({ 'http-port': taken.address.port }).start(new AbortController().signal);
    await expect(start).rejects.toMatchObject({ kind: 'address-in-use' });
    expect(world.running.size).toBe(0);
  });

  it('that goes well runs until it is stopped', async () => {
    await using world = await setUp();
    const service = world.create({});
    await service.start(new AbortController().signal);
    expect(world.running.size).toBeGreaterThan(0);
    await service[Symbol.asyncDispose]();
    expect(world.running.size).toBe(0);
  });
});

describe('isTrusted()', () => {
  it.each([
    ["Let's Encrypt", true],
    ['ZeroSSL', true],
    ['self-signed', false],
    ["(STAGING) Let's Encrypt", false],
    ['(STAGING) Wannabe Watercress R11', false],
  ])('%s: %s', (issuer, expected) => {
    expect(isTrusted(issuer)).toBe(expected);
  });
});
