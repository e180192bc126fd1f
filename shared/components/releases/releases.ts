import type { Result } from '../../base/result.ts';
import type { Devices } from '../../devices/devices.ts';
import type { IncomingFile } from './admit.ts';
import type { Changes } from './changes.ts';
import type { Refusal, Release, ReleaseFile, Stage } from './release.ts';

export interface ReleasesOptions {
  /** Of the site or folder of zones: a key of the stores. */
  readonly name: string;
  readonly bakedIn: () => Promise<readonly ReleaseFile[]>;
  readonly stage: Stage;
  /** Makes what can be made once for a release, such as compressed forms: gives the files, and what was made after them. */
  readonly derive?: (files: readonly ReleaseFile[]) => Promise<readonly ReleaseFile[]>;
  /** What one release may have. */
  readonly sizeMaxBytes: number;
}

/** Whom to tell that something is wrong: the appliance's Health fits. */
export interface ReleaseHealth {
  degrade(key: string, reason: string): void;
  recover(key: string): void;
}

export type ReleaseDevices = Pick<Devices, 'files' | 'keyValue' | 'clock' | 'log'>;

export interface PutOutcome {
  readonly release: Release;
  readonly changes: Changes;
}

/** The versions of one site's content (or one folder of zones): one is shown, the others can be gone back to. */
export interface Releases {
  readonly name: string;
  /** What one release may have. */
  readonly sizeMaxBytes: number;
  current(): Release;
  /** Newest first, what is baked in last. */
  list(): readonly Release[];
  /**
   * Takes in a new release and shows it; content equal to what is shown makes none. After a refusal, and after a power cut at
   * any moment before it resolves, the old release is shown, or the new one: whole.
   */
  put(incoming: AsyncIterable<IncomingFile>, source: string): Promise<Result<PutOutcome, Refusal>>;
  activate(id: number): Promise<Result<Release, Refusal>>;
  /** Back to what was shown before; again, further back. */
  rollback(): Promise<Result<Release, Refusal>>;
}
