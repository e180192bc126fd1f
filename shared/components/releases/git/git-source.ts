import { decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts';
import { formatContentFault } from '../../../base/content-fault.ts';
import type { Timer } from '../../../devices/clock.ts';
import { DeviceError } from '../../../devices/device-error.ts';
import type { Devices } from '../../../devices/devices.ts';
import type { RemoteFault } from '../../../protocols/git/upload-pack.ts';
import { formatTime } from '../release-rows.ts';
import { ContentRefused, type Refusal } from '../release.ts';
import type { ReleaseHealth, Releases } from '../releases.ts';
import { fetchCommit, findCommit, type GitAccess, type GitRemote } from './remote.ts';

export type GitDevices = Pick<Devices, 'clock' | 'http' | 'keyValue' | 'log' | 'random'>;

export interface GitSourceOptions {
  readonly remote: GitRemote;
  /** 0: only when told. */
  readonly intervalMinutes: number;
  /** What the remote asks before it gives anything. */
  readonly token: string | undefined;
}

/** Keeps a site at the newest commit of a branch. */
export interface GitSource extends Disposable {
  /** Looks soon, at once where it has not looked just now. */
  pull(): void;
  rows(): readonly (readonly [label: string, value: string])[];
}

/** The first look after a failure; then twice as long each time, up to the interval. */
const RETRY_FIRST_MS = 60_000;
const RETRY_MAX_MS = 3_600_000;
/** A push of many branches calls the hook many times; one look answers for all of them. */
const PULLS_APART_MS = 10_000;
/** Many appliances that follow one host must not ask it in step. */
const SPREAD = 0.1;
/** As many as hosts show. */
const COMMIT_SHOWN_DIGITS = 10;

/** Begins to follow; the first look is at once. */
export function followGit(
  releases: Releases,
  options: GitSourceOptions,
  devices: GitDevices,
  health: ReleaseHealth,
): GitSource {
  const follower = new GitFollower(releases, options, devices, health);
  follower.pull();
  return follower;
}

class GitFollower implements GitSource {
  readonly #releases: Releases;
  readonly #options: GitSourceOptions;
  readonly #devices: GitDevices;
  readonly #health: ReleaseHealth;
  readonly #stopped = new AbortController();
  #timer: Timer | undefined;
  #isLooking = false;
  #isWanted = false;
  #failures = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** A commit whose content is wrong stays so: it is not fetched again. */
  #refused: { readonly commit: string; readonly fault: string } | undefined;
  #said = 'not looked at yet';
  #next = 'at once';

  constructor(releases: Releases, options: GitSourceOptions, devices: GitDevices, health: ReleaseHealth) {
    this.#releases = releases;
    this.#options = options;
    this.#devices = devices;
    this.#health = health;
  }

  pull(): void {
    if (this.#isLooking) this.#isWanted = true;
    else this.#lookIn(this.#lastMs + PULLS_APART_MS - this.#devices.clock.monotonic());
  }

  rows(): readonly (readonly [label: string, value: string])[] {
    const { url, branch } = this.#options.remote;
    return [
      ['Followed', branch === undefined ? url : `${url}, ${branch}`],
      ['Last look', this.#said],
      ['Next look', this.#next],
    ];
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#stopped.abort();
  }

  #lookIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#devices.clock.timer(Math.max(0, ms), () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    this.#lastMs = this.#devices.clock.monotonic();
    const fault = await this.#take().catch((error: unknown) => this.#told(error));
    this.#isLooking = false;
    if (this.#stopped.signal.aborted) return;
    this.#failures = fault === undefined ? 0 : this.#failures + 1;
    const wait = this.#wait();
    if (this.#isWanted) this.#lookIn(PULLS_APART_MS);
    else if (wait !== undefined) this.#lookIn(wait);
    this.#isWanted = false;
    this.#tell(fault, wait);
  }

  /** Brings the newest commit in if it was not yet. Gives why it did not, for people. */
  async #take(): Promise<string | undefined> {
    const { remote, token } = this.#options;
    const access: GitAccess = { http: this.#devices.http, token, signal: this.#stopped.signal };
    const found = await findCommit(remote, access);
    if (!found.ok) return found.error;
    const commit = `${found.value} ${JSON.stringify(remote)}`;
    // Taken once: a person who went back to an older release is not overruled by what they left.
    if ((await this.#takenCommit()) === commit) return undefined;
    if (this.#refused?.commit === commit) return this.#refused.fault;
    const fault = await this.#fetch(found.value, commit, access);
    if (fault === undefined) await this.#devices.keyValue.put(this.#key, encodeUtf8(commit));
    return fault;
  }

  async #fetch(id: string, commit: string, access: GitAccess): Promise<string | undefined> {
    const name = id.slice(0, COMMIT_SHOWN_DIGITS);
    const refusal = await this.#put(id, `git ${name}`, access);
    if (refusal === undefined || typeof refusal === 'string') return refusal;
    const { kind, faults } = refusal;
    const fault = `commit ${name} was refused: ${faults.map(formatContentFault).join('; ')}`;
    if (kind === 'faulty' || kind === 'too-large') this.#refused = { commit, fault };
    return fault;
  }

  /** Gives what the remote has against it, or what is wrong with the commit. */
  async #put(id: string, source: string, access: GitAccess): Promise<RemoteFault | Refusal | undefined> {
    const { sizeMaxBytes } = this.#releases;
    try {
      const files = await fetchCommit(this.#options.remote, id, { ...access, sizeMaxBytes });
      if (!files.ok) return files.error;
      const put = await this.#releases.put(files.value, source);
      return put.ok ? undefined : put.error;
    } catch (error) {
      if (error instanceof ContentRefused) return error;
      throw error;
    }
  }

  #told(error: unknown): string {
    if (error instanceof DeviceError) return error.message;
    // A bug must not end the service that shows the old release.
    this.#devices.log.error({ site: this.#releases.name, error }, 'the git remote could not be read');
    return 'its answer could not be read';
  }

  #wait(): number | undefined {
    const { intervalMinutes } = this.#options;
    const intervalMs = intervalMinutes === 0 ? undefined : intervalMinutes * 60_000;
    const retryMs = RETRY_FIRST_MS * 2 ** Math.min(this.#failures - 1, 20);
    const waitMs =
      this.#failures > 0 ? Math.min(retryMs, intervalMs ?? RETRY_MAX_MS, RETRY_MAX_MS) : intervalMs;
    if (waitMs === undefined) return undefined;
    const share = ((this.#devices.random.bytes(1)[0] ?? 0) / 255) * SPREAD;
    return waitMs * (1 - share);
  }

  #tell(fault: string | undefined, waitMs: number | undefined): void {
    const { clock } = this.#devices;
    this.#said = `${formatTime(clock.now())}: ${fault ?? 'it shows the newest commit'}`;
    this.#next = waitMs === undefined ? 'when the web hook is called' : formatTime(clock.now() + waitMs);
    const condition = `git-${this.#releases.name}`;
    if (fault === undefined) return this.#health.recover(condition);
    this.#health.degrade(
      condition,
      `The content of ${this.#releases.name} could not be taken from ${this.#options.remote.url}: ${fault}. ` +
        `Release ${this.#releases.current().id} stays; next try ${this.#next}`,
    );
  }

  /** Kept with the remote it came from: where that changes, the newest commit is another one. */
  async #takenCommit(): Promise<string | undefined> {
    const value = await this.#devices.keyValue.get(this.#key);
    return value === undefined ? undefined : decodeUtf8(value);
  }

  get #key(): string {
    return `release-commits/${this.#releases.name}`;
  }
}
