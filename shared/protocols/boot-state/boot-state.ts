import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { EnvironmentFault } from './environment-block.ts';
import { decodeEnvironment, encodeEnvironment } from './environment-block.ts';

/**
 * What survives from one boot to the next without the data volume: which slot starts, and whether it has proved itself.
 * GRUB counts `triesLeft` down before each trial boot and goes back to the other slot at 0; PID 1 confirms a slot once
 * its service is healthy.
 */
export interface BootState {
  readonly slot: Slot;
  /** How often the slot may still be started before GRUB gives it up; `confirmed` once it was healthy. */
  readonly triesLeft: number | 'confirmed';
  /** Why the last run ended, for people; empty where it ended in order. */
  readonly lastFault: string;
  /** Faulty ends in a row: the next start waits the longer the more there were. */
  readonly faultsInARow: number;
}

export type Slot = 'a' | 'b';

export type BootStateFault =
  EnvironmentFault | { readonly kind: 'bad-value'; readonly name: string; readonly value: string };

/** A slot that fails three times has had its chance against a flaky network or a slow disk. */
export const TRIES_AT_MOST = 3;
/** What of a fault is kept: the block has 1024 bytes in all. */
export const FAULT_BYTES_MOST = 400;
/** Beyond this the wait does not grow any more. */
export const FAULTS_COUNTED_MOST = 99;

export const FIRST_BOOT_STATE: BootState = {
  slot: 'a',
  triesLeft: 'confirmed',
  lastFault: '',
  faultsInARow: 0,
};

export function otherSlot(slot: Slot): Slot {
  return slot === 'a' ? 'b' : 'a';
}

/** A newly written slot is started next, and has to prove itself. */
export function beginTrial(state: BootState, slot: Slot): BootState {
  return { ...state, slot, triesLeft: TRIES_AT_MOST };
}

/**
 * The slot that runs serves: it stays, also where GRUB took it because the other has no kernel that loads. Faults go on being
 * counted, since one that begins to serve may break soon after, each time.
 */
export function confirmSlot(state: BootState, running: Slot): BootState {
  return { ...state, slot: running, triesLeft: 'confirmed' };
}

/** The slot that GRUB started, as it tells the kernel: `lares.slot=b`. Undefined for a kernel that was loaded otherwise. */
export function parseRunningSlot(commandLine: string): Slot | undefined {
  // What follows `--` is not the kernel's.
  const kernel = commandLine.split(' -- ')[0] ?? '';
  return /(?:^|\s)lares\.slot=([ab])(?=\s|$)/.exec(kernel)?.[1] as Slot | undefined;
}

export function recordFault(state: BootState, fault: string): BootState {
  const faultsInARow = Math.min(state.faultsInARow + 1, FAULTS_COUNTED_MOST);
  return { ...state, lastFault: shorten(fault), faultsInARow };
}

/** One line that fits; a character cut in two is dropped. */
function shorten(fault: string): string {
  const line = fault.replaceAll(/[\u0000-\u001f\\]+/g, ' ').trim();
  const bytes = encodeUtf8(line);
  if (bytes.length <= FAULT_BYTES_MOST) return line;
  return decodeUtf8(bytes.subarray(0, FAULT_BYTES_MOST)).replace(/\ufffd+$/, '');
}

export function encodeBootState(state: BootState): Uint8Array {
  return encodeEnvironment(
    new Map([
      ['slot', state.slot],
      ['tries', String(state.triesLeft)],
      ['faults', String(state.faultsInARow)],
      ['fault', shorten(state.lastFault)],
    ]),
  );
}

export function decodeBootState(block: Uint8Array): Result<BootState, BootStateFault> {
  const decoded = decodeEnvironment(block);
  if (!decoded.ok) return decoded;
  const variables = decoded.value;
  const slot = variables.get('slot') ?? '';
  if (slot !== 'a' && slot !== 'b') return err({ kind: 'bad-value', name: 'slot', value: slot });
  const tries = variables.get('tries') ?? '';
  if (!/^([0-3]|confirmed)$/.test(tries)) return err({ kind: 'bad-value', name: 'tries', value: tries });
  const faults = variables.get('faults') ?? '0';
  if (!/^[0-9]{1,2}$/.test(faults)) return err({ kind: 'bad-value', name: 'faults', value: faults });
  const triesLeft = tries === 'confirmed' ? tries : Number(tries);
  return ok({ slot, triesLeft, lastFault: variables.get('fault') ?? '', faultsInARow: Number(faults) });
}
