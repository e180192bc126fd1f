import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A folder that is gone at the end of its scope. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

export async function createScratch(): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), 'lares-images-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const runFile = promisify(execFile);

/** Runs a program of the system. Its output; @throws Error with what it said where it ends with anything but 0 */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  // Debian keeps file system tools where only root's path leads.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8' };
  const { stdout, stderr } = await runFile(program, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout + stderr;
}
