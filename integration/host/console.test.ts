import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import type { FloodReport } from './console-flood.ts';

const PROGRAM = fileURLToPath(new URL('console-flood.ts', import.meta.url));
const LINES = 20_000;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lares-console-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Flood extends AsyncDisposable {
  /** Where its output can be read, by whoever comes late. */
  readonly output: NodeJS.ReadableStream;
  /** Comes when all lines have been logged. */
  readonly report: Promise<FloodReport>;
}

interface Started {
  readonly output: NodeJS.ReadableStream | null;
  readonly report: Promise<FloodReport>;
  end(): void;
}

function start(stdout: number | 'pipe'): Started {
  const flags = ['--experimental-ffi', '--no-warnings'];
  const stdio = ['ignore', stdout, 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, [...flags, PROGRAM], { stdio: [...stdio] });
  const report = once(child, 'message').then(([message]) => message as FloodReport);
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

const LOST_LINE = /^.*console lines lost.*\n/m;

describe('a console that nobody reads', () => {
  it.each(consoles)('as %s: the log goes on, and says later how much was lost', async (_name, make) => {
    await using flood = make();
    const { tookMs } = await flood.report;
    expect(tookMs).toBeLessThan(10_000);
    let text = '';
    flood.output.on('data', chunk => (text += String(chunk)));
    flood.output.resume();
    // The whole of its line: it may come in two pieces.
    const last = await eventually('the account of what was lost', () => LOST_LINE.exec(text)?.[0]);
    const { count } = JSON.parse(last) as { count: number };
    const lines = text.split('\n');
    // What did come is whole and in order, and nothing is missing from the account.
    const indices = lines
      .filter(line => line.includes('"flood"'))
      .map(line => (JSON.parse(line) as { index: number }).index);
    expect(indices).toEqual(indices.map((_, index) => index));
    expect(indices.length + count).toBe(LINES);
  });
});
