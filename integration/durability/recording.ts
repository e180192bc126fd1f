import { serveNbd, type Disk } from './nbd/server.ts';

/** What happened to a disk, in the one order in which this process saw it. */
export type DiskEvent =
  | {
      readonly kind: 'write';
      readonly offset: number;
      readonly data: Uint8Array;
      readonly fua: boolean;
      readonly turn: number;
    }
  | { readonly kind: 'flush'; readonly turn: number }
  /** Something that the guest told while it used the disk. */
  | { readonly kind: 'note'; readonly text: string };

export interface RecordedDisk extends AsyncDisposable {
  readonly events: readonly DiskEvent[];
  /** Puts a note into the same sequence. Whatever the guest did before it told is recorded before. */
  note(text: string): void;
  /** What was written since the last call of this function. */
  takeCounts(): DiskCounts;
}

export interface DiskCounts {
  readonly writes: number;
  readonly bytes: number;
  readonly flushes: number;
  readonly seconds: number;
}

export interface RecordOptions {
  /** The disk's content; the recording changes it. */
  readonly image: Uint8Array;
  /** Where QEMU connects: `-drive file=nbd:unix:<path>,format=raw,if=virtio`. */
  readonly socketPath: string;
  /** Only count. For runs of hours. */
  readonly countOnly?: boolean;
}

/** Serves `image` as a network block device with a write cache and records every write and flush. */
export async function recordDisk({
  image,
  socketPath,
  countOnly = false,
}: RecordOptions): Promise<RecordedDisk> {
  const events: DiskEvent[] = [];
  const record = (event: DiskEvent): void => {
    if (!countOnly) events.push(event);
  };
  let counts = { writes: 0, bytes: 0, flushes: 0 };
  let since = performance.now();

  const disk: Disk = {
    sizeBytes: image.length,
    read: (offset, length) => image.slice(offset, offset + length),
    write(offset, data, { fua, turn }) {
      image.set(data, offset);
      counts.writes++;
      counts.bytes += data.length;
      record({ kind: 'write', offset, data, fua, turn });
    },
    flush(turn) {
      counts.flushes++;
      record({ kind: 'flush', turn });
    },
  };
  const server = await serveNbd(socketPath, () => disk);

  return {
    events,
    note: text => record({ kind: 'note', text }),
    takeCounts() {
      const taken = { ...counts, seconds: (performance.now() - since) / 1_000 };
      counts = { writes: 0, bytes: 0, flushes: 0 };
      since = performance.now();
      return taken;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
