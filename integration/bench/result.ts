import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../images/cli/repository.ts';

/** The processor and the number of cores that a figure was measured on. */
export function machineName(): string {
  const cores = cpus();
  return `${cores[0]?.model.trim() ?? 'unknown processor'} × ${cores.length}`;
}

/** Keeps a measurement under integration/results/ with its date and commit. */
export function writeResult(name: string, result: Readonly<Record<string, unknown>>): void {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: repositoryRoot, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes';
  const dated = {
    date: new Date().toISOString(),
    commit: `${git('rev-parse', '--short', 'HEAD')}${changed}`,
    ...result,
  };
  writeFileSync(
    join(repositoryRoot, 'integration/results', `${name}.json`),
    `${JSON.stringify(dated, null, 2)}\n`,
  );
}
