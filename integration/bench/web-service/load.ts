import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const LOAD_CORE = '1';
const CONNECTIONS = 32;
/** Requests under way on one HTTP/2 connection: what a page with its parts asks for. */
const STREAMS = 10;

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p99Microseconds: number;
}

export type Generator = (url: string, seconds: number, folder: string) => Promise<Load>;

/** HTTP/1.1 by wrk; `fields` go with every request. */
export function wrk(...fields: readonly string[]): Generator {
  return async (url, seconds) => {
    const headers = fields.flatMap(field => ['-H', field]);
    const { stdout } = await pinned([
      'wrk',
      '-t1',
      `-c${CONNECTIONS}`,
      `-d${seconds}s`,
      '--latency',
      ...headers,
      url,
    ]);
    const errors = /Non-2xx[^\n]*|Socket errors[^\n]*/.exec(stdout)?.[0];
    const onlyTimeouts = errors?.startsWith('Socket errors: connect 0, read 0, write 0') ?? true;
    if (!onlyTimeouts) throw new Error(`${url}: ${errors}`);
    return {
      requests: Number(/(\d+) requests in/.exec(stdout)?.[1]),
      perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
      p99Microseconds: microseconds(/^ +99% +(\S+)/m.exec(stdout)?.[1] ?? ''),
    };
  };
}

/** HTTP/2 by nghttp2's h2load. */
export const h2load: Generator = async (url, seconds, folder) => {
  const log = join(folder, 'h2load.log');
  const words = [
    'h2load',
    '-t1',
    `-c${CONNECTIONS}`,
    `-m${STREAMS}`,
    `-D${seconds}`,
    `--log-file=${log}`,
    url,
  ];
  const { stdout } = await pinned(words);
  const [, total = 0, failed = 0] = /(\d+) succeeded, (\d+) failed/.exec(stdout)?.map(Number) ?? [];
  // What was under way when the time was over counts as failed.
  if (total === 0 || failed > CONNECTIONS * STREAMS) throw new Error(`${url}: ${stdout}`);
  const times = (await readFile(log, 'utf8'))
    .trimEnd()
    .split('\n')
    .map(line => Number(line.split('\t')[2]));
  times.sort((left, right) => left - right);
  return {
    requests: total,
    perSecond: Number(/finished in [^,]*, ([\d.]+) req\/s/.exec(stdout)?.[1]),
    p99Microseconds: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
  };
};

function pinned(words: readonly string[]): Promise<{ stdout: string }> {
  return run('taskset', ['-c', LOAD_CORE, ...words], { maxBuffer: 2 ** 26 });
}

function microseconds(text: string): number {
  const [, value = '', unit = ''] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(value) * ({ us: 1, ms: 1_000, s: 1_000_000 }[unit] ?? Number.NaN);
}
