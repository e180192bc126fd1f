import { parsePid1Line, parseReadyLine } from '../../shared/base/console-lines.ts';
import type { BuiltImage } from './image.ts';
import type { StartImageOptions } from './image.ts';
import { startImage } from './image.ts';
import { probeDnsService } from './probe-dns.ts';
import { probeWebService } from './probe.ts';

/** Emulated on a busy machine a start takes 20 s; this is for one that is ten times slower. */
const READY_TIMEOUT_MS = 240_000;

const MIB: number = 1024 * 1024;

/** What is looked at from outside, by service. */
const PROBES: Readonly<Record<string, (port: (guestPort: number) => number) => Promise<void>>> = {
  'web-service': probeWebService,
  'dns-service': probeDnsService,
};

/** What `up -- --once` prints. Times count from the kernel's start. */
interface OnceResult {
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
async function probeOnce(image: BuiltImage, options: StartImageOptions): Promise<OnceResult> {
  await using guest = await startImage(image, options);
  await guest.waitFor(/lares: ready after /, READY_TIMEOUT_MS);
  await PROBES[image.manifest.service]?.(port => guest.port(port));
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

/** What `--once` does: the console goes to standard error, which leaves standard output to the one line of result. */
export async function runOnce(image: BuiltImage, options: StartImageOptions = {}): Promise<number> {
  const onLine = (line: string): void => void process.stderr.write(`${line}\n`);
  console.log(JSON.stringify(await probeOnce(image, { ...options, onLine })));
  return 0;
}
