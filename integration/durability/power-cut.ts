import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import { prebuiltKernel, startGuest } from '../../images/run/guest.ts';
import { assert } from '../../shared/base/assert.ts';
import { checkStores } from './check.ts';
import { chooseMoments, cutDisk, type CutDisk } from './cuts.ts';
import { buildGuestRoot } from './guest/root.ts';
import { recordDisk, type DiskEvent, type RecordedDisk } from './recording.ts';
import { NO_STEPS, PHASES, streamsOf, type Phase, type Steps } from './workload.ts';

export interface Recording {
  /** The disk before the first event. */
  readonly base: Uint8Array;
  readonly events: readonly DiskEvent[];
}

/** How many steps to acknowledge in each phase. */
export type Goals = Readonly<Record<Phase, number>>;

/** Boots a guest that writes to a recorded disk, first as the product does and then with syncs left out. */
export async function recordRun(goals: Goals): Promise<Recording> {
  await using folder = await temporaryFolder();
  const base = new Uint8Array(zstdDecompressSync(await readFile(TEMPLATE)));
  const socketPath = join(folder.path, 'data.socket');
  const root = join(folder.path, 'root.img');
  await writeFile(root, await buildGuestRoot(join(import.meta.dirname, 'guest/main.ts')));
  await using disk = await recordDisk({ image: base.slice(), socketPath });
  await using listener = await listen(disk, goals);
  await using guest = await startGuest({
    // The disk's write cache is the recorder's: QEMU passes every write and flush on as it comes.
    drives: [{ file: root }, { file: `nbd:unix:${socketPath}` }],
    kernel: { file: prebuiltKernel, commandLine: commandLineOf(listener.port) },
    memoryMiB: 384,
  });
  const stopped = async (why: string): Promise<never> => {
    throw new Error(`${why}; ${listener.told()}\n${guest.console.lines.join('\n')}`);
  };
  await Promise.race([
    listener.done,
    guest.ended.then(() => stopped('the guest ended')),
    sleep(RUN_MAX_MS, undefined, { ref: false }).then(() => stopped(`no end after ${RUN_MAX_MS} ms`)),
  ]);
  return { base, events: disk.events };
}

function commandLineOf(port: number): string {
  const kernel = 'console=ttyS0 quiet panic=-1 root=/dev/vda rootfstype=squashfs ro init=/bin/node';
  return `${kernel} -- --experimental-ffi --no-warnings /app/main.mjs ${port}`;
}

interface Listener extends AsyncDisposable {
  readonly port: number;
  readonly done: Promise<void>;
  readonly told: () => string;
}

