import { concatBytes, decodeUtf8 } from '../../base/bytes.ts';
import type { Clock, Timer } from '../../devices/clock.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Files } from '../../devices/files.ts';

/** A clock that moves only when told; due timers run in order, and what they start may settle in between. */
export interface FakeClock extends Clock {
  advance(ms: number): Promise<void>;
}

export function createFakeClock(startMs: number): FakeClock {
  let elapsed = 0;
  const timers = new Set<{ atMs: number; callback: () => void }>();
  const timer = (ms: number, callback: () => void): Timer => {
    const entry = { atMs: elapsed + ms, callback };
    timers.add(entry);
    const cancel = (): void => void timers.delete(entry);
    return { cancel, [Symbol.dispose]: cancel };
  };
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    timer,
    sleep: ms => new Promise(resolve => void timer(ms, resolve)),
    async advance(ms) {
      const end = elapsed + ms;
      for (;;) {
        await settle();
        const next = [...timers].toSorted((left, right) => left.atMs - right.atMs)[0];
        if (next === undefined || next.atMs > end) break;
        elapsed = Math.max(elapsed, next.atMs);
        timers.delete(next);
        next.callback();
      }
      elapsed = end;
    },
  };
}

/** Lets promise chains of ordinary length run out. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => void setImmediate(resolve));
}

export interface MemoryFiles extends Files {
  readonly appends: number;
  readonly syncs: number;
  /** Every change of any kind. */
  readonly writes: number;
  text(): string;
  paths(): string[];
  /** From now on every change fails with `no-space` and this message; undefined ends it. */
  failWith(message: string | undefined): void;
}

/** Files in memory that count what a disk would have had to do. */
export function createMemoryFiles(): MemoryFiles {
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  const counts = { appends: 0, syncs: 0, writes: 0 };
  let failure: string | undefined;
  const change = (): void => {
    if (failure !== undefined) throw new DeviceError('no-space', failure);
    counts.writes++;
  };
  const bytesOf = (path: string): Uint8Array<ArrayBuffer> => contents.get(path) ?? new Uint8Array();
  return {
    get appends() {
      return counts.appends;
    },
    get syncs() {
      return counts.syncs;
    },
    get writes() {
      return counts.writes;
    },
    text: () =>
      [...contents.keys()]
        .toSorted()
        .map(path => decodeUtf8(bytesOf(path)))
        .join(''),
    paths: () => [...contents.keys()].toSorted(),
    failWith: message => void (failure = message),
    async *read(path, range) {
      yield bytesOf(path).slice(range?.start, range?.end);
    },
    size: async path => contents.get(path)?.length,
    async append(path) {
      change();
      contents.set(path, bytesOf(path));
      return {
        get size() {
          return bytesOf(path).length;
        },
        async append(bytes) {
          change();
          counts.appends++;
          contents.set(path, concatBytes([bytesOf(path), bytes]));
        },
        async sync() {
          counts.syncs++;
        },
        async truncate(size) {
          contents.set(path, bytesOf(path).slice(0, size));
        },
        async close() {},
        async [Symbol.asyncDispose]() {},
      };
    },
    async replace(path, content) {
      change();
      const parts: Uint8Array[] = content instanceof Uint8Array ? [content] : await Array.fromAsync(content);
      contents.set(path, concatBytes(parts));
    },
    async remove(path) {
      change();
      contents.delete(path);
    },
    list: async folder => [...contents.keys()].filter(path => path.startsWith(`${folder}/`)).toSorted(),
    space: async () => ({ freeBytes: 1e9, totalBytes: 2e9 }),
    async *snapshot() {},
  };
}
