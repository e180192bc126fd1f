import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../../../images/cli/repository.ts';

/** What a long test has found out so far; kept in its result file, so it is plain data. */
export interface Progress {
  /** How much of the goal is done. */
  readonly done: number;
  /** Whatever must not be: the test fails while there is any. */
  readonly faults: readonly string[];
}

export interface LongTest<P extends Progress> {
  /** Names the file in integration/results/. */
  readonly name: string;
  /** Unless `--goal N` asks for another. */
  readonly goal: number;
  readonly begin: P;
  /** One piece of work, of some minutes at most. */
  readonly piece: (progress: P) => Promise<P>;
  /** Why the finished whole is not good enough, beside its faults. */
  readonly judge?: (progress: P) => readonly string[];
}

/**
 * Works piece by piece until the goal is reached or the time is over, and keeps the result after every piece: the next run goes on
 * there unless another commit is checked out. Sets the exit code: 0 good so far, 1 not.
 */
export async function runLongTest<P extends Progress>(described: LongTest<P>): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: String(MINUTES_MAX) },
      again: { type: 'boolean', default: false },
      goal: { type: 'string', default: String(described.goal) },
    },
  });
  const test = { ...described, goal: Number(values.goal) };
  const endAt = performance.now() + Math.min(MINUTES_MAX, Number(values.minutes)) * 60_000;
  const commit = currentCommit();
  let progress = (values.again ? undefined : earlierProgress(test, commit)) ?? test.begin;
  while (progress.done < test.goal && progress.faults.length === 0 && performance.now() < endAt) {
    console.log(`${test.name}: ${progress.done} of ${test.goal}`);
    progress = await test.piece(progress);
    keep(test, commit, progress);
  }
  const complete = progress.done >= test.goal;
  const faults = [...progress.faults, ...(complete ? (test.judge?.(progress) ?? []) : [])];
  for (const fault of faults) console.error(`${test.name}: ${fault}`);
  console.log(
    `${test.name}: ${progress.done} of ${test.goal}, ${faults.length} faults${complete ? '' : '; run it again to go on'}`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}

interface Kept<P> {
  readonly commit: string;
  readonly date: string;
  readonly goal: number;
  readonly progress: P;
}

/** What a run of this very commit left unfinished. */
function earlierProgress<P extends Progress>({ name, goal }: LongTest<P>, commit: string): P | undefined {
  const file = resultFile(name);
  if (!existsSync(file)) return undefined;
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept<P>;
  const usable = kept.commit === commit && kept.goal === goal && kept.progress.done < goal;
  return usable ? kept.progress : undefined;
}

function keep<P extends Progress>({ name, goal }: LongTest<P>, commit: string, progress: P): void {
  const kept: Kept<P> = { commit, date: new Date().toISOString(), goal, progress };
  const file = resultFile(name);
  writeFileSync(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function resultFile(name: string): string {
  return join(repositoryRoot, 'integration', 'results', `${name}.json`);
}

/** Marked where the code is not what the commit says. Results themselves do not count. */
function currentCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: repositoryRoot, encoding: 'utf8' }).trim();
  const changes = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!integration/results');
  return `${git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : ' with changes'}`;
}

const MINUTES_MAX = 150;