/** Notes what the guest acknowledges, in one sequence with its writes, and answers; a phase ends by leaving out the answers. */
async function listen(disk: RecordedDisk, goals: Goals): Promise<Listener> {
  const done = Promise.withResolvers<void>();
  const counts = { whole: 0, 'no-folder-sync': 0, 'no-content-sync': 0 };
  let client: Socket | undefined;
  const server = createServer(socket => {
    client = socket;
    socket.on('error', () => {});
    socket.write(`go ${PHASES[0]}\n`);
    createInterface({ input: socket }).on('line', line => {
      disk.note(line);
      const phase = phaseOf(line);
      counts[phase]++;
      if (counts[phase] < goals[phase]) socket.write(`${line}\n`);
      if (counts[phase] !== goals[phase]) return;
      const next = PHASES[PHASES.indexOf(phase) + 1];
      if (next === undefined) done.resolve();
      else socket.write(`go ${next}\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    done: done.promise,
    told: () => `acknowledged: ${JSON.stringify(counts)}`,
    async [Symbol.asyncDispose]() {
      client?.destroy();
      server.close();
    },
  };
}

export interface PhaseOutcome {
  readonly cuts: number;
  /** Cuts after which something acknowledged was gone or damaged. */
  readonly losses: number;
  readonly faults: readonly string[];
}

/**
 * Cuts the recording in each phase at that many moments, mounts what is left and compares it with what had been acknowledged.
 * The phases after the first must lose something, or the comparison would see nothing.
 */
export async function tryCuts(
  recording: Recording,
  cuts: Goals,
  random: () => number,
): Promise<Record<Phase, PhaseOutcome>> {
  await using folder = await temporaryFolder();
  const found = {
    whole: { cuts: 0, losses: 0, faults: [] as string[] },
    'no-folder-sync': { cuts: 0, losses: 0, faults: [] as string[] },
    'no-content-sync': { cuts: 0, losses: 0, faults: [] as string[] },
  };
  for (const cut of cutDisk(recording, momentsOf(recording.events, cuts, random), random)) {
    const current = phaseOf(cut.notes.at(-1) ?? PHASES[0]);
    const examined = await examine(folder.path, cut, new Set([PHASES[0], current]));
    found[current].cuts++;
    for (const { phase, faults } of examined) {
      if (faults.length > 0) found[phase].losses++;
      found[phase].faults.push(...faults.map(fault => `cut at event ${cut.at} (${cut.how}): ${fault}`));
    }
  }
  return found;
}

/** From the first note of a phase to the first of the next. */
function momentsOf(events: readonly DiskEvent[], cuts: Goals, random: () => number): number[] {
  const begins = PHASES.map(phase =>
    events.findIndex(event => event.kind === 'note' && event.text.startsWith(`${phase} `)),
  );
  return PHASES.flatMap((phase, index) => {
    const range = { from: begins[index]! + 1, to: begins[index + 1] ?? events.length, count: cuts[phase] };
    return chooseMoments(events, range, random);
  });
}

interface Examined {
  readonly phase: Phase;
  readonly faults: readonly string[];
}

async function examine(
  folder: string,
  cut: CutDisk,
  phases: ReadonlySet<Phase>,
): Promise<readonly Examined[]> {
  // A file of its own for each: another mount namespace that began meanwhile keeps the loop device of the one before.
  const image = join(folder, `${randomUUID()}.img`);
  const mounted = join(folder, 'mounted');
  await mkdir(mounted, { recursive: true });
  await writeSparse(image, cut.image);
  try {
    await run('mount', ['-t', 'ext4', '-o', 'loop,noatime', image, mounted]);
  } catch (fault) {
    return [{ phase: 'whole', faults: [`the file system cannot be mounted: ${(fault as Error).message}`] }];
  }
  try {
    const examined: Examined[] = [];
    for (const phase of phases) {
      const { faults } = await checkStores(join(mounted, phase), stepsOf(cut.notes, phase), streamsOf(phase));
      examined.push({ phase, faults });
    }
    return examined;
  } finally {
    await run('umount', [mounted]);
    await rm(image);
  }
}

/** Most of the disk is empty, and writing the empty parts would take most of the time. */
async function writeSparse(path: string, content: Uint8Array): Promise<void> {
  await using handle = await open(path, 'w');
  await handle.truncate(content.length);
  for (let start = 0; start < content.length; start += PIECE_BYTES) {
    const piece = content.subarray(start, start + PIECE_BYTES);
    if (!EMPTY_PIECE.equals(piece)) await handle.write(piece, 0, piece.length, start);
  }
}

/** The last step acknowledged in each stream. */
function stepsOf(notes: readonly string[], phase: Phase): Steps {
  const steps: Record<string, number> = { ...NO_STEPS };
  for (const note of notes) {
    const [who, stream, step] = note.split(' ');
    if (who === phase) steps[stream!] = Number(step);
  }
  return steps;
}

function phaseOf(note: string): Phase {
  const phase = PHASES.find(phase => note.startsWith(phase));
  assert(phase !== undefined, `the guest tells of one of its phases: ${note}`);
  return phase;
}

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'lares-power-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const run = promisify(execFile);
const PIECE_BYTES = 256 * 1024;
const EMPTY_PIECE = Buffer.alloc(PIECE_BYTES);
/** Checking flushes too, which costs nothing in memory. */
const MEMORY_FOLDER = '/dev/shm';
const TEMPLATE = join(import.meta.dirname, '../../images/prebuilt/x86_64/data.ext4.zst');
/** Emulated, on a busy machine, a boot takes up to half a minute and a thousand steps as long. */
const RUN_MAX_MS = 240_000;
