import { link, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskAppender } from './appender.ts';
import { storeError } from './durable-files.ts';
import { readRange } from './file-reader.ts';
import { walk } from './folders.ts';
import type { Gate } from './gate.ts';

export interface Snapshots {
  take(): AsyncIterable<{ readonly path: string; readonly content: AsyncIterable<Uint8Array> }>;
  /** Whether cutting `path` to `size` bytes would take bytes from a running snapshot. */
  needs(path: string, size: number): boolean;
}

interface SnapshotParts {
  readonly root: string;
  readonly work: string;
  readonly names: Gate;
  readonly appenders: ReadonlyMap<string, DiskAppender>;
}

interface Frozen {
  readonly path: string;
  /** A hard link: it keeps the content whatever happens to the name in the store. */
  readonly linked: string;
  readonly size: number;
}

export function createSnapshots(parts: SnapshotParts): Snapshots {
  /** For each running snapshot the files that may still grow or be cut, with the sizes that it needs. */
  const running = new Set<ReadonlyMap<string, number>>();
  let count = 0;

  /** All files as they are now. While it holds the names, none comes, goes, is replaced or opened for appending. */
  async function freeze(folder: string, synced: ReadonlyMap<string, number>): Promise<Frozen[]> {
    const frozen: Frozen[] = [];
    await mkdir(folder);
    for (const path of await walk(parts.root, '')) {
      const linked = join(folder, String(frozen.length));
      await link(join(parts.root, path), linked);
      frozen.push({ path, linked, size: synced.get(path) ?? (await stat(linked)).size });
    }
    return frozen;
  }

  async function* take(): AsyncGenerator<{ path: string; content: AsyncIterable<Uint8Array> }> {
    const folder = join(parts.work, `snapshot-${count++}`);
    const synced = new Map<string, number>();
    try {
      const frozen = await parts.names(() => {
        // The moment: sizes and the claim on them are taken in one turn, so that no cut comes between.
        for (const [path, appender] of parts.appenders) synced.set(path, appender.syncedSize);
        running.add(synced);
        return freeze(folder, synced);
      });
      for (const { path, linked, size } of frozen) {
        yield { path, content: readRange(linked, 0, size) };
        // Whoever goes on has read it; a removed file's space is free again at once.
        await rm(linked, { force: true });
      }
    } catch (cause) {
      throw storeError(`snapshot of ${parts.root}`, cause);
    } finally {
      running.delete(synced);
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    take,
    needs: (path, size) => [...running].some(synced => (synced.get(path) ?? 0) > size),
  };
}
