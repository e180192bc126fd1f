import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '..', 'main.ts');
const PROCESS_MS = 60_000;

interface Run {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** `lares sim …` in a process of its own. */
function sim(...args: string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', main, 'sim', ...args]);
    let [output, errors] = ['', ''];
    child.stdout.on('data', chunk => (output += String(chunk)));
    child.stderr.on('data', chunk => (errors += String(chunk)));
    child.on('error', reject);
    child.on('close', code => resolve({ code, lines: output.trimEnd().split('\n'), errors }));
  });
}

describe('lares sim', () => {
  it(
    'prints the same log for the same seed in another process, and another for another',
    async () => {
      const [one, same, other] = await Promise.all([
        sim('--seed', '11'),
        sim('--seed', '11'),
        sim('--seed', '12'),
      ]);
      expect(one.code).toBe(0);
      expect(one.lines.length).toBeGreaterThan(1_000);
      expect(same.lines.join('\n')).toBe(one.lines.join('\n'));
      expect(other.lines.at(-1)).not.toBe(one.lines.at(-1));
      const outcome = JSON.parse(one.lines.at(-1) ?? '') as Record<string, unknown>;
      expect(outcome).toMatchObject({ seed: 11, events: one.lines.length - 1, violations: [] });
    },
    PROCESS_MS,
  );

  it(
    'writes the log to a file, and searches seeds for a planted bug',
    async () => {
      const file = join(tmpdir(), `lares-sim-${process.pid}.txt`);
      const { lines } = await sim('--scenario', 'herd', '--log', file);
      const { events } = JSON.parse(lines[0] ?? '') as { events: number };
      expect((await readFile(file, 'utf8')).split('\n').length - 1).toBe(events);
      await rm(file);

      const found = await sim('--scenario', 'herd', '--seeds', '50', '--bug', 'no-jitter');
      expect(found.code).toBe(1);
      expect(found.lines.at(-1)).toMatch(/sim --scenario herd --seed \d+ --bug no-jitter$/);
    },
    PROCESS_MS,
  );

  it(
    'says what would be right where a word is wrong',
    async () => {
      const [scenario, seed] = await Promise.all([sim('--scenario', 'flock'), sim('--seed', 'x')]);
      expect(scenario.errors).toContain("there is no scenario 'flock'; there are: counter, herd");
      expect(seed.errors).toContain('--seed x: a whole number would be right');
      expect([scenario.code, seed.code]).toEqual([1, 1]);
    },
    PROCESS_MS,
  );
});
