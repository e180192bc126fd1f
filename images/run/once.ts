import { parsePid1Line, parseReadyLine } from '../../shared/base/console-lines.ts';
import type { BuiltImage } from './image.ts';
import { startImage } from './image.ts';
import { probeWebService } from './probe.ts';

/** Emulated on a busy machine a start takes 20 s; this is for one that is ten times slower. */
const READY_TIMEOUT_MS = 240_000;

const MIB: number = 1024 * 1024;

/** What `up -- --once` prints. Times count from the kernel's start. */
export interface OnceResult {
  readonly service: string;
  readonly arch: string;
  readonly accel: string;
  readonly kernelMs: number;
  readonly readyMs: number;
  readonly memoryMiB: number;
  readonly rootMiB: number;
}

/**
 * Boots an image, looks at it from outside and powers it off. Nothing that it writes is kept.
 * @throws Error for an image that does not get ready, does not answer as it should, or does not power off in order
 */
export async function probeOnce(image: BuiltImage, onLine: (line: string) => void): Promise<OnceResult> {
  await using guest = await startImage(image, { onLine });
  await guest.waitFor(/lares: ready after /, READY_TIMEOUT_MS);
  await probeWebService(port => guest.port(port));
  const orderly = await guest.powerOff();
  if (!orderly) throw new Error('the guest did not power off in order');
  const { lines } = guest.console;
  const pid1 = lines.map(parsePid1Line).find(seconds => seconds !== undefined);
  const ready = lines.map(parseReadyLine).find(line => line !== undefined);
  if (pid1 === undefined || ready === undefined)
    throw new Error('the console did not tell when PID 1 started');
  return {
    service: image.manifest.service,
    arch: image.manifest.arch,
    accel: guest.acceleration,
    kernelMs: Math.round(pid1 * 1000),
    readyMs: Math.round(ready.seconds * 1000),
    memoryMiB: ready.usedMiB,
    rootMiB: Number((image.manifest.files['root.img'].bytes / MIB).toFixed(1)),
  };
}
