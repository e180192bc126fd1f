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
      const seen = await letWriteAndKill(writer, { folder, from: steps, forMs: random() * ROUND_MAX_MS });
      acknowledged += seen.count;
      const { found, faults } = await checkStores(folder, seen.steps);
      if (faults.length > 0) return { kills: kill + 1, acknowledged, faults };
      steps = found;
    }
    return { kills, acknowledged, faults: [] };
  } finally {
    next.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

function startWriter(): ChildProcess {
  const program = join(import.meta.dirname, 'kill-writer.ts');
  return spawn(process.execPath, ['--no-warnings', program], { stdio: ['pipe', 'pipe', 'inherit'] });
}

interface Round {
  readonly folder: string;
  readonly from: Steps;
  readonly forMs: number;
}

async function letWriteAndKill(
  writer: ChildProcess,
  { folder, from, forMs }: Round,
): Promise<{ steps: Steps; count: number }> {
  writer.stdin!.write(`${JSON.stringify({ folder, from })}\n`);
  const output = text(writer.stdout!);
  await Promise.race([once(writer.stdout!, 'data'), once(writer, 'exit')]);
  await sleep(forMs);
  // Some kills come while the stores are being opened: 'data' may be late then, which only makes the round longer.
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
