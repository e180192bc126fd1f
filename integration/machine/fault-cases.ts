import { truncate, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { formatCommandLine } from '../../images/build/command-line.ts';
import { repositoryRoot } from '../../images/cli/repository.ts';
import type { Guest } from '../../images/run/guest.ts';
import { prebuiltKernel, startGuest } from '../../images/run/guest.ts';
import type { GuestOptions } from '../../images/run/guest-options.ts';
import { FIRST_BOOT_STATE } from '../../shared/protocols/boot-state/boot-state.ts';
import { eventually } from '../eventually.ts';
import { run } from '../images/scratch.ts';
import { createSlotDisk } from '../images/slot-disk.ts';
import type { MachineRoot } from './machine-root.ts';
import { buildMachineRoot } from './machine-root.ts';

const TEMPLATE = join(repositoryRoot, 'images/prebuilt/x86_64/data.ext4.zst');
const BOOT_MS = 240_000;
const MIB = 1_048_576;

/** One way for a machine to be in trouble; gives what it did not do as it should. */
export interface FaultCase {
  readonly name: string;
  readonly run: () => Promise<readonly string[]>;
}

export const faultCases: readonly FaultCase[] = [
  { name: 'no disk and no network card', run: withoutAnything },
  { name: 'a stranger on the data volume', run: withStranger },
  { name: 'a blank disk of 1 TiB', run: withBlankDisk },
  { name: 'a service that throws', run: () => restarts('throw', /fault: Error: the service broke/) },
  { name: 'a service that exits', run: () => restarts('exit', /fault: PID 1 ended by itself with code 3/) },
  { name: 'a service that hangs', run: () => hangs('hang') },
  { name: 'a start that hangs', run: () => hangs('hang-at-start') },
  { name: 'a service that hangs, started by its disk', run: hangsOnDisk },
];

async function withoutAnything(): Promise<readonly string[]> {
  await using root = await buildMachineRoot('facts-program.ts', '');
  const seen = await bootOnce(root, [], 'none');
  return missing(seen, [
    /no data volume: attach a disk to keep anything/,
    /no network address yet: no Ethernet link was found/,
    /facts: .*"execve":"EPERM"/,
    /lares: power off/,
  ]);
}

async function withStranger(): Promise<readonly string[]> {
  await using root = await buildMachineRoot('facts-program.ts', '');
  const disk = join(root.folder, 'stranger.img');
  const marker = join(root.folder, 'appliance.json');
  await writeFile(disk, zstdDecompressSync(readFileSync(TEMPLATE)));
  await writeFile(marker, '{"service":"smtp-service","id":"1"}\n');
  await run('debugfs', '-w', '-R', `write ${marker} appliance.json`, disk);
  const before = readFileSync(disk);
  const seen = await bootOnce(root, [disk]);
  const faults = missing(seen, [
    /\(\/dev\/vdb\) cannot be used: it holds the data of smtp-service, and this is web-service/,
  ]);
  return before.equals(readFileSync(disk)) ? faults : [...faults, "the stranger's disk was changed"];
}

async function withBlankDisk(): Promise<readonly string[]> {
  await using root = await buildMachineRoot('facts-program.ts', '');
  const disk = join(root.folder, 'blank.img');
  await writeFile(disk, '');
  await truncate(disk, 1_048_576 * MIB);
  const first = await bootOnce(root, [disk]);
  const faults = missing(first, [
    /\/dev\/vdb is blank and becomes the data volume/,
    /grown to 1 TiB/,
    /"faults":\[\]/,
  ]);
  const second = await bootOnce(root, [disk]);
  if (/blank|grown/.test(second)) faults.push('the second start began anew');
  const check = await run('e2fsck', '-f', '-n', disk);
  return /lares-data: [0-9]+\/[0-9]+ files/.test(check) ? faults : [...faults, `e2fsck: ${check}`];
}

/** Broken by itself: says why, waits, restarts, knows the reason afterwards, and hears the power button while it waits. */
async function restarts(way: string, reason: RegExp): Promise<readonly string[]> {
  await using root = await buildMachineRoot('fault-program.ts', configurationFor(way));
  const disk = join(root.folder, 'data.img');
  await writeFile(disk, '');
  await truncate(disk, 64 * MIB);
  const lines: string[] = [];
  const options = { mayReboot: true, onLine: (line: string) => void lines.push(line) };
  await using guest = await root.start([{ file: disk }], options);
  await guest.waitFor(/last fault: "[^"]/, 2 * BOOT_MS);
  await guest.waitFor(/restart in 2 s/, BOOT_MS);
  // The third wait is long enough to press the button in it.
  await guest.waitFor(/restart in 4 s/, BOOT_MS);
  if (!(await guest.powerOff())) lines.push('it did not end at the button');
  return missing(lines.join('\n'), [
    reason,
    /restart in 1 s[^]*last fault: "[^"]+"[^]*restart in 2 s[^]*restart in 4 s[^]*lares: power off/,
  ]);
}

/** Stands still: the watchdog restarts it, after 30 s without a sign of life, or 60 s where there was none yet. */
async function hangs(way: string): Promise<readonly string[]> {
  await using root = await buildMachineRoot('fault-program.ts', configurationFor(way));
  // Awaited here, since leaving the scope removes what the guest runs on.
  return await watchdogRestarts(options => root.start([], options));
}

/** The same by way of firmware and GRUB, which a reset that nobody asked for must not stop. */
async function hangsOnDisk(): Promise<readonly string[]> {
  await using root = await buildMachineRoot('fault-program.ts', configurationFor('hang'));
  const slot = {
    root: readFileSync(join(root.folder, 'root.img')),
    kernel: readFileSync(prebuiltKernel),
    version: 'test',
    commandLine: formatCommandLine({ version: 'test', debug: false }),
  };
  await using disk = await createSlotDisk({ a: slot, b: slot, bootState: FIRST_BOOT_STATE });
  // Awaited here, since leaving the scope removes what the guest runs on.
  return await watchdogRestarts(options => startGuest({ ...options, drives: [{ file: disk.path }] }));
}

function configurationFor(way: string): string {
  return `[appliance]\nhostname = "${way}"\n`;
}

async function watchdogRestarts(
  start: (options: Omit<GuestOptions, 'drives'>) => Promise<Guest>,
): Promise<readonly string[]> {
  const lines: string[] = [];
  await using guest = await start({ mayReboot: true, onLine: line => void lines.push(line) });
  await guest.waitFor(/pid 1 after/, BOOT_MS);
  const starts = (): number => lines.filter(line => line.includes('pid 1 after')).length;
  const seen = (): string => lines.join('\n');
  await eventually('the watchdog restarts it', () => starts() >= 2, { timeoutMs: BOOT_MS, seen });
  return [];
}

/** Everything on the console from the start to the end at the power button. */
async function bootOnce(
  root: MachineRoot,
  disks: readonly string[],
  network: 'user' | 'none' = 'user',
): Promise<string> {
  const lines: string[] = [];
  const drives = disks.map(file => ({ file }));
  await using guest = await root.start(drives, { network, onLine: line => void lines.push(line) });
  await guest.waitFor(/facts: \{/, BOOT_MS);
  if (!(await guest.powerOff())) lines.push('it did not end in order');
  return lines.join('\n');
}

function missing(seen: string, patterns: readonly RegExp[]): string[] {
  const faults = patterns
    .filter(pattern => !pattern.test(seen))
    .map(pattern => `${pattern} is not on the console`);
  return faults.length === 0 ? [] : [...faults, seen];
}
