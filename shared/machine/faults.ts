import { existsSync, readFileSync } from 'node:fs';
import { writeDurably } from './data-volume/marker.ts';

/** How the last run ended, on the data volume: the whole text, where the boot state has room for a line. */
export interface FaultNote {
  readonly atMs: number;
  readonly cause: string;
  /** Faulty ends in a row without {@link HEALTHY_AFTER_MS} of service between them. */
  readonly inARow: number;
}

const FIRST_WAIT_MS = 1_000;
const WAIT_MAX_MS = 300_000;
/** A run this long was a good one, and the next fault waits a second again. */
export const HEALTHY_AFTER_MS = 600_000;
/** A cause is a message and a stack; more would be a dump. */
const CAUSE_CHARACTERS_MAX = 4_000;
/** An error may name itself as its cause. */
const CAUSES_MAX = 5;

/** 1 s, doubled with every further fault in a row, to at most 5 min. */
export function backOffMs(faultsInARow: number): number {
  return Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** Math.max(0, Math.min(faultsInARow, 30) - 1));
}

/** The error, its stack, and what caused it, as far down as {@link CAUSES_MAX} goes. */
export function describeCause(cause: unknown): string {
  const texts: string[] = [];
  for (let next: unknown = cause; texts.length < CAUSES_MAX; next = next.cause) {
    texts.push(next instanceof Error ? (next.stack ?? `${next.name}: ${next.message}`) : String(next));
    if (!(next instanceof Error) || next.cause === undefined) break;
  }
  return texts.join('\ncaused by ').slice(0, CAUSE_CHARACTERS_MAX);
}

/** The note, or undefined where there is none or it is damaged. */
export function readFaultNote(folder: string): FaultNote | undefined {
  try {
    const file = fileIn(folder);
    if (!existsSync(file)) return undefined;
    const { atMs, cause, inARow } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof atMs !== 'number' || typeof cause !== 'string' || typeof inARow !== 'number') return undefined;
    return { atMs, cause, inARow };
  } catch {
    return undefined;
  }
}

/** @throws the system's error where the volume refuses. */
export function writeFaultNote(folder: string, note: FaultNote): void {
  writeDurably(fileIn(folder), `${JSON.stringify(note)}\n`);
}

function fileIn(folder: string): string {
  return `${folder}/last-fault.json`;
}
