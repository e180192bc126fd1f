import { execFileSync, spawn } from 'node:child_process';
import { constants, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('console-flood.ts', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lares-console-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Flood extends AsyncDisposable {
  /** Where its output can be read, by whoever comes late. */
  readonly output: NodeJS.ReadableStream;
  readonly report: string;
}

function start(stdout: number | 'pipe'): {
  output: NodeJS.ReadableStream | null;
  report: string;
  end(): void;
} {
  const report = join(folder, 'report.json');
  const flags = ['--experimental-ffi', '--no-warnings'];
  const child = spawn(process.execPath, [...flags, PROGRAM, report], {
    stdio: ['ignore', stdout, 'inherit'],
  });
  return { output: child.stdout, report, end: () => child.kill('SIGKILL') };
}

/** A pipe that holds 64 KiB, and a socket pair (what Node gives a child): neither is read. */
const consoles: [string, () => Flood][] = [
  [
    'a pipe',
    () => {
      const path = join(folder, 'fifo');
      execFileSync('mkfifo', [path]);
      // Open for both, so that neither side waits for the other to come.
      const { O_RDWR, O_RDONLY, O_NONBLOCK } = constants;
      const writing = openSync(path, O_RDWR);
      const flood = start(writing);
      const reading = new Socket({
        fd: openSync(path, O_RDONLY | O_NONBLOCK),
        readable: true,
        writable: false,
      });
      reading.pause();
      return {
        ...flood,
        output: reading,
        [Symbol.asyncDispose]: async () => (flood.end(), void reading.destroy()),
      };
    },
  ],
  [
    'a socket',
    () => {
      const flood = start('pipe');
      const output = flood.output as NodeJS.ReadableStream;
      output.pause();
      return { ...flood, output, [Symbol.asyncDispose]: async () => flood.end() };
    },
  ],
];

describe('a console that nobody reads', () => {
  it.each(consoles)('as %s: the log goes on, and says later how much was lost', async (_name, make) => {
    await using flood = make();
    await expect.poll(() => existsSync(flood.report), { timeout: 15_000 }).toBe(true);
    const { tookMs } = JSON.parse(readFileSync(flood.report, 'utf8')) as { tookMs: number };
    expect(tookMs).toBeLessThan(10_000);
    let text = '';
    flood.output.on('data', chunk => (text += String(chunk)));
    flood.output.resume();
    await expect.poll(() => text.includes('console lines lost'), { timeout: 10_000 }).toBe(true);
    const lines = text.trimEnd().split('\n');
    const last = JSON.parse(lines.find(line => line.includes('console lines lost')) ?? '') as {
      count: number;
    };
    // What did come is whole and in order, and nothing is missing from the account.
    const indices = lines
      .filter(line => line.includes('"flood"'))
      .map(line => (JSON.parse(line) as { index: number }).index);
    expect(indices).toEqual(indices.map((_, index) => index));
    expect(indices.length + last.count).toBe(20_000);
  });
});
