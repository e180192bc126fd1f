import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { freemem, homedir, hostname, networkInterfaces, release, totalmem, type } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { EndKind, Platform, PlatformFacts } from '../devices/platform.ts';
import { readSecretFiles, type SecretFiles } from './secret-files.ts';

/**
 * A process on somebody's host: `--config FILE` (may be given several times, first match wins), `--data FOLDER`, `--content FOLDER`.
 * Without them: built-in defaults, the user's state folder, and the folder of the configuration file.
 * @throws Error with a sentence for people on an unknown option or a file that cannot be read.
 */
export function createProcessPlatform(args: readonly string[], service: string = serviceName()): Platform {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string', multiple: true, default: [] },
      data: { type: 'string' },
      content: { type: 'string' },
    },
  });
  const files = values.config.map(file => resolve(file));
  const { secrets, faults } = readSecrets(files[0]);
  return {
    kind: 'process',
    dataFolder: resolve(values.data ?? stateFolder(service)),
    contentFolder: resolve(values.content ?? dirname(files[0] ?? join(process.cwd(), '_'))),
    configuration: files.map(readConfiguration),
    secrets,
    stopRequested: stopOnSignals(),
    facts: () => facts(faults),
    announce,
    // A plain process has given up nothing: its facts say so ('allowed', seccomp 0).
    lockDown: () => Promise.resolve(),
    // There is no watchdog to tell; whoever supervises the process watches it by other means.
    alive: () => undefined,
    end,
  };
}

/** `services/web-service/main.ts` is web-service. */
function serviceName(): string {
  return basename(dirname(process.argv[1] ?? '/service/main.ts'));
}

// XDG Base Directory Specification 0.8: what should persist between restarts and is not portable belongs in the state folder.
function stateFolder(service: string): string {
  const state = process.env['XDG_STATE_HOME'];
  return join(
    state === undefined || state === '' ? join(homedir(), '.local', 'state') : state,
    'lares',
    service,
  );
}

function readConfiguration(file: string): { origin: string; text: string } {
  try {
    return { origin: file, text: readFileSync(file, 'utf8') };
  } catch (cause) {
    throw new Error(`--config ${file}: cannot be read`, { cause });
  }
}

/** Those beside the first configuration. Faults are told and lived with: only who asks for the secret knows what to do without it. */
function readSecrets(configuration: string | undefined): SecretFiles {
  if (configuration === undefined) return { secrets: {}, faults: [] };
  const files = readSecretFiles(join(dirname(configuration), 'secrets'));
  for (const fault of files.faults) announce(`lares: ${fault}`, 'bad');
  return files;
}

/** The first signal asks for an orderly stop; the second one ends at once, for whoever has lost patience. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.on(signal, () => {
      // 128 + n is how shells tell of a signal.
      if (stop.signal.aborted) process.exit(128 + number);
      stop.abort(new Error(`stopped by ${signal}`));
    });
  }
  return stop.signal;
}

async function facts(faults: PlatformFacts['faults']): Promise<PlatformFacts> {
  return {
    hostname: hostname(),
    addresses: Object.values(networkInterfaces()).flatMap((addresses = []) =>
      addresses.filter(({ internal }) => !internal).map(({ address }) => address),
    ),
    uptimeSeconds: process.uptime(),
    kernel: `${type()} ${release()}`,
    runtime: `Node.js ${process.versions.node}`,
    memory: { totalBytes: totalmem(), availableBytes: await availableMemory() },
    tasks: await readTasks(),
    execve: 'allowed',
    faults,
  };
}

/** What programs can still get, caches given back: 'MemAvailable' of proc(5), where `freemem` counts caches as used. */
async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kibibytes = /^MemAvailable:\s+([0-9]+) kB/m.exec(text)?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}

async function readTasks(): Promise<PlatformFacts['tasks']> {
  const ids = await readdir('/proc/self/task').catch(() => []);
  const tasks = await Promise.all(
    ids.map(async id => {
      // A task may have ended since it was listed.
      const status = await readFile(`/proc/self/task/${id}/status`, 'utf8').catch(() => undefined);
      if (status === undefined) return [];
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
      return [
        { id: Number(id), seccomp: Number(field('Seccomp') ?? 0), capabilities: field('CapEff') ?? '' },
      ];
    }),
  );
  return tasks.flat();
}

const COLOURS = { info: '', good: '\u001b[32m', bad: '\u001b[31m' } as const;

function announce(line: string, level: 'info' | 'good' | 'bad' = 'info'): void {
  const colour = process.stdout.isTTY ? COLOURS[level] : '';
  console.log(colour === '' ? line : `${colour}${line}\u001b[0m`);
}

/** sysexits.h: EX_TEMPFAIL asks the supervisor to start the process again. */
const EXIT_CODES: Readonly<Record<EndKind, number>> = { 'power-off': 0, reboot: 75, fault: 1 };

function end(kind: EndKind, cause?: unknown): Promise<never> {
  if (cause !== undefined) console.error(cause instanceof Error ? (cause.stack ?? cause.message) : cause);
  process.exit(EXIT_CODES[kind]);
}
