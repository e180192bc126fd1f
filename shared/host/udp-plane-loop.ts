import { PASS_ON, SOURCE_BYTES, type DataPlane, type PlaneShared } from '../devices/udp.ts';
import { createDatagramBatch, type DatagramBatch } from './ffi/datagram-batch.ts';
import { createWait } from './ffi/poll.ts';
import { decodeSource } from '../protocols/ip/source-address.ts';
import { CONTROL, COUNTER, type PlaneReport, type PlaneWorkerData } from './udp-plane-worker.ts';

/**
 * A worker stuck in a system call can neither be terminated nor let the process exit. The wake-up ends every wait; where
 * nobody can give it any more, the wait ends by itself after this long.
 */
const WAIT_MAX_MS = 1_000;

/** A plane that throws at every batch must not fill the log: at most one report in this time. */
const REPORT_INTERVAL_MS = 1_000;

/** The main thread as a plane's worker sees it. */
export interface PlaneParent {
  readonly report: (message: PlaneReport) => void;
  readonly takeShared: () => PlaneShared | undefined;
}

/** Takes, works on and answers batches until `control` says stop. */
export function runPlaneLoop(
  plane: DataPlane,
  data: PlaneWorkerData,
  { report, takeShared }: PlaneParent,
): void {
  const kernel = createDatagramBatch(data.descriptor, data.family, data.slotBytes);
  const wait = createWait([data.descriptor, data.wakeDescriptor], WAIT_MAX_MS);
  const control = new Int32Array(data.control);
  const counters = new Float64Array(data.counters);
  const runPlane = guarded(plane, report);
  let { shared, sharedVersion } = data;
  const passOn = createPassOn(kernel, data, report);
  const add = (counter: number, amount: number): void => {
    counters[counter] = (counters[counter] as number) + amount;
  };
  report({ kind: 'ready' });
  while (Atomics.load(control, CONTROL.STOP) === 0) {
    // After a full batch there is likely more, and asking for it costs less than waiting for it.
    if (!kernel.full) wait();
    const count = kernel.receive();
    add(COUNTER.RECEIVED, count + kernel.tooLong);
    // After the batch was received: what came after `share()` is answered from what it gave.
    const version = Atomics.load(control, CONTROL.SHARED);
    if (version !== sharedVersion) shared = takeShared() ?? shared;
    sharedVersion = version;
    if (count > 0 && runPlane(kernel, shared)) {
      const passedOn = passOn();
      const answered = kernel.send();
      add(COUNTER.ANSWERED, answered);
      add(COUNTER.PASSED_ON, passedOn);
      add(COUNTER.DROPPED, count + kernel.tooLong - answered - passedOn);
    } else add(COUNTER.DROPPED, count + kernel.tooLong);
  }
}

/** Runs the plane on a batch; false where it threw: that batch is lost and the loop goes on. */
function guarded(
  plane: DataPlane,
  report: PlaneParent['report'],
): (kernel: DatagramBatch, shared: PlaneShared) => boolean {
  let times = 0;
  let reportedMs = -Infinity;
  return ({ batch }, shared) => {
    try {
      plane(batch, shared, Date.now());
      return true;
    } catch (error) {
      times++;
      const nowMs = performance.now();
      if (nowMs - reportedMs < REPORT_INTERVAL_MS) return false;
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      report({ kind: 'threw', name, message, times });
      reportedMs = nowMs;
      times = 0;
      return false;
    }
  };
}

/** Hands what the plane marked {@link PASS_ON} to the main thread, as far as its queue has room; how many. */
function createPassOn(
  { batch }: DatagramBatch,
  { control, queueMax }: PlaneWorkerData,
  report: PlaneParent['report'],
): () => number {
  const words = new Int32Array(control);
  return () => {
    let passed = 0;
    for (let index = 0; index < batch.count; index++) {
      if (batch.replyLengths[index] !== PASS_ON) continue;
      if (Atomics.load(words, CONTROL.PASSED) >= queueMax) continue;
      Atomics.add(words, CONTROL.PASSED, 1);
      const start = index * batch.slotBytes;
      const bytes = batch.requests.slice(start, start + (batch.requestLengths[index] ?? 0));
      report({ kind: 'passed-on', bytes, source: decodeSource(batch.sources, index * SOURCE_BYTES) });
      passed++;
    }
    return passed;
  };
}
