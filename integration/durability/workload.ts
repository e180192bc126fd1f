import { concatBytes, viewOf } from '../../shared/base/bytes.ts';

/**
 * What the writer writes and the checker expects. Each stream is a sequence of steps 0, 1, 2 … that one writer takes one
 * after another; what a step writes follows from the stream's name and the step, so that nothing need be remembered but numbers.
 */
export const STREAMS = {
  keyValue: ['key0', 'key1', 'key2', 'key3', 'key4', 'key5'],
  log: ['log0', 'log1', 'log2'],
  blob: ['blob0', 'blob1'],
  database: ['db0'],
} as const;
/** Its puts all make a new file. */
const COMING_AND_GOING = 'key5';
export const ALL_STREAMS: readonly string[] = Object.values(STREAMS).flat();

/** What is done to the disk, one after another: first the stores as they are, then ones with a sync left out. */
export const PHASES = ['whole', 'no-folder-sync', 'no-content-sync'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * A store with a sync left out writes alone and one key only: every flush for another would make good what it leaves out.
 * Content that was not flushed is lost where a file is new; ext4 itself flushes the content of a file that is renamed over another.
 */
export function streamsOf(phase: Phase): readonly string[] {
  switch (phase) {
    case 'whole':
      return ALL_STREAMS;
    case 'no-folder-sync':
      return [STREAMS.keyValue[0]];
    case 'no-content-sync':
      return [COMING_AND_GOING];
  }
}

/** For each stream the last step known; −1 before the first. */
export type Steps = Readonly<Record<string, number>>;

export const NO_STEPS: Steps = Object.fromEntries(ALL_STREAMS.map(stream => [stream, -1]));

/** The bytes that step writes: sometimes none, mostly under a block, sometimes several. */
export function contentOf(stream: string, step: number): Uint8Array<ArrayBuffer> {
  const next = xorshift32(seedOf(`${stream} ${step}`));
  const greatest = [0, 100, 600, 3_000, 3_000, 20_000][next() % 6]!;
  const words = new Uint32Array(1 + Math.floor((greatest === 0 ? 0 : next() % greatest) / 4));
  for (let index = 0; index < words.length; index++) words[index] = next();
  // Never all zero, as a block that was allocated and not written is.
  words[0] = step;
  return new Uint8Array(words.buffer);
}

/** Numbers from 0 up to, but not including, 1 that follow from the seed. */
export function seededRandom(seed: number): () => number {
  const next = xorshift32(seedOf(String(seed)));
  return () => next() / 2 ** 32;
}

/** xorshift32: G. Marsaglia, "Xorshift RNGs", 2003. */
function xorshift32(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv; never 0, from which xorshift does not come away. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return hash === 0 ? 1 : hash | 0;
}

/** Every fifth step of a key removes it, of one key every second. */
export function isDelete(stream: string, step: number): boolean {
  return stream === COMING_AND_GOING ? step % 2 === 1 : step % 5 === 4;
}

/** One step of a log as it stands in the file: length, step, content. */
export function logRecord(stream: string, step: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(8);
  const content = contentOf(stream, step);
  viewOf(header).setUint32(0, content.length);
  viewOf(header).setUint32(4, step);
  return concatBytes([header, content]);
}

export function logSize(stream: string, steps: number): number {
  let size = 0;
  for (let step = 0; step < steps; step++) size += logRecord(stream, step).length;
  return size;
}

/** A blob moves with every step, so that folders come and go. */
export function blobPath(stream: string, step: number): string {
  return `${stream}/${step % 3}/content`;
}
