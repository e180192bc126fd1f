import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../repository.ts';
import type { Verb } from '../verb.ts';
import { verb as check } from './check.ts';

export const verb: Verb = {
  summary:
    'check, then unit, simulation and integration tests (test -- NAME… runs the matching test files alone)',
  async run(args) {
    if (args.length > 0) return vitest(args);
    const checked = await check.run([]);
    if (checked !== 0) return checked;
    const unit = await vitest(['--project', 'unit']);
    return unit === 0 ? integration() : unit;
  },
};

/** Machines, one file at a time, beside peers, which wait for half of their time: together they fill two processors. */
async function integration(): Promise<number> {
  console.log(
    '\nlares: images and machines are tested beside the rest; what they said is shown at their end',
  );
  const machines: Uint8Array[] = [];
  const codes = await Promise.all([
    vitest(['--project', 'integration']),
    vitest(['--project', 'machines'], chunk => machines.push(chunk)),
  ]);
  process.stdout.write(Buffer.concat(machines));
  return Math.max(...codes);
}

/** `onOutput` gets what it writes; without it, that goes where ours goes. */
function vitest(args: readonly string[], onOutput?: (chunk: Uint8Array) => void): Promise<number> {
  const runner = spawn(
    join(repositoryRoot, 'node_modules', '.bin', 'node'),
    [
      '--disable-warning=ExperimentalWarning',
      join(repositoryRoot, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...args,
    ],
    { cwd: repositoryRoot, stdio: onOutput === undefined ? 'inherit' : ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [runner.stdout, runner.stderr])
    stream?.on('data', (chunk: Buffer) => onOutput?.(chunk));
  return new Promise((resolve, reject) => {
    runner.on('error', reject);
    runner.on('close', code => resolve(code ?? 1));
  });
}
