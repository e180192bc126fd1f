import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const LOAD_CORE = '1';
/** Sockets that ask, and questions under way on all of them. */
const CLIENTS = 10;
const OUTSTANDING = 200;
/** At this rate neither servers nor generator are busy for half of the time. */
const MODERATE_PER_SECOND = 10_000;

export interface Asking {
  readonly port: number;
  /** Of questions: a name and a type a line. */
  readonly file: string;
  readonly dnssecOk: boolean;
  readonly seconds: number;
}

export interface Load {
  readonly answers: number;
  readonly perSecond: number;
  readonly lost: number;
  /** Mean bytes of an answer. */
  readonly answerBytes: number;
}

/** As many questions as the server can take. */
export async function askAtFullRate(asking: Asking): Promise<Load> {
  return loadOf(await dnsperf(asking, ['-q', String(OUTSTANDING)]));
}

/** Questions at a rate that every server takes with ease. */
export async function askAtModerateRate(asking: Asking): Promise<Load> {
  return loadOf(await dnsperf(asking, ['-Q', String(MODERATE_PER_SECOND)]));
}

function loadOf(output: string): Load {
  const figure = (pattern: RegExp): number => Number(pattern.exec(output)?.[1]);
  return {
    answers: figure(/Queries completed: +(\d+)/),
    perSecond: figure(/Queries per second: +([\d.]+)/),
    lost: figure(/Queries lost: +(\d+)/),
    answerBytes: figure(/Average packet size: +request \d+, response (\d+)/),
  };
}

/** The 99th percentile of the time until an answer, at a rate that is the same for all. */
export async function p99AtModerateRate(asking: Asking): Promise<number> {
  const output = await dnsperf(asking, ['-v', '-Q', String(MODERATE_PER_SECOND)]);
  const latencies = [...output.matchAll(/^> \w+ .* ([\d.]+)$/gm)].map(([, seconds]) => 1e6 * Number(seconds));
  latencies.sort((left, right) => left - right);
  return latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
}

async function dnsperf({ port, file, dnssecOk, seconds }: Asking, words: readonly string[]): Promise<string> {
  const { stdout } = await run(
    'taskset',
    [
      ...['-c', LOAD_CORE, 'dnsperf', '-W', '-s', '127.0.0.1', '-p', String(port), '-d', file],
      ...['-l', String(seconds), '-c', String(CLIENTS), '-b', '1024', '-t', '1'],
      ...(dnssecOk ? ['-D'] : []),
      ...words,
    ],
    { maxBuffer: 2 ** 28 },
  );
  return stdout;
}
