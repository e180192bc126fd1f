import { readdir, readFile } from 'node:fs/promises';

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

/** Memory of these processes in MiB: all that is resident, and what is theirs alone (proc(5): RssAnon and RssShmem) and no page of a file. */
export interface Memory {
  readonly resident: number;
  readonly own: number;
}

export async function memoryOf(family: readonly number[]): Promise<Memory> {
  let [residentKib, ownKib] = [0, 0];
  for (const id of family) {
    const status = await readFile(`/proc/${id}/status`, 'utf8');
    const kib = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    residentKib += kib('VmRSS');
    ownKib += kib('RssAnon') + kib('RssShmem');
  }
  return { resident: Math.round(residentKib / 1024), own: Math.round(ownKib / 1024) };
}
