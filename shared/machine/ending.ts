import type { EndKind } from '../devices/platform.ts';
import { stopMachine, syncDisks } from '../host/ffi/power.ts';
import { recordFault } from '../protocols/boot-state/boot-state.ts';
import type { BootStateFile } from './boot-state-file.ts';
import { backOff, backOffHere } from './back-off.ts';
import type { Announce } from './console.ts';
import type { DataVolume } from './data-volume/data-volume.ts';
import { NOTES_FOLDER } from './data-volume/data-volume.ts';
import { uptimeSeconds } from './facts.ts';
import { backOffMs, describeCause, HEALTHY_AFTER_MS, readFaultNote, writeFaultNote } from './faults.ts';
import type { PowerButton } from './power/power-button.ts';
import type { Watchdog } from './power/watchdog.ts';
import type { Privileges } from './privileges.ts';
import { noteTime } from './time/start-clock.ts';

/** Services get 5 s to end their exchanges and stores a little more; then the machine ends without them. */
const STOP_GRACE_MS = 15_000;
/** The newest time is noted this often: six small writes a day, so that flash does not wear. */
const NOTE_TIME_INTERVAL_MS = 4 * 3_600_000;

/** What has to be ended in order, as far as it has come up. */
export interface EndingParts {
  readonly bootState?: BootStateFile | undefined;
  readonly privileges?: Privileges;
  readonly network?: AsyncDisposable;
  readonly data?: DataVolume;
  readonly watchdog?: Watchdog | undefined;
  readonly button?: PowerButton;
  readonly time?: Disposable;
}

export interface Ending {
  readonly stopRequested: AbortSignal;
  /** Hands over parts as they come up. Gives the fault that ended the last run once the data volume is among them. */
  use(parts: EndingParts): string | undefined;
  requestStop(reason: string, kind: EndKind): void;
  end(kind: EndKind, cause?: unknown): Promise<never>;
}

/** Every way in which this machine ends: asked to, broken, or about to exit, which for PID 1 is the same as broken. */
export function createEnding(announce: Announce): Ending {
  const stop = new AbortController();
  let parts: EndingParts = {};
  let asked: EndKind = 'power-off';
  let ended: Promise<never> | undefined;

  const end = (kind: EndKind, cause?: unknown): Promise<never> => {
    const how = kind === 'power-off' ? asked : kind;
    ended ??= endMachine(how, { parts, announce, cause, stop: stop.signal, asked: () => asked });
    return ended;
  };
  const requestStop = (reason: string, kind: EndKind): void => {
    if (stop.signal.aborted) return;
    asked = kind;
    announce(`lares: stopping: ${reason}`);
    stop.abort(new Error(reason));
    setTimeout(() => void end(kind), STOP_GRACE_MS).unref();
  };
  process.on('SIGTERM', () => requestStop('SIGTERM', 'power-off'));
  process.on('SIGPWR', () => requestStop('the host asks for an end', 'power-off'));
  // Ctrl-Alt-Del; see routeCtrlAltDelToInit.
  process.on('SIGINT', () => requestStop('Ctrl-Alt-Del was pressed', 'reboot'));
  const onFault = (cause: unknown): void => void end('fault', cause);
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
  // PID 1 that exits is a kernel panic without a reason: this one says why and restarts in order.
  process.on('exit', code => restartNow(parts, announce, `PID 1 ended by itself with code ${code}`));
  const timer = setInterval(() => noteTimeQuietly(parts), NOTE_TIME_INTERVAL_MS);
  timer.unref();

  return {
    stopRequested: stop.signal,
    use(more) {
      parts = { ...parts, ...more };
      return more.data === undefined ? undefined : lastFaultOf(parts);
    },
    requestStop,
    end,
  };
}

function lastFaultOf({ bootState, data }: EndingParts): string | undefined {
  const noted = data?.isPersistent === true ? readFaultNote(NOTES_FOLDER)?.cause : undefined;
  return noted ?? (bootState?.state.lastFault === '' ? undefined : bootState?.state.lastFault);
}

