import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { repositoryRoot } from '../cli/repository.ts';
import { findAcceleration, type Acceleration } from './acceleration.ts';
import { GuestConsole } from './console.ts';
import { uefiArguments } from './firmware.ts';
import { freePort } from './free-port.ts';
import type { GuestDrive, GuestOptions } from './guest-options.ts';
import { QmpConnection } from './qmp.ts';

/** How long a guest gets to power itself off before it is ended. An orderly stop takes two or three seconds. */
const POWER_OFF_TIMEOUT_MS = 20_000;

/** Part of util-linux: there on every Debian, perhaps not elsewhere. */
const SETPRIV = '/usr/bin/setpriv';

/** A running virtual machine. Disposing it ends it at once, as pulling the plug would. */
export interface Guest extends AsyncDisposable {
  readonly acceleration: Acceleration;
  readonly console: GuestConsole;
  /** The port on 127.0.0.1 behind which a forwarded port of the guest is. @throws Error for one not forwarded */
  port(guestPort: number): number;
  /** Resolves when QEMU has ended. */
  readonly ended: Promise<void>;
  /** A line of the console, as {@link GuestConsole.waitFor}, but failing at once when the guest ends. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /**
   * Presses the power button. @returns whether the guest powered itself off for it; if it does not in time it is ended. False, too, for
   * one that had ended before, or that crashes or resets instead.
   */
  powerOff(): Promise<boolean>;
  /** Processor time of this machine that the guest has used so far, in seconds. */
  cpuSeconds(): number;
  /** Any command of QEMU's machine protocol. */
  qmp(command: string, args?: Record<string, unknown>): Promise<unknown>;
}

/** Starts a guest in QEMU (q35, virtio-pci). @throws Error saying what to install where QEMU is missing */
export async function startGuest(options: GuestOptions): Promise<Guest> {
  const qemu = findQemu();
  const acceleration = options.acceleration ?? (await findAcceleration(qemu, prebuiltKernel));
  const folder = mkdtempSync(join(tmpdir(), 'lares-guest-'));
  const ports = new Map<number, number>();
  for (const { guestPort, preferredPort, datagrams = false } of forwardsOf(options))
    ports.set(guestPort, await freePort(preferredPort, { datagrams }));
  const words = [
    ...endedWithUs(),
    ...inItsNamespace(options),
    qemu,
    ...guestArguments(options, { acceleration, folder, ports }),
  ];
  const child = spawn(words[0] ?? qemu, words.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C is for us: we press the guest's power button instead of killing it.
    detached: true,
  });
  return new QemuGuest(child, { acceleration, folder, ports }, options.onLine);
}

/** The kernel in the repository: what a direct boot uses unless told otherwise. */
export const prebuiltKernel: string = join(repositoryRoot, 'images/prebuilt/x86_64/kernel');

interface GuestPlace {
  readonly acceleration: Acceleration;
  readonly folder: string;
  readonly ports: ReadonlyMap<number, number>;
}

class QemuGuest implements Guest {
  readonly acceleration: Acceleration;
  readonly console: GuestConsole;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #place: GuestPlace;
  #complaint = '';

