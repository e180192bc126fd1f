import type { ServiceContext } from '../../../shared/appliance/service.ts';
import { ok } from '../../../shared/base/result.ts';
import { createSecrets } from '../../../shared/components/certificates/secrets.ts';
import { gitSourceOptions } from '../../../shared/components/releases/git/configuration.ts';
import {
  followGit,
  type GitDevices,
  type GitSource,
} from '../../../shared/components/releases/git/git-source.ts';
import { openReleases } from '../../../shared/components/releases/open-releases.ts';
import { releaseRows } from '../../../shared/components/releases/release-rows.ts';
import { ContentRefused, type Stage } from '../../../shared/components/releases/release.ts';
import type { Releases } from '../../../shared/components/releases/releases.ts';
import type { Devices } from '../../../shared/devices/devices.ts';
import type { DnsServiceConfiguration } from '../config.ts';
import { messageOf, type Events } from '../events.ts';
import { ZONE_FOLDER_MAX_BYTES } from '../limits.ts';
import { readAllZones, type ReadZones } from './read-all-zones.ts';
import { zoneReader } from './read-job.ts';
import { ZoneError } from './zone-error.ts';
import { readZoneFolder, zonesWithFile, type ReadZoneFile, type ZoneFiles } from './zone-files.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

export type ZoneReleaseDevices = Pick<Devices, 'content' | 'files' | 'jobs'> & GitDevices;

export interface ZoneReleaseContext extends Pick<ServiceContext, 'contentFolder' | 'health' | 'secret'> {
  readonly events: Events;
}

type Row = readonly [label: string, value: string];

/** By which operators call the zone folder. */
const NAME = 'zones';

const CONDITION = 'dns-zone-release';

/**
 * The zone folder: as it was baked in, or as a release has it that came from git or an operator while the service ran. A release is taken whole,
 * and only where every zone of it could be served.
 */
export class ZoneReleases implements Disposable {
  readonly #config: DnsServiceConfiguration;
  readonly #context: ZoneReleaseContext;
  readonly #jobs: Devices['jobs'];
  #files: ZoneFiles = new Map();
  #keepers: (() => readonly ZoneKeeper[]) | undefined;
  #releases: Releases | undefined;
  #git: GitSource | undefined;
  /** One release at a time. */
  #taking: Promise<void> = Promise.resolve();

  private constructor(
    config: DnsServiceConfiguration,
    context: ZoneReleaseContext,
    { jobs }: Pick<Devices, 'jobs'>,
  ) {
    this.#config = config;
    this.#jobs = jobs;
    this.#context = context;
  }

  /** Reads the folder, or the release shown last. @throws ZoneError where there is none that can be served. */
  static async open(
    config: DnsServiceConfiguration,
    devices: ZoneReleaseDevices,
    context: ZoneReleaseContext,
  ): Promise<ZoneReleases> {
    const opened = new ZoneReleases(config, context, devices);
    // Where no zone has a file there need be no folder.
    if (zonesWithFile(config.zones).length > 0) await opened.#open(devices);
    return opened;
  }

  /** Of the release that is shown, while the zones are opened. */
  get read(): ReadZoneFile {
    return zoneReader(this.#files, this.#jobs);
  }

  get releases(): readonly Releases[] {
    return this.#releases === undefined ? [] : [this.#releases];
  }

  rows(): readonly Row[] {
    if (this.#releases === undefined) return [];
    return [...releaseRows(this.#releases), ...(this.#git?.rows() ?? [])];
  }

  /** From now on `keepers` get what is newer. @throws DeviceError where the secret of the repository is missing. */
  async follow(keepers: () => readonly ZoneKeeper[], devices: GitDevices): Promise<void> {
    this.#keepers = keepers;
    // They have read them.
    this.#files = new Map();
    const { secret, health } = this.#context;
    const options = await gitSourceOptions(this.#config, createSecrets(secret ?? (async () => undefined)));
    if (this.#releases !== undefined && options !== undefined)
      this.#git = followGit(this.#releases, options, devices, health);
  }

  [Symbol.dispose](): void {
    this.#git?.[Symbol.dispose]();
  }

  async #open(devices: ZoneReleaseDevices): Promise<void> {
    const { contentFolder, health } = this.#context;
    const { 'zone-folder': folder, 'git-url': url } = this.#config;
    const bakedIn = () => readZoneFolder(devices.content, contentFolder, folder);
    // What nothing newer comes for is checked when the zones are opened.
    if (url === undefined) return void (this.#files = await bakedIn());
    const options = {
      name: NAME,
      bakedIn: async () => [...(await bakedIn())].map(([path, bytes]) => ({ path, bytes })),
      stage: this.#stage,
      sizeMaxBytes: ZONE_FOLDER_MAX_BYTES,
    };
    try {
      this.#releases = await openReleases(options, devices, health);
    } catch (error) {
      if (!(error instanceof ContentRefused)) throw error;
      throw new ZoneError(`the zones cannot be served:\n${error.message}`, { cause: error });
    }
  }

  readonly #stage: Stage = async contents => {
    const files = new Map(contents.map(({ path, bytes }) => [path, bytes]));
    const read = zoneReader(files, this.#jobs);
    const zones = await readAllZones(this.#config.zones, read, this.#keepers?.() ?? []);
    if (!zones.ok) return zones;
    return ok(() => {
      if (this.#keepers === undefined) this.#files = files;
      else this.#taking = this.#taking.then(() => this.#take(zones.value));
    });
  };

  /** What cannot be kept at this moment is taken at the next start: the release itself is durable. */
  async #take(zones: ReadZones): Promise<void> {
    const { events, health } = this.#context;
    const faults: string[] = [];
    for (const keeper of this.#keepers?.() ?? []) {
      const zone = zones.get(keeper.configuration.name);
      if (zone === undefined) continue;
      try {
        if (await keeper.takeFile(zone)) events.takenOver(keeper);
      } catch (error) {
        faults.push(`${keeper.configuration.name}: ${messageOf(error)}`);
      }
    }
    if (faults.length === 0) return health.recover(CONDITION);
    health.degrade(CONDITION, `Not all zones of the release could be taken over. ${faults.join('; ')}`);
  }
}