interface Circumstances {
  readonly parts: EndingParts;
  readonly announce: Announce;
  readonly cause: unknown;
  readonly stop: AbortSignal;
  /** What the stop shall be, once one was asked for. */
  readonly asked: () => EndKind;
}

async function endMachine(kind: EndKind, circumstances: Circumstances): Promise<never> {
  const { parts, announce, stop, asked } = circumstances;
  if (kind === 'fault') await waitAfterFault(circumstances);
  // Whoever presses the button of a machine that is to restart wants it off.
  const how = kind === 'fault' && stop.aborted ? asked() : kind;
  noteTimeQuietly(parts);
  parts.time?.[Symbol.dispose]();
  parts.button?.[Symbol.dispose]();
  await quietly(() => parts.network?.[Symbol.asyncDispose]());
  await closeVolumes(parts, announce);
  announce(how === 'power-off' ? 'lares: power off' : 'lares: restart');
  halt(how, parts);
  // A machine that cannot switch itself off stands still here, synced.
  return new Promise<never>(() => setInterval(() => {}, 3_600_000));
}

async function waitAfterFault({ parts, announce, cause, stop }: Circumstances): Promise<void> {
  const text = describeCause(cause);
  announce(`lares: fault: ${text}`, 'bad');
  const waitMs = noteFault(parts, text);
  announce(`lares: restart in ${Math.ceil(waitMs / 1000)} s`, 'bad');
  await backOff(parts.watchdog, waitMs, stop);
}

async function closeVolumes(
  { data, bootState, watchdog, privileges }: EndingParts,
  announce: Announce,
): Promise<void> {
  syncDisks();
  const unmounting = (close: () => void): void => {
    if (privileges === undefined) close();
    else privileges.use('sysAdmin', close);
  };
  try {
    unmounting(() => bootState?.close());
    unmounting(() => data?.close());
  } catch (error) {
    // Everything is synced; the journal makes up for the missing unmount.
    announce(`lares: ${String(error)}`, 'bad');
  }
  await quietly(() => watchdog?.[Symbol.dispose]());
}

function halt(kind: EndKind, { privileges }: EndingParts): void {
  const how = kind === 'power-off' ? 'powerOff' : 'restart';
  if (privileges === undefined) stopMachine(how);
  else privileges.use('sysBoot', () => stopMachine(how));
}

/** Gives how long to wait. A run of ten minutes was a good one and begins the count anew. */
function noteFault({ bootState, data }: EndingParts, cause: string): number {
  const wasGood = uptimeSeconds() * 1000 >= HEALTHY_AFTER_MS;
  const before = data?.isPersistent === true ? (readFaultNote(NOTES_FOLDER)?.inARow ?? 0) : 0;
  let inARow = wasGood ? 1 : Math.max(before, bootState?.state.faultsInARow ?? 0) + 1;
  try {
    bootState?.update(state =>
      recordFault({ ...state, faultsInARow: inARow - 1 }, cause.split('\n')[0] ?? ''),
    );
    if (data?.isPersistent === true) writeFaultNote(NOTES_FOLDER, { atMs: Date.now(), cause, inARow });
    // Without a place to count in, every restart waits as if there had been a few.
    else if (bootState === undefined) inARow = 4;
  } catch {
    inARow = Math.max(inARow, 4);
  }
  return backOffMs(inARow);
}

/** In the 'exit' event nothing asynchronous happens any more. */
function restartNow(parts: EndingParts, announce: Announce, reason: string): void {
  announce(`lares: fault: ${reason}`, 'bad');
  const waitMs = noteFault(parts, reason);
  syncDisks();
  announce(`lares: restart in ${Math.ceil(waitMs / 1000)} s`, 'bad');
  const wasPressed = backOffHere({ ...parts, waitMs });
  if (wasPressed) announce('lares: power off');
  halt(wasPressed ? 'power-off' : 'fault', parts);
}

function noteTimeQuietly({ data }: EndingParts): void {
  try {
    if (data?.isPersistent === true) noteTime(NOTES_FOLDER, Date.now());
  } catch {
    // A full or read-only volume is told of elsewhere; the time is only a help for a machine without a clock.
    return;
  }
}

async function quietly(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch {
    // At the end of a machine there is nobody left to tell.
    return;
  }
}
