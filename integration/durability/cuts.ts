import type { DiskEvent } from './recording.ts';

/** A disk as it may be found after power went at one moment of a recording. */
export interface CutDisk {
  /** Events before this one had happened. */
  readonly at: number;
  readonly how: CutKind;
  readonly image: Uint8Array;
  readonly notes: readonly string[];
}

/**
 * What becomes of the writes that no completed flush covers: the disk may have done any of them, in any order, and parts of
 * them by whole sectors.
 */
export type CutKind = 'none' | 'all' | 'first-ones' | 'some';
const KINDS: readonly CutKind[] = ['none', 'all', 'first-ones', 'some', 'some', 'some'];

type Write = Extract<DiskEvent, { kind: 'write' }>;

/** Makes the disk of each of the `moments`, which ascend. The image is one buffer, used again for every cut. */
export function* cutDisk(
  recording: { readonly base: Uint8Array; readonly events: readonly DiskEvent[] },
  moments: readonly number[],
  random: () => number,
): Generator<CutDisk> {
  const { base, events } = recording;
  const durable = base.slice();
  const image = new Uint8Array(base.length);
  const notes: string[] = [];
  let pending: Write[] = [];
  let at = 0;

  for (const moment of moments) {
    for (; at < moment; at++) {
      const event = events[at]!;
      if (event.kind === 'note') notes.push(event.text);
      else if (event.kind === 'flush') pending = flushTo(durable, pending, event.turn);
      else pending.push(event);
    }
    const how = KINDS[Math.floor(random() * KINDS.length)]!;
    image.set(durable);
    for (const write of survivors(pending, how, random)) applySectors(image, write, how, random);
    yield { at, how, image, notes };
  }
}

/**
 * `count` moments between two events, in ascending order: one half directly after a note, where most was promised and least
 * time has passed, the other anywhere.
 */
export function chooseMoments(
  events: readonly DiskEvent[],
  { from, to, count }: { from: number; to: number; count: number },
  random: () => number,
): number[] {
  const afterNotes = events.flatMap((event, index) =>
    event.kind === 'note' && index >= from && index < to ? [index + 1] : [],
  );
  const choose = (index: number): number =>
    index % 2 === 0 && afterNotes.length > 0
      ? afterNotes[Math.floor(random() * afterNotes.length)]!
      : from + Math.floor(random() * (to - from + 1));
  return Array.from({ length: count }, (_, index) => choose(index)).toSorted((left, right) => left - right);
}

/** NBD: a flush covers the writes whose replies were sent before it was asked for; one that came with it is not among them. */
function flushTo(durable: Uint8Array, pending: readonly Write[], turn: number): Write[] {
  const uncovered: Write[] = [];
  for (const write of pending) {
    if (write.turn < turn) durable.set(write.data, write.offset);
    else uncovered.push(write);
  }
  return uncovered;
}

function survivors(pending: readonly Write[], how: CutKind, random: () => number): readonly Write[] {
  // A write with FUA was durable when it was acknowledged.
  const forced = pending.filter(write => write.fua);
  switch (how) {
    case 'none':
      return forced;
    case 'all':
      return pending;
    case 'first-ones': {
      const end = Math.floor(random() * (pending.length + 1));
      return pending.filter((write, index) => write.fua || index < end);
    }
    case 'some': {
      const share = random();
      const kept = pending.filter(write => !write.fua && random() < share);
      return [...shuffle(kept, random), ...forced];
    }
  }
}

/** Tears some writes: of each sector either all arrived or nothing (what NVMe calls AWUPF, and every disk promises). */
function applySectors(image: Uint8Array, write: Write, how: CutKind, random: () => number): void {
  const { data, offset, fua } = write;
  if (fua || how === 'all' || random() > TORN_SHARE) {
    image.set(data, offset);
    return;
  }
  for (let start = 0; start < data.length; start += SECTOR_BYTES)
    if (random() < 0.5) image.set(data.subarray(start, start + SECTOR_BYTES), offset + start);
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
  }
  return shuffled;
}

const SECTOR_BYTES = 512;
const TORN_SHARE = 0.3;
