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
    return unit === 0 ? vitest(['--project', 'integration']) : unit;
  },
};

function vitest(args: readonly string[]): Promise<number> {
  const runner = spawn(
    join(repositoryRoot, 'node_modules', '.bin', 'node'),
    [
      '--disable-warning=ExperimentalWarning',
      join(repositoryRoot, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...args,
    ],
    { cwd: repositoryRoot, stdio: 'inherit' },
  );
  return new Promise((resolve, reject) => {
    runner.on('error', reject);
    runner.on('close', code => resolve(code ?? 1));
  });
}