  constructor(child: ChildProcess, place: GuestPlace, onLine?: (line: string) => void) {
    this.#child = child;
    this.#place = place;
    this.acceleration = place.acceleration;
    if (child.stdout === null || child.stderr === null) throw new Error('QEMU was started without pipes');
    this.console = new GuestConsole(child.stdout, onLine);
    child.stderr.on('data', chunk => (this.#complaint += String(chunk)));
    const killWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', killWithUs);
    this.ended = new Promise(resolve => {
      child.once('close', code => {
        process.off('exit', killWithUs);
        rmSync(place.folder, { recursive: true, force: true });
        if (code !== 0 && code !== null) this.console.lines.push(`QEMU: ${this.#complaint.trim()}`);
        resolve();
      });
    });
  }

  port(guestPort: number): number {
    const port = this.#place.ports.get(guestPort);
    if (port === undefined) throw new Error(`port ${guestPort} of the guest is not forwarded`);
    return port;
  }

  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    return this.console.waitFor(pattern, timeoutMs, this.ended);
  }

  cpuSeconds(): number {
    // proc_pid_stat(5): fields 14 and 15 are user and system time in ticks, which are 10 ms on every Linux.
    const text = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async qmp(command: string, args?: Record<string, unknown>): Promise<unknown> {
    using connection = await QmpConnection.open(join(this.#place.folder, 'qmp'));
    // Awaited here, since leaving the scope closes the connection.
    return await connection.execute(command, args);
  }

  async powerOff(): Promise<boolean> {
    if (this.#hasEnded()) return false;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), POWER_OFF_TIMEOUT_MS);
    const reason = await this.#pressPowerButton().finally(() => clearTimeout(timer));
    return reason === 'guest-shutdown';
  }

  /** Why QEMU ended then; undefined where it did not say. */
  async #pressPowerButton(): Promise<string | undefined> {
    using connection = await QmpConnection.open(join(this.#place.folder, 'qmp')).catch(() => undefined);
    // QEMU is not there yet, or not any more: nobody hears the button.
    if (connection === undefined) this.#child.kill('SIGKILL');
    else await connection.execute('system_powerdown');
    await this.ended;
    return connection?.shutdownReason;
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded()) this.#child.kill('SIGKILL');
    await this.ended;
  }
}

function findQemu(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map(folder => join(folder, 'qemu-system-x86_64')).find(path => existsSync(path));
  if (found === undefined)
    throw new Error(
      'QEMU is needed to boot an image; on Debian: sudo apt-get install -y --no-install-recommends qemu-system-x86 ovmf',
    );
  return found;
}

// Nobody is left to end a guest whose runner was killed, so the kernel is asked to. QEMU has no option of its own for it.
function endedWithUs(): string[] {
  return existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL'] : [];
}

function inItsNamespace({ network }: GuestOptions): string[] {
  return typeof network === 'object' ? ['ip', 'netns', 'exec', network.namespace] : [];
}

function forwardsOf({ network, forwards }: GuestOptions): NonNullable<GuestOptions['forwards']> {
  return typeof network === 'object' ? [] : (forwards ?? []);
}

/**
 * Emulated, a string instruction goes byte by byte; and after a reset each of those bytes is checked against the code that
 * the last run had in that page. Told that they are not fast (ERMS), the kernel clears and copies by words.
 */
const ACCELERATORS = {
  kvm: ['-accel', 'kvm', '-cpu', 'max'],
  tcg: ['-accel', 'tcg,thread=multi', '-cpu', 'max,erms=off'],
} as const;

function guestArguments(options: GuestOptions, place: GuestPlace): string[] {
  return [
    ...['-M', 'q35', '-m', String(options.memoryMiB ?? 128), '-smp', String(options.processors ?? 1)],
    ...ACCELERATORS[place.acceleration],
    '-nodefaults',
    ...[
      '-display',
      'none',
      '-serial',
      'stdio',
      '-qmp',
      `unix:${join(place.folder, 'qmp')},server=on,wait=off`,
    ],
    ...['-device', 'virtio-rng-pci', '-device', 'i6300esb', '-action', 'watchdog=reset'],
    ...(options.mayReboot === true ? [] : ['-no-reboot']),
    ...(options.firmware === 'uefi' ? uefiArguments(place.folder) : []),
    ...options.drives.flatMap((drive, index) =>
      driveArguments(drive, index, options.kernel === undefined && index === 0),
    ),
    ...networkArguments(options, place.ports),
    ...kernelArguments(options),
    ...(options.extraArguments ?? []),
  ];
}

function driveArguments(drive: GuestDrive, index: number, bootable: boolean): string[] {
  const snapshot = drive.snapshot === true ? ',snapshot=on' : '';
  return [
    '-drive',
    `if=none,id=disk${index},file=${drive.file},format=${drive.format ?? 'raw'}${snapshot},discard=unmap`,
    '-device',
    `virtio-blk-pci,drive=disk${index},serial=disk${index}${bootable ? ',bootindex=1' : ''}`,
  ];
}

function networkArguments(options: GuestOptions, ports: ReadonlyMap<number, number>): string[] {
  if (options.network === 'none') return ['-nic', 'none'];
  // A hub with nobody else on it: a cable into a switch without a DHCP server.
  if (options.network === 'silent') return ['-nic', 'hubport,hubid=1,model=virtio-net-pci'];
  if (typeof options.network === 'object') {
    const tap = `tap,id=net0,ifname=${options.network.tap},script=no,downscript=no`;
    return ['-netdev', tap, '-device', CARD];
  }
  const forwards = (options.forwards ?? []).flatMap(({ guestPort, datagrams = false }) =>
    (datagrams ? ['tcp', 'udp'] : ['tcp']).map(
      transport => `,hostfwd=${transport}:127.0.0.1:${ports.get(guestPort)}-:${guestPort}`,
    ),
  );
  return ['-netdev', `user,id=net0${forwards.join('')}`, '-device', CARD];
}

const CARD = 'virtio-net-pci,netdev=net0,romfile=';

function kernelArguments(options: GuestOptions): string[] {
  if (options.kernel === undefined) return [];
  const initrd = options.kernel.initrd === undefined ? [] : ['-initrd', options.kernel.initrd];
  return ['-kernel', options.kernel.file, '-append', options.kernel.commandLine, ...initrd];
}
