/**
 * What an idle appliance writes to its disk: flash wears by it. The image that ships boots on a recorded disk, nobody asks anything of
 * it, and every minute's writes are counted.
 */
import { readFile, rm } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildImage } from '../../images/build/build.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import { openImage, startImage, type BuiltImage } from '../../images/run/image.ts';
import { recordDisk, type DiskCounts, type RecordedDisk } from '../durability/recording.ts';
import { runLongTest, type Progress } from './run/run.ts';

type Counts = Pick<DiskCounts, 'writes' | 'bytes'>;

interface IdleWrites extends Progress {
  /** From the power button to ready, with the first mount. */
  readonly start: Counts;
  /** ext4 fills its inode tables in the background after the first mount, once in a disk's life. */
  readonly settling: Counts;
  /** One for each idle minute after that. */
  readonly minutes: readonly Counts[];
  readonly bytesPerDay: number;
  readonly quietMinutesInARow: number;
  /** What the orderly power-off wrote. */
  readonly stop: Counts;
}

const IDLE_MINUTES = 10;
/** Flash of a small board lasts some thousand times its size: at this rate 16 GB last a lifetime. */
const BYTES_PER_DAY_MAX = 20_000_000;
/** "For minutes at a time": what waits in memory goes to the disk every five minutes. */
const QUIET_MINUTES_MIN = 3;
const DISK_BYTES = 1024 * 1024 * 1024;
const READY_TIMEOUT_MS = 240_000;
const SETTLING_MS = 60_000;
const MINUTES_PER_DAY = 1_440;

await runLongTest<IdleWrites>({
  name: 'idle-writes',
  goal: IDLE_MINUTES,
  begin: {
    done: 0,
    faults: [],
    start: { writes: 0, bytes: 0 },
    settling: { writes: 0, bytes: 0 },
    minutes: [],
    bytesPerDay: 0,
    quietMinutesInARow: 0,
    stop: { writes: 0, bytes: 0 },
  },
  piece: async () => judge(await measure()),
});

type Measured = Pick<IdleWrites, 'start' | 'settling' | 'minutes' | 'stop'>;

async function measure(): Promise<Measured> {
  const recipe = recipeFor('web-service');
  const folder = await buildImage({ recipe, architecture: 'x86_64', progress: silentProgress });
  const scratch = mkdtempSync(join(tmpdir(), 'lares-idle-'));
  try {
    return await measureImage(await openImage(recipe, { folder }), join(scratch, 'disk.socket'));
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function measureImage(image: BuiltImage, socketPath: string): Promise<Measured> {
  // The room beyond the image is for the data volume to grow into, as on a rented machine.
  const content = new Uint8Array(DISK_BYTES);
  content.set(await readFile(join(image.folder, 'disk.img')));
  await using disk = await recordDisk({ image: content, socketPath, countOnly: true });
  await using guest = await startImage(image, { disk: `nbd:unix:${socketPath}` });
  await guest.waitFor(/lares: ready after /, READY_TIMEOUT_MS);
  const start = take(disk);
  await sleep(SETTLING_MS);
  const settling = take(disk);
  const minutes: Counts[] = [];
  while (minutes.length < IDLE_MINUTES) {
    const died = await Promise.race([sleep(60_000).then(() => false), guest.ended.then(() => true)]);
    if (died) throw new Error(`the guest ended by itself\n${guest.console.tail(40)}`);
    minutes.push(take(disk));
    console.log(`idle-writes: minute ${minutes.length}: ${JSON.stringify(minutes.at(-1))}`);
  }
  if (!(await guest.powerOff())) throw new Error(`no orderly power-off\n${guest.console.tail(40)}`);
  return { start, settling, minutes, stop: take(disk) };
}

function take(disk: RecordedDisk): Counts {
  const { writes, bytes } = disk.takeCounts();
  return { writes, bytes };
}

function judge(measured: Measured): IdleWrites {
  const { minutes } = measured;
  const bytes = minutes.reduce((sum, minute) => sum + minute.bytes, 0);
  const bytesPerDay = Math.round((bytes / minutes.length) * MINUTES_PER_DAY);
  const quietMinutesInARow = longestQuiet(minutes);
  const faults = [
    ...(bytesPerDay > BYTES_PER_DAY_MAX ? [`${bytesPerDay} bytes a day are too many`] : []),
    ...(quietMinutesInARow < QUIET_MINUTES_MIN
      ? [`never more than ${quietMinutesInARow} minutes without a write`]
      : []),
  ];
  return { done: minutes.length, faults, ...measured, bytesPerDay, quietMinutesInARow };
}

function longestQuiet(minutes: readonly Counts[]): number {
  let longest = 0;
  let quiet = 0;
  for (const { writes } of minutes) {
    quiet = writes === 0 ? quiet + 1 : 0;
    longest = Math.max(longest, quiet);
  }
  return longest;
}
