import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import type { Endpoint } from '../devices/tcp.ts';
import type { DataPlanes, PlaneShared } from '../devices/udp.ts';
import type { Family } from './ffi/socket-address.ts';

export interface PlaneWorkerData {
  readonly role: 'plane';
  readonly plane: string;
  readonly shared: PlaneShared;
  /** What {@link CONTROL.SHARED} was when `shared` was the latest. */
  readonly sharedVersion: number;
  readonly descriptor: number;
  readonly family: Family;
  readonly wakeDescriptor: number;
  readonly slotBytes: number;
  /** See {@link CONTROL}. */
  readonly control: SharedArrayBuffer;
  /** Float64: see {@link COUNTER}. Written by this worker alone. */
  readonly counters: SharedArrayBuffer;
  /** 0: nobody takes what the plane passes on. */
  readonly queueMax: number;
}

/**
 * Words of `control`: the loop ends when STOP is not zero; PASSED counts what was handed over and not yet taken; SHARED changes once
 * other shared buffers have been posted.
 */
export const CONTROL = { STOP: 0, PASSED: 1, SHARED: 2, WORDS: 3 } as const;

/** An aligned double is written at once on both architectures, so that readers need no lock. */
export const COUNTER = { RECEIVED: 0, ANSWERED: 1, PASSED_ON: 2, DROPPED: 3 } as const;

export type PlaneReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'passed-on'; readonly bytes: Uint8Array; readonly source: Endpoint }
  | { readonly kind: 'threw'; readonly name: string; readonly message: string; readonly times: number };

/** Runs the plane beside its socket until it is stopped. The part that needs node:ffi is loaded only here. */
export function runPlaneWorker(planes: DataPlanes): void {
  const data = workerData as PlaneWorkerData;
  const plane = planes[data.plane];
  assert(plane !== undefined, `there is no data plane called ${data.plane}`);
  assert(parentPort !== null, 'a plane worker has a parent');
  const parent = parentPort;
  const report = (message: PlaneReport): void => parent.postMessage(message);
  /** What was posted last and not yet taken. A loop that never yields gets no events, so it asks. */
  const takeShared = (): PlaneShared | undefined => {
    let latest: PlaneShared | undefined;
    for (
      let posted = receiveMessageOnPort(parent);
      posted !== undefined;
      posted = receiveMessageOnPort(parent)
    )
      latest = posted.message as PlaneShared;
    return latest;
  };
  // A rejection is an uncaught exception of this thread, which the main thread sees as the worker's error.
  void import('./udp-plane-loop.ts').then(({ runPlaneLoop }) =>
    runPlaneLoop(plane, data, { report, takeShared }),
  );
}
