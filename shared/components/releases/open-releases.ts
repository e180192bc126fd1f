import { createHash } from 'node:crypto';
import { formatContentFault } from '../../base/content-fault.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { DeviceError } from '../../devices/device-error.ts';
import { admit, isHidden, type IncomingFile } from './admit.ts';
import { changesBetween, isUnchanged } from './changes.ts';
import { FAULTS_TOLD_MAX, SHOWN_KEPT } from './limits.ts';
import type { PackedFile } from './pack.ts';
import {
  BAKED_IN,
  ContentRefused,
  type Refusal,
  type RefusalKind,
  type Release,
  type ReleaseFile,
} from './release.ts';
import { keptRoom, surplus } from './room.ts';
import type { PutOutcome, ReleaseDevices, ReleaseHealth, Releases, ReleasesOptions } from './releases.ts';
import { ReleaseStore } from './store.ts';

/** Shows what was shown last before it resolves. @throws ContentRefused where not even the baked-in content can be shown. */
export async function openReleases(
  options: ReleasesOptions,
  devices: ReleaseDevices,
  health: ReleaseHealth,
): Promise<Releases> {
  const keeper = new ReleaseKeeper(options, devices, health);
  await keeper.open();
  return keeper;
}

/** A release on its way in. */
interface Entry {
  readonly id: number;
  readonly source: string;
  isCommitted: boolean;
}

class ReleaseKeeper implements Releases {
  readonly #options: ReleasesOptions;
  readonly #devices: ReleaseDevices;
  readonly #health: ReleaseHealth;
  readonly #store: ReleaseStore;
  #bakedIn: Release = { id: BAKED_IN, source: 'baked in', timeMs: 0, files: 0, sizeBytes: 0 };
  #current: Release = this.#bakedIn;
  #isBusy = false;

  constructor(options: ReleasesOptions, devices: ReleaseDevices, health: ReleaseHealth) {
    this.#options = options;
    this.#devices = devices;
    this.#health = health;
    this.#store = new ReleaseStore(options.name, devices);
  }

  get name(): string {
    return this.#options.name;
  }

  get sizeMaxBytes(): number {
    return this.#options.sizeMaxBytes;
  }

  current(): Release {
    return this.#current;
  }

  list(): readonly Release[] {
    return [...this.#store.catalogue.releases.toReversed(), this.#bakedIn];
  }

  /** What was shown last; where that cannot be read or shown any more, what was shown before it. */
  async open(): Promise<void> {
    await this.#store.open();
    const wanted = this.#store.catalogue.shown.at(-1);
    let fault: ContentRefused | undefined;
    for (const id of new Set([...this.#store.catalogue.shown.toReversed(), BAKED_IN])) {
      try {
        await this.#show(id);
        if (id !== wanted && fault !== undefined)
          this.#health.degrade(
            this.#condition,
            `Release ${wanted} of ${this.name} cannot be shown, release ${id} is shown in its place: ${fault.message}`,
          );
        return;
      } catch (error) {
        fault ??= asRefusal(error);
        if (id === BAKED_IN) throw asRefusal(error);
        this.#devices.log.error({ site: this.name, release: id, reason: fault.message }, 'release not shown');
      }
    }
  }

  put(incoming: AsyncIterable<IncomingFile>, source: string): Promise<Result<PutOutcome, Refusal>> {
    return this.#alone(async () => {
      const id = this.#store.catalogue.nextId;
      const entry: Entry = { id, source, isCommitted: false };
      try {
        return await this.#put(entry, incoming);
      } finally {
        // Whatever was refused or is no news gives its room back.
        if (!entry.isCommitted) await this.#store.discard(id);
      }
    });
  }

