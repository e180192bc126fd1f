import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import type { Clock } from '../devices/clock.ts';
import type { LogRecord } from '../devices/log.ts';
import type { Metrics } from '../devices/metrics.ts';
import type { Tcp } from '../devices/tcp.ts';
import { collect, until, within, type Make } from './waiting.ts';

/** The shape of the appliance's Service, which lies above what is tested here. */
export interface TestedService extends AsyncDisposable {
  start(signal: AbortSignal): Promise<void>;
  urls(): readonly string[];
  status(): readonly { readonly title: string; readonly rows: readonly (readonly [string, string])[] }[];
}

/** A service in the form under test: on this thread or in a worker. Not yet started. */
export interface ServiceWorld {
  readonly service: TestedService;
  readonly tcp: Tcp;
  readonly clock: Clock;
}

/** What every service must do, wherever it runs. `probe` asks the service at its first URL and throws where it is wrong. */
export function describeService(
  name: string,
  make: Make<ServiceWorld>,
  probe: (url: URL, world: ServiceWorld) => Promise<void>,
): void {
  const check = (title: string, test: (world: ServiceWorld) => Promise<void>): void =>
    it(title, async () => {
      await using world = await make();
      try {
        await test(world);
      } finally {
        await world.service[Symbol.asyncDispose]();
      }
    });

  describe(`${name} lives as a service does`, () => {
    check('it has no URL before it is started, and answers at its URL when start() resolves', async world => {
      expect(world.service.urls()).toEqual([]);
      await within(world.clock, 'the start', world.service.start(new AbortController().signal));
      await probe(firstUrl(world.service), world);
    });

    check('it tells its status', async ({ service, clock }) => {
      await within(clock, 'the start', service.start(new AbortController().signal));
      for (const { title, rows } of service.status()) {
        expect(title).not.toBe('');
        for (const row of rows) expect(row.length).toBe(2);
      }
    });

    check('it does not start with a signal that is aborted', async ({ service }) => {
      const signal = AbortSignal.abort(new Error('never mind'));
      await expect(service.start(signal)).rejects.toThrow('never mind');
    });

    check('when it is disposed it listens no more; disposing again is fine', async world => {
      const { service, clock, tcp } = world;
      await within(clock, 'the start', service.start(new AbortController().signal));
      const { hostname, port } = firstUrl(service);
      await service[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await expect(tcp.connect({ host: bare(hostname), port: Number(port) })).rejects.toMatchObject({
        kind: 'refused',
      });
    });

    check('it can be disposed without having been started', async ({ service, clock }) => {
      await within(clock, 'the end', service[Symbol.asyncDispose]());
    });
  });
}

/** What {@link describeCountingService} sees of the surroundings. */
export interface CountingWorld extends ServiceWorld {
  readonly logged: readonly LogRecord[];
  /** '+key reason' and '-key' as they came. */
  readonly healthEvents: readonly string[];
  /** What the appliance shows: the service's own are among them. */
  readonly metrics: Metrics;
}

/** Surroundings of a service, seen through the counting service: health, log, and a start that fails. */
export function describeSurroundings(
  name: string,
  make: (greeting: string) => ReturnType<Make<CountingWorld>>,
): void {
  describe(`${name} reaches its surroundings`, () => {
    it('health and log come through', async () => {
      await using world = await make('hello');
      await world.service.start(new AbortController().signal);
      expect(await tell(world, 'count')).toBe('hello 1');
      expect(await tell(world, 'count')).toBe('hello 2');
      await tell(world, 'degrade');
      await tell(world, 'recover');
      await until(world.clock, 'both health events', () => world.healthEvents.length === 2);
      expect(world.healthEvents).toEqual(['+told somebody said so', '-told']);
      await until(world.clock, 'both log events', () => world.logged.length >= 2);
      expect(world.logged.map(({ message, fields }) => [message, fields['count']])).toEqual([
        ['counted', 1],
        ['counted', 2],
      ]);
      await world.service[Symbol.asyncDispose]();
    });

    it('metrics come through, also those of the last moment', async () => {
      await using world = await make('hello');
      await world.service.start(new AbortController().signal);
      expect(await world.metrics.expose()).toContain('lares_counted_total 0');
      await tell(world, 'count');
      await tell(world, 'count');
      await world.service[Symbol.asyncDispose]();
      const lines = (await world.metrics.expose()).split('\n');
      expect(lines).toContain('# HELP lares_count The number reached');
      expect(lines).toContain('lares_counted_total 2');
      expect(lines).toContain('lares_count{greeting="hello"} 2');
      expect(lines).toContain('lares_count_size_bucket{le="1"} 1');
      expect(lines).toContain('lares_count_size_count 2');
    });

    it('a start that fails says why', async () => {
      await using world = await make('');
      const starting = world.service.start(new AbortController().signal);
      await expect(starting).rejects.toThrow('the greeting is empty; a word would be right');
      await world.service[Symbol.asyncDispose]();
    });
  });
}

/** One line to the counting service, and its answer. */
export async function tell({ service, tcp, clock }: ServiceWorld, line: string): Promise<string> {
  const { hostname, port } = firstUrl(service);
  const flow = await tcp.connect({ host: bare(hostname), port: Number(port) });
  const received = collect(flow);
  flow.write(encodeUtf8(`${line}\n`));
  await until(clock, `the answer to ${line}`, () => decodeUtf8(received.bytes()).endsWith('\n'));
  flow.destroy();
  return decodeUtf8(received.bytes()).trim();
}

function firstUrl(service: TestedService): URL {
  const [url] = service.urls();
  if (url === undefined) throw new Error('the service has no URL');
  return new URL(url);
}

/** Without the brackets of an IPv6 address in a URL. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
