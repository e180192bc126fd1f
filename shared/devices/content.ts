/** One file of a content folder. */
export interface ContentEntry {
  /** Relative to the folder, `/`-separated. */
  readonly path: string;
  readonly sizeBytes: number;
  /** When the file last changed; absent where the file system keeps no honest time (an image has one fixed time for all). */
  readonly modifiedMs?: number;
}

/**
 * Content that never changes while the appliance runs: baked into the image, or a folder named on the command line.
 * `folder` is {@link ServiceContext.contentFolder} or a folder below it.
 */
export interface Content {
  /**
   * All regular files below `folder`, dotfiles too, sorted by code unit of their path. Symbolic links and special files are left out:
   * nothing outside the folder is ever reached.
   * @throws DeviceError `not-found` (no such folder), `permission-denied`, `too-large` (more than {@link CONTENT_FILES_MAX}).
   */
  list(folder: string): Promise<ContentEntry[]>;

  /** The whole file, as the caller's own copy. @throws DeviceError `not-found`, `permission-denied`. */
  read(folder: string, path: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** A large site has some thousands of files; far above that somebody named the wrong folder. */
export const CONTENT_FILES_MAX = 100_000;
