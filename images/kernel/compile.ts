import { execFileSync, spawn } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from '../prebuilt/lock.ts';
import { fragmentPaths, readFragments } from './files.ts';
import { joinFragments, lostRequests, parseConfiguration } from './fragments.ts';
import type { KernelSource } from './source.ts';

/** The kernel could not be configured or compiled as the fragments ask. */
export class KernelBuildError extends Error {
  override readonly name = 'KernelBuildError';
}

export interface CompiledKernel {
  readonly image: Uint8Array;
  /** The final configuration, without the lines that describe the building machine. */
  readonly configuration: string;
}

/** Symbols that Kconfig fills in from the compilers it finds; the code that is used does not depend on them. */
const ABOUT_THE_MACHINE =
  /^(CONFIG_(CC_VERSION_TEXT|GCC_VERSION|CLANG_VERSION|AS_VERSION|LD_VERSION|LLD_VERSION|RUSTC_\w+|PAHOLE_\w+)=|# Linux\/|# Automatically generated)/;

/**
 * tinyconfig, then the fragments, then the compiler. The same source, fragments and compiler give the same bytes.
 * @throws KernelBuildError when a fragment's request was dropped, or make fails
 */
export async function compileKernel(
  source: KernelSource,
  architecture: Architecture,
  say: (line: string) => void,
): Promise<CompiledKernel> {
  await configure(source, architecture);
  say('configured; compiling');
  await make(source, architecture, ['bzImage'], say);
  const configuration = await readFile(join(source.folder, '.config'), 'utf8');
  return {
    image: await readFile(join(source.folder, 'arch/x86/boot/bzImage')),
    configuration: stripMachine(configuration),
  };
}

async function configure(source: KernelSource, architecture: Architecture): Promise<void> {
  const config = join(source.folder, '.config');
  await make(source, architecture, ['tinyconfig']);
  await copyFile(config, `${config}.tiny`);
  const merge = [
    'scripts/kconfig/merge_config.sh',
    '-m',
    '.config.tiny',
    ...(await fragmentPaths(architecture)),
  ];
  await spawned('sh', merge, source, ignore);
  await make(source, architecture, ['olddefconfig']);
  const final = parseConfiguration(await readFile(config, 'utf8'), '.config');
  const lost = lostRequests(joinFragments(await readFragments(architecture)), final);
  if (lost.length === 0) return;
  const lines = lost.map(
    ({ symbol, requested, got }) => `  CONFIG_${symbol}: ${requested} asked, ${got} got`,
  );
  throw new KernelBuildError(`Kconfig dropped requests of images/kernel/fragments:\n${lines.join('\n')}`);
}

async function make(
  source: KernelSource,
  architecture: Architecture,
  targets: readonly string[],
  say: (line: string) => void = ignore,
): Promise<void> {
  const options = [`ARCH=${architecture}`, `-j${availableParallelism() + 1}`, 'RUSTC=false', 'PAHOLE=false'];
  await spawned('make', [...options, ...targets], source, say);
}

function ignore(): void {}

/** How many of the compiler's lines pass between two lines of progress. */
const PROGRESS_LINES = 250;
/** What of make's output is kept for the message of a failure. */
const KEPT_LINES = 40;

async function spawned(
  command: string,
  args: readonly string[],
  source: KernelSource,
  say: (line: string) => void,
): Promise<void> {
  const child = spawn(command, args, {
    cwd: source.folder,
    env: reproducibleEnvironment(source.packedAt),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kept: string[] = [];
  let count = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter(part => part !== '')) {
        kept.push(line);
        if (kept.length > KEPT_LINES) kept.shift();
        if (++count % PROGRESS_LINES === 0) say(`${count} steps  ${line.trim()}`);
      }
    });
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  if (code !== 0)
    throw new KernelBuildError(`${command} ${args.at(-1)} failed (${String(code)}):\n${kept.join('\n')}`);
}

/** Nothing of this machine, user, clock or locale reaches the image. */
function reproducibleEnvironment(packedAt: Date): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    KBUILD_BUILD_TIMESTAMP: packedAt.toISOString(),
    KBUILD_BUILD_USER: 'lares',
    KBUILD_BUILD_HOST: 'lares',
    KBUILD_BUILD_VERSION: '1',
  };
}

function stripMachine(configuration: string): string {
  const lines = configuration.split('\n').filter(line => !ABOUT_THE_MACHINE.test(line));
  return lines.join('\n');
}

/** The first line of `gcc --version`: another compiler may give another kernel. */
export function compilerVersion(): string {
  return execFileSync('gcc', ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
}
