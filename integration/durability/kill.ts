import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      const opening = random() < OPENING_SHARE;
      const seen = await letWriteAndKill(writer, {
        folder,
        from: steps,
        after: opening ? 0 : 1 + Math.floor(random() * STEPS_MAX),
        forMs: random() * (opening ? OPENING_MAX_MS : DELAY_MAX_MS),
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
  /** Kill after that many acknowledgements; 0: while the stores are being opened. */
  readonly after: number;
  /** And so much later, so that it comes in the middle of something. */
  readonly forMs: number;
}

async function letWriteAndKill(
  { process: writer, failed }: Writer,
  { folder, from, after, forMs }: Round,
): Promise<{ steps: Steps; count: number }> {
  writer.stdin!.write(`${JSON.stringify({ folder, from })}\n`);
  const enough = Promise.withResolvers<void>();
  let output = '';
  writer.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (acknowledgements(output).length >= after) enough.resolve();
  });
  const ended = once(writer.stdout!, 'end');
  if (after > 0) await Promise.race([enough.promise, failed]);
  await Promise.race([sleep(forMs), failed]);
  writer.kill('SIGKILL');
  await ended;
  const lines = acknowledgements(output);
  const steps: Record<string, number> = { ...from };
  for (const line of lines) {
    const [stream, step] = line.split(' ');
    steps[stream!] = Number(step);
  }
  return { steps, count: lines.length };
}

/** The whole lines that a writer sent, but for its first. */
function acknowledgements(output: string): string[] {
  const lines = output.split('\n').slice(0, -1);
  return lines.filter(line => line !== 'ready');
}

const STEPS_MAX = 30;
const DELAY_MAX_MS = 10;
const OPENING_MAX_MS = 100;
/** Being killed while it recovers must do a store no harm either. */
const OPENING_SHARE = 0.2;
