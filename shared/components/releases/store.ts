import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { Devices } from '../../devices/devices.ts';
import type { IncomingFile } from './admit.ts';
import { encodePack, loadPack, readIndex, type PackedFile } from './pack.ts';
import { BAKED_IN, type Release, type ReleaseFile } from './release.ts';

export type StoreDevices = Pick<Devices, 'files' | 'keyValue'>;

/** What is known of all releases of one name: one durable value, so that a release is there and shown by one write, or neither. */
export interface Catalogue {
  readonly nextId: number;
  /** Stored releases, oldest first. */
  readonly releases: readonly Release[];
  /** What was shown, the present one last; each may be gone back to. */
  readonly shown: readonly number[];
}

const EMPTY: Catalogue = { nextId: BAKED_IN + 1, releases: [], shown: [BAKED_IN] };

/** The releases of one name on the data volume. */
export class ReleaseStore {
  readonly #name: string;
  readonly #devices: StoreDevices;
  #catalogue: Catalogue = EMPTY;

  constructor(name: string, devices: StoreDevices) {
    this.#name = name;
    this.#devices = devices;
  }

  get catalogue(): Catalogue {
    return this.#catalogue;
  }

  /** Reads the catalogue and gives back the room of what never got into it. @throws DeviceError `corrupt`. */
  async open(): Promise<void> {
    const { files, keyValue } = this.#devices;
    const value = await keyValue.get(this.#key);
    if (value !== undefined) this.#catalogue = JSON.parse(decodeUtf8(value)) as Catalogue;
    const known = new Set(
      this.#catalogue.releases.flatMap(({ id }) => [this.#path(id), this.#derivedPath(id)]),
    );
    for (const path of await files.list(this.#folder)) if (!known.has(path)) await files.remove(path);
  }

  /** Writes the files; they count for nothing before a catalogue names them. */
  async write(id: number, incoming: AsyncIterable<IncomingFile>): Promise<readonly PackedFile[]> {
    return this.#pack(this.#path(id), incoming);
  }

  /** Writes what was made from the files (compressed forms), to spare the next start the work. */
  async writeDerived(id: number, derived: readonly ReleaseFile[]): Promise<void> {
    if (derived.length > 0) await this.#pack(this.#derivedPath(id), incomingOf(derived));
  }

  async read(id: number): Promise<ReleaseFile[]> {
    const { files } = this.#devices;
    const derived = this.#derivedPath(id);
    const content = await loadPack(files, this.#path(id));
    if ((await files.size(derived)) === undefined) return content;
    return [...content, ...(await loadPack(files, derived))];
  }

  async index(id: number): Promise<readonly PackedFile[]> {
    return readIndex(this.#devices.files, this.#path(id));
  }

  /** Everything about releases changes here, in one durable step. */
  async save(catalogue: Catalogue): Promise<void> {
    await this.#devices.keyValue.put(this.#key, encodeUtf8(JSON.stringify(catalogue)));
    this.#catalogue = catalogue;
  }

  /** Gives the room of a release back that no catalogue names. */
  async discard(id: number): Promise<void> {
    await this.#devices.files.remove(this.#derivedPath(id));
    await this.#devices.files.remove(this.#path(id));
  }

  async #pack(path: string, incoming: AsyncIterable<IncomingFile>): Promise<readonly PackedFile[]> {
    const index: PackedFile[] = [];
    await this.#devices.files.replace(path, encodePack(incoming, index));
    return index;
  }

  get #key(): string {
    return `releases/${this.#name}`;
  }

  get #folder(): string {
    return `releases/${this.#name}`;
  }

  #path(id: number): string {
    return `${this.#folder}/${id}`;
  }

  #derivedPath(id: number): string {
    return `${this.#folder}/${id}-derived`;
  }
}

/** Files in memory as if they came in. */
export async function* incomingOf(files: Iterable<ReleaseFile>): AsyncGenerator<IncomingFile> {
  for (const { path, bytes, modifiedMs } of files)
    yield { path, content: once(bytes), ...(modifiedMs === undefined ? {} : { modifiedMs }) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
