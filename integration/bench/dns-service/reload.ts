import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startPinned } from '../processes.ts';
import { askAtModerateRate } from './dnsperf.ts';
import { mixes, writeQuestions } from './mixes.ts';
import { shapes } from './zones.ts';

/** What changes of one zone among a thousand do to those who ask meanwhile. */
export interface Reload {
  readonly answers: number;
  readonly lost: number;
  readonly changes: number;
  /** Of the main thread, for a change. */
  readonly medianMs: number;
  readonly worstMs: number;
}

export async function measureReload(folder: string, seconds: number): Promise<Reload> {
  const file = join(folder, 'reload.questions');
  await writeQuestions(file, mixes.hit, shapes.thousand);
  const program = new URL('reload-server.ts', import.meta.url).pathname;
  const server = startPinned([process.execPath, '--experimental-ffi', '--no-warnings', program]);
  if (server.stdout === null) throw new Error('the server has an output');
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  try {
    const port = Number(await next());
    const { answers, lost } = await askAtModerateRate({ port, file, dnssecOk: true, seconds });
    server.kill('SIGTERM');
    return { answers, lost, ...(JSON.parse(await next()) as Omit<Reload, 'answers' | 'lost'>) };
  } finally {
    const ended = once(server, 'exit');
    if (server.exitCode === null && server.kill('SIGKILL')) await ended;
  }
}
