import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkStores } from './check.ts';
import { NO_STEPS, type Steps } from './workload.ts';

export interface KillOutcome {
  readonly kills: number;
  /** Steps that were acknowledged, in all streams and rounds. */
  readonly acknowledged: number;
  readonly faults: readonly string[];
}

/**
 * Kills a writing process again and again at moments that `random` chooses; after each kill the stores are opened, compared
 * with what was acknowledged, and the next process goes on with them.
 */
export async function killRepeatedly(kills: number, random: () => number): Promise<KillOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-kill-'));
  let steps = NO_STEPS;
  let acknowledged = 0;
  // Node takes longer to start than a round lasts: the next process starts while this one works.
  let next = startWriter();
  try {
    for (let kill = 0; kill < kills; kill++) {
      const writer = next;
      next = startWriter();
      const seen = await letWriteAndKill(writer, {
        folder,
        from: steps,
        whileOpening: random() < OPENING_SHARE,
        forMs: random() * ROUND_MAX_MS,
      });
      acknowledged += seen.count;
      const { found, faults } = await checkStores(folder, seen.steps);
      if (faults.length > 0) return { kills: kill + 1, acknowledged, faults };
      steps = found;
    }
    return { kills, acknowledged, faults: [] };
  } finally {
    next.process.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

interface Writer {
  readonly process: ChildProcess;
  /** Rejects when the process ends by itself: its own fault is on the standard error. */
  readonly failed: Promise<never>;
}

function startWriter(): Writer {
  const program = join(import.meta.dirname, 'kill-writer.ts');
  const child = spawn(process.execPath, ['--no-warnings', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = once(child, 'exit').then(([code]) => {
    if (child.killed) return new Promise<never>(() => {});
    throw new Error(`the writer ended by itself with ${code}`);
  });
  failed.catch(() => {});
  return { process: child, failed };
}

interface Round {
  readonly folder: string;
  readonly from: Steps;
  /** Counts from the go and not from when the stores are open. */
  readonly whileOpening: boolean;
  readonly forMs: number;
}

async function letWriteAndKill(
  { process: writer, failed }: Writer,
  { folder, from, whileOpening, forMs }: Round,
): Promise<{ steps: Steps; count: number }> {
  writer.stdin!.write(`${JSON.stringify({ folder, from })}\n`);
  const output = text(writer.stdout!);
  if (!whileOpening) await Promise.race([once(writer.stdout!, 'data'), failed]);
  await Promise.race([sleep(forMs), failed]);
  writer.kill('SIGKILL');
  const steps: Record<string, number> = { ...from };
  const lines = (await output).split('\n').slice(0, -1);
  const acknowledgements = lines.filter(line => line !== 'ready');
  for (const line of acknowledgements) {
    const [stream, step] = line.split(' ');
    steps[stream!] = Number(step);
  }
  return { steps, count: acknowledgements.length };
}

/** Long enough for some hundred steps, short enough that every phase of the first ones is hit too. */
const ROUND_MAX_MS = 120;
/** Being killed while it recovers must do a store no harm either. */
const OPENING_SHARE = 0.25;
