import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** The core that every server is pinned to. One works at a time. */
const SERVER_CORE = '0';

/** A server on its core, whose output can be read. */
export function startPinned(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn('taskset', ['-c', SERVER_CORE, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
}

/** A process and all that it started, by number. */
export async function familyOf(id: number): Promise<number[]> {
  const family = [id];
  for (const member of family)
    for (const thread of await readdir(`/proc/${member}/task`)) {
      const children = await readFile(`/proc/${member}/task/${thread}/children`, 'utf8').catch(() => '');
      family.push(...children.split(' ').filter(Boolean).map(Number));
    }
  return family;
}

/** Time on a processor of all threads of these processes, in microseconds: the first field of schedstat. */
export async function processorMicroseconds(family: readonly number[]): Promise<number> {
  let nanoseconds = 0;
  for (const id of family)
    for (const thread of await readdir(`/proc/${id}/task`)) {
      const text = await readFile(`/proc/${id}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
      nanoseconds += Number(text.split(' ')[0]);
    }
  return nanoseconds / 1_000;
}

/** Memory of these processes in MiB: all that is resident, and what is of no file. Pages that several of them share count once. */
export interface Memory {
  readonly resident: number;
  readonly own: number;
}

export async function memoryOf(family: readonly number[]): Promise<Memory> {
  let [residentKib, ownKib] = [0, 0];
  for (const id of family) {
    // proc(5): of a page that n processes have, each has the nth part ("proportional set size").
    const rollup = await readFile(`/proc/${id}/smaps_rollup`, 'utf8');
    const kib = (field: string): number => Number(new RegExp(`${field}: +(\\d+)`).exec(rollup)?.[1] ?? 0);
    residentKib += kib('Pss');
    ownKib += kib('Pss_Anon') + kib('Pss_Shmem');
  }
  return { resident: Math.round(residentKib / 1024), own: Math.round(ownKib / 1024) };
}
