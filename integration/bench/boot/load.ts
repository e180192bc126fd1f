import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GuestOptions } from '../../../images/run/guest-options.ts';
import { startGuest } from '../../../images/run/guest.ts';

const run = promisify(execFile);

const CONNECTIONS = 64;
const SECONDS = 20;
const READY_TIMEOUT_MS = 240_000;

export interface LoadResult {
  readonly memoryMiB: number;
  readonly connections: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Answers other than 2xx or 3xx, failed connections, reads and writes, time-outs, and memory run out. */
  readonly failures: number;
  readonly usedMiBWhenReady: number;
}

/** The start page under wrk with 64 TLS connections, from this machine into a guest with so much memory. */
export async function loadGuest(options: GuestOptions, memoryMiB: number): Promise<LoadResult> {
  await using guest = await startGuest({ ...options, memoryMiB, forwards: [{ guestPort: 443 }] });
  const ready = await guest.waitFor(/lares: ready after .* s, ([0-9]+) MiB used/, READY_TIMEOUT_MS);
  const url = `https://127.0.0.1:${guest.port(443)}/`;
  // An emulated processor shakes hands at a few a second: a connection may wait for all the others.
  const { stdout } = await run('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '--timeout', '20s', url]);
  const outOfMemory = guest.console.lines.filter(line =>
    /out of memory|oom-kill|heap out of/i.test(line),
  ).length;
  return {
    memoryMiB,
    connections: CONNECTIONS,
    requests: numberIn(stdout, /([0-9]+) requests in/),
    requestsPerSecond: numberIn(stdout, /Requests\/sec:\s+([0-9.]+)/),
    failures: outOfMemory + failuresIn(stdout),
    usedMiBWhenReady: Number(ready[1]),
  };
}

function failuresIn(output: string): number {
  const bad = /Non-2xx or 3xx responses: ([0-9]+)/.exec(output)?.[1] ?? '0';
  const socket = /Socket errors: (.*)/.exec(output)?.[1] ?? '';
  const counts = [...socket.matchAll(/[0-9]+/g)].map(match => Number(match[0]));
  return counts.reduce((sum, count) => sum + count, Number(bad));
}

function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`wrk did not say ${String(pattern)}:\n${output}`);
  return Number(found);
}
