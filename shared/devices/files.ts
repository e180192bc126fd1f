/**
 * Append-only logs and blobs. Paths are relative, `/`-separated, their parts non-empty and not starting with a dot;
 * others fail an assertion. Folders come and go with their files.
 */
export interface Files {
  /** The bytes from `start` up to `end` (exclusive; default: all), in chunks. @throws DeviceError `not-found`. */
  read(path: string, range?: { start?: number; end?: number }): AsyncIterable<Uint8Array<ArrayBuffer>>;

  /** Size in bytes, or undefined where there is no such file. */
  size(path: string): Promise<number | undefined>;

  /**
   * Opens for appending, made if absent. Only one appender per path may be open.
   * @throws DeviceError `busy`, `no-space`.
   */
  append(path: string): Promise<Appender>;

  /**
   * Puts `content` in place of the file, or leaves the old one: never a mixture, also after a power cut. Durable when
   * it resolves. @throws DeviceError `no-space`; `busy` while an appender is open; what `content` throws.
   */
  replace(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;

  /** Removes the file, durably; an absent one is fine. @throws DeviceError `busy` while an appender is open. */
  remove(path: string): Promise<void>;

  /** Paths of all files below `folder` ('' for all), sorted by code unit. */
  list(folder: string): Promise<string[]>;

  space(): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;

  /** Every file with the bytes that were synced at one moment, while writing goes on. */
  snapshot(): AsyncIterable<{ readonly path: string; readonly content: AsyncIterable<Uint8Array> }>;
}

export interface Appender extends AsyncDisposable {
  /** Bytes in the file, appended ones included. */
  readonly size: number;
  /**
   * Adds `bytes` at the end, in the order of the calls. After a failed append the file ends where it ended before.
   * Not durable before {@link sync}. After a power cut the file may go on behind what was synced, at most as far as was
   * appended, and hold zeros where bytes did not arrive (ext4 may write the size first). So records carry a length and a
   * checksum, and whoever reads after a crash cuts the file at the first that is not whole.
   */
  append(bytes: Uint8Array): Promise<void>;
  /** When it resolves, all appended before the call survives a power cut. Concurrent calls share one flush. */
  sync(): Promise<void>;
  /** Cuts the file to `size` bytes, durably. For removing a torn tail after a crash. */
  truncate(size: number): Promise<void>;
  /** Syncs what is not yet and closes; a second call does nothing. Other calls afterwards throw DeviceError `closed`. */
  close(): Promise<void>;
}