  activate(id: number): Promise<Result<Release, Refusal>> {
    return this.#alone(async () => {
      if (!this.list().some(release => release.id === id))
        throw refused('not-found', `${this.name} has no release ${id}; it has ${this.#listed()}`);
      const { catalogue } = this.#store;
      // Shown already it makes no step: going back from it leads to another release.
      const shown = id === this.#current.id ? this.#history : [...this.#history, id].slice(-SHOWN_KEPT);
      await this.#show(id, () => this.#store.save({ ...catalogue, shown }));
      return this.#current;
    });
  }

  rollback(): Promise<Result<Release, Refusal>> {
    return this.#alone(async () => {
      const { catalogue } = this.#store;
      const before = this.#history.slice(0, -1);
      const id = before.at(-1);
      if (id === undefined)
        throw refused('not-found', `${this.name} shows its first release: there is nothing to go back to`);
      await this.#show(id, () => this.#store.save({ ...catalogue, shown: before }));
      return this.#current;
    });
  }

  async #put(entry: Entry, incoming: AsyncIterable<IncomingFile>): Promise<PutOutcome> {
    const { sizeMaxBytes, derive } = this.#options;
    const space = await this.#devices.files.space();
    const index = await this.#store.write(entry.id, keptRoom(admit(incoming, sizeMaxBytes), space));
    const changes = changesBetween(await this.#currentIndex(), index);
    if (isUnchanged(changes)) return { release: this.#current, changes };
    const content = await this.#store.read(entry.id);
    const files = (await derive?.(content)) ?? content;
    const release = this.#describe(entry, index);
    await this.#switch(files, release, async () => {
      await this.#store.writeDerived(entry.id, files.slice(content.length));
      await this.#commit(entry, release);
    });
    await this.#prune();
    return { release, changes };
  }

  async #commit(entry: Entry, release: Release): Promise<void> {
    const { releases } = this.#store.catalogue;
    // Before the write: where it fails, nobody knows whether the new catalogue is on the disk, so its files have to stay.
    entry.isCommitted = true;
    await this.#store.save({
      nextId: entry.id + 1,
      releases: [...releases, release],
      shown: [...this.#history, entry.id].slice(-SHOWN_KEPT),
    });
  }

  #describe({ id, source }: Entry, index: readonly PackedFile[]): Release {
    const sizeBytes = index.reduce((sum, file) => sum + file.sizeBytes, 0);
    return { id, source, timeMs: this.#devices.clock.now(), files: index.length, sizeBytes };
  }

  /** Reads a release and shows it; `makeDurable` runs when nothing else can go wrong. */
  async #show(id: number, makeDurable: () => Promise<void> = async () => {}): Promise<void> {
    if (id === BAKED_IN) {
      const files = await this.#options.bakedIn();
      const counted = visible(files);
      const sizeBytes = counted.reduce((sum, file) => sum + file.bytes.length, 0);
      this.#bakedIn = { ...this.#bakedIn, files: counted.length, sizeBytes };
      return this.#switch(files, this.#bakedIn, makeDurable);
    }
    const release = this.#store.catalogue.releases.find(each => each.id === id);
    if (release === undefined) throw refused('not-found', `${this.name} has no release ${id}`);
    return this.#switch(await this.#store.read(id), release, makeDurable);
  }

  async #switch(
    files: readonly ReleaseFile[],
    release: Release,
    makeDurable: () => Promise<void>,
  ): Promise<void> {
    const staged = await this.#options.stage(files, release);
    if (!staged.ok) throw new ContentRefused('faulty', staged.error.slice(0, FAULTS_TOLD_MAX));
    await makeDurable();
    staged.value();
    this.#current = release;
    this.#health.recover(this.#condition);
    const { id, source } = release;
    this.#devices.log.info({ site: this.name, release: id, source, files: release.files }, 'release shown');
  }

  async #currentIndex(): Promise<readonly PackedFile[]> {
    const { id } = this.#current;
    // What cannot be read any more cannot be compared with: then all is new.
    if (id !== BAKED_IN) return this.#store.index(id).catch(() => []);
    return visible(await this.#options.bakedIn()).map(({ path, bytes }) => ({
      path,
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }));
  }

  /** Old releases go, first from the catalogue, then from the disk: what a cut leaves between is found at the next start. */
  async #prune(): Promise<void> {
    const { catalogue } = this.#store;
    const gone = new Set(surplus(catalogue, this.#options.sizeMaxBytes));
    if (gone.size === 0) return;
    await this.#store.save({
      ...catalogue,
      releases: catalogue.releases.filter(({ id }) => !gone.has(id)),
      // Two visits of one release are one where what was shown between them is gone.
      shown: catalogue.shown.filter(id => !gone.has(id)).filter((id, index, ids) => id !== ids[index - 1]),
    });
    for (const id of gone) await this.#store.discard(id);
  }

  /** One change at a time; what the data volume and the content have against it becomes a refusal. */
  async #alone<T>(change: () => Promise<T>): Promise<Result<T, Refusal>> {
    if (this.#isBusy) {
      const reason = `another release of ${this.name} is on its way in; try again when it is there`;
      return err({ kind: 'busy', faults: [{ reason }] });
    }
    this.#isBusy = true;
    try {
      return ok(await change());
    } catch (error) {
      const { kind, faults } = asRefusal(error);
      const reasons = faults.map(formatContentFault);
      this.#devices.log.warn({ site: this.name, kind, reasons }, 'release refused');
      return err({ kind, faults });
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * What was shown, up to what is shown now. The catalogue may name more: releases that could not be shown any more at the
   * start, which nobody goes back to.
   */
  get #history(): readonly number[] {
    const { shown } = this.#store.catalogue;
    const { id } = this.#current;
    const end = shown.lastIndexOf(id) + 1;
    return end === 0 ? [id] : shown.slice(0, end);
  }

  #listed(): string {
    return this.list()
      .map(({ id }) => id)
      .join(', ');
  }

  get #condition(): string {
    return `releases-${this.name}`;
  }
}

/** Baked-in content may carry what was derived from it, in hidden folders. */
function visible(files: readonly ReleaseFile[]): readonly ReleaseFile[] {
  return files.filter(({ path }) => !isHidden(path));
}

function refused(kind: RefusalKind, reason: string): ContentRefused {
  return new ContentRefused(kind, [{ reason }]);
}

/** Faults of content and of the data volume are told; anything else is a bug and goes on. */
function asRefusal(error: unknown): ContentRefused {
  if (error instanceof ContentRefused) return error;
  if (!(error instanceof DeviceError)) throw error;
  const kind = error.kind === 'no-space' ? 'no-space' : 'damaged';
  return new ContentRefused(kind, [{ reason: error.message }], { cause: error });
}
