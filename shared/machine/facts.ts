import { readdirSync, readFileSync } from 'node:fs';
import { hostname, release, type } from 'node:os';
import type { PlatformFacts } from '../devices/platform.ts';

/** What /proc says of this machine, and what the machine says of itself. */
export function readFacts(
  own: Pick<PlatformFacts, 'addresses' | 'execve' | 'faults' | 'boot'>,
): PlatformFacts {
  return {
    hostname: hostname(),
    uptimeSeconds: uptimeSeconds(),
    kernel: `${type()} ${release()}`,
    runtime: `Node.js ${process.versions.node}`,
    memory: readMemory(),
    tasks: readTasks(),
    ...own,
  };
}

/** Seconds since the kernel started, suspended time included. */
export function uptimeSeconds(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}

function readMemory(): PlatformFacts['memory'] {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+([0-9]+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { totalBytes: bytes('MemTotal'), availableBytes: bytes('MemAvailable') };
}

/** Every thread of this program, which on this machine is every task outside the kernel. */
function readTasks(): PlatformFacts['tasks'] {
  return readdirSync('/proc/self/task').flatMap(id => {
    try {
      const status = readFileSync(`/proc/self/task/${id}/status`, 'utf8');
      const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '';
      return [{ id: Number(id), seccomp: Number(field('Seccomp')), capabilities: field('CapEff') }];
    } catch {
      // The thread has ended since it was listed.
      return [];
    }
  });
}
