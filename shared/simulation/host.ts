import { assert } from '../base/assert.ts';
import type { Devices } from '../devices/devices.ts';
import type { JobTable } from '../devices/jobs.ts';
import type { LogSink } from '../devices/log.ts';
import type { DataPlanes } from '../devices/udp.ts';
import { isIpv4 } from './addresses.ts';
import { createSimulatedClock, type WallClock } from './clock.ts';
import { createSimulatedContent } from './content.ts';
import { openSimulatedDatabase } from './database.ts';
import { SimulatedDisk } from './disk.ts';
import { networkFault } from './faults.ts';
import { createSimulatedFiles } from './files.ts';
import { createSimulatedHttp } from './http.ts';
import { createSimulatedJobs } from './jobs.ts';
import { createSimulatedKeyValue, type KeyValueOptions } from './key-value.ts';
import { Life, type Timeline } from './life.ts';
import { createSimulatedLog } from './log.ts';
import { createSimulatedMetrics } from './metrics.ts';
import type { Network, Site } from './network.ts';
import type { Prng } from './prng.ts';
import { createSimulatedRandom, createSimulatedSecureRandom } from './random.ts';
import { createSimulatedResolver, type Zones } from './resolver.ts';
import { createSimulatedTcp } from './tcp.ts';
import type { NameLookup } from './tcp-dial.ts';
import { createSimulatedTls } from './tls.ts';
import { createSimulatedUdp } from './udp.ts';

export interface HostOptions {
  /** The default is one address of each family, 10.0.0.n and fd00::n. */
  readonly addresses?: readonly string[];
  readonly planes?: DataPlanes;
  readonly jobs?: JobTable;
  readonly keyValue?: KeyValueOptions;
  /** Baked-in files by full path. */
  readonly content?: ReadonlyMap<string, Uint8Array>;
}

/** What a host needs of its world. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly network: Network;
  readonly zones: Zones;
  /** Authorities (PEM) that TLS clients trust where they name none. */
  readonly authoritiesPem: string[];
  readonly prng: Prng;
}

export type SimulatedDevices = Devices & { addLogSink(sink: LogSink): Disposable };

/** A machine in the world: its disk and clock stay, its lives come and go. */
export class SimulatedHost {
  readonly name: string;
  #disk: SimulatedDisk;
  readonly #surroundings: Surroundings;
  readonly #options: HostOptions;
  readonly #site: Site;
  readonly #prng: Prng;
  readonly #wall: WallClock = { offsetMs: 0 };
  #devices: SimulatedDevices | undefined;
  #lives = 0;

  constructor(name: string, surroundings: Surroundings, options: HostOptions) {
    this.name = name;
    this.#surroundings = surroundings;
    this.#options = options;
    this.#prng = surroundings.prng.fork(`host ${name}`);
    this.#disk = new SimulatedDisk(this.#prng.fork('disk'));
    this.#site = surroundings.network.attach(name, options.addresses);
    this.restart();
  }

  get addresses(): readonly string[] {
    return this.#site.addresses;
  }

  /** The data volume of the present life; after a crash it is another one, with what survived. */
  get disk(): SimulatedDisk {
    return this.#disk;
  }

  /** The first IPv4 address. */
  get address(): string {
    const address = this.#site.addresses.find(isIpv4) ?? this.#site.addresses[0];
    assert(address !== undefined, `${this.name} has no address`);
    return address;
  }

  get isUp(): boolean {
    return this.#devices !== undefined;
  }

  /** The devices of the present life. */
  get devices(): SimulatedDevices {
    assert(this.#devices !== undefined, `${this.name} is down`);
    return this.#devices;
  }

  /** Power goes. Everything that runs on the host stops where it waits; unsynced storage is lost, torn or reordered. */
  crash(): void {
    const { life } = this.#site;
    assert(life !== undefined, `${this.name} is down already`);
    const { disk, damage } = this.#disk.crash();
    this.#disk = disk;
    life.record(`crash: ${damage}`);
    this.#devices = undefined;
    this.#site.life = undefined;
    this.#site.listeners.length = 0;
    this.#site.sockets.length = 0;
    this.#site.flows.clear();
    life.end();
  }

  /** Starts a new life over what survived and gives its devices; whoever calls starts the programs. */
  restart(): SimulatedDevices {
    assert(this.#devices === undefined, `${this.name} is up already`);
    const life = new Life(this.name, this.#surroundings.timeline);
    this.#site.life = life;
    this.#devices = this.#createDevices(life);
    life.record('up');
    return this.#devices;
  }

  /** Sets the wall clock forward or back; monotonic time does not notice. */
  setClock(deltaMs: number): void {
    this.#wall.offsetMs += deltaMs;
    this.#site.life?.record(`clock jumps by ${deltaMs} ms`);
  }

  #createDevices(life: Life): SimulatedDevices {
    const { network, zones, authoritiesPem } = this.#surroundings;
    const prng = this.#prng.fork(`life ${++this.#lives}`);
    const site = this.#site;
    const disk = this.#disk;
    const clock = createSimulatedClock(life, this.#wall);
    const resolver = createSimulatedResolver(zones, life, prng.fork('resolver'));
    const tcp = createSimulatedTcp({ network, site, life, lookUp: createLookup(resolver) });
    const tls = createSimulatedTls(clock, authoritiesPem);
    return {
      clock,
      random: createSimulatedRandom(prng.fork('random')),
      secureRandom: createSimulatedSecureRandom(prng.fork('secure random')),
      tcp,
      udp: createSimulatedUdp({ network, site, life, clock, planes: this.#options.planes ?? {} }),
      tls,
      keyValue: createSimulatedKeyValue(disk, life, this.#options.keyValue),
      files: createSimulatedFiles(disk, life),
      content: createSimulatedContent(this.#options.content),
      openDatabase: name => openSimulatedDatabase(disk, life, name),
      resolver,
      http: createSimulatedHttp({ tcp, tls, clock }),
      jobs: createSimulatedJobs(this.#options.jobs ?? {}, life, prng.fork('jobs')),
      metrics: createSimulatedMetrics(),
      ...withSinks(life, clock),
    };
  }
}

function withSinks(life: Life, clock: Devices['clock']): Pick<SimulatedDevices, 'log' | 'addLogSink'> {
  const log = createSimulatedLog(life, clock);
  return { log, addLogSink: sink => log.addLogSink(sink) };
}

function createLookup(resolver: Devices['resolver']): NameLookup {
  return async (name, signal) => {
    if (name === 'localhost') return ['127.0.0.1'];
    const [sixes, fours] = await Promise.all([
      resolver.resolve(name, 'AAAA', signal),
      resolver.resolve(name, 'A', signal),
    ]);
    if (sixes.records.length + fours.records.length === 0)
      throw networkFault('name-not-found', `there is no address for ${name}`);
    return interleave(sixes.records, fours.records);
  };
}

/** RFC 8305 §4: the families take turns, IPv6 first, each in the order given. */
function interleave(sixes: readonly string[], fours: readonly string[]): string[] {
  const turns = Array.from({ length: Math.max(sixes.length, fours.length) }, (_, index) => index);
  return turns.flatMap(index => [...sixes.slice(index, index + 1), ...fours.slice(index, index + 1)]);
}
