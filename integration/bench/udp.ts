/**
 * bench:udp: the batched UDP device against node:dgram and against the same loop in C, by the server's processor time per
 * answered datagram. Server and load generator are pinned to different cores; runs alternate; the median counts.
 */
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { median, spread } from './statistics.ts';

const run = promisify(execFile);
const here = (path: string): string => new URL(path, import.meta.url).pathname;

const SERVER_CORE = '0';
const LOAD_CORE = '1';
const RUNS = 5;
const SECONDS = 3;
/** Until the compilers of JavaScript have done their work, on a busy machine as well. */
const WARM_UP_SECONDS = 4;
/** Datagrams under way: several batches, so that the server always has work. */
const WINDOW = 256;

interface Sample {
  readonly microsecondsPerPacket: number;
  readonly packetsPerSecond: number;
  /** Share of the server's core that was busy: below 0.9 the rate is the generator's and only the time per packet counts. */
  readonly busy: number;
}

type Servers = Readonly<Record<'batched' | 'dgram' | 'C', readonly string[]>>;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-bench-udp-'));
  try {
    const peer = join(folder, 'peer');
    await run('gcc', ['-O2', '-o', peer, here('udp/peer.c')]);
    const node = [process.execPath, '--experimental-ffi', '--no-warnings'];
    const servers: Servers = {
      batched: [...node, here('udp/batched-server.ts')],
      dgram: [...node, here('udp/dgram-server.ts')],
      C: [peer, 'serve'],
    };
    const samples = { batched: [] as Sample[], dgram: [] as Sample[], C: [] as Sample[] };
    for (let turn = 1; turn <= RUNS; turn++) {
      for (const name of ['batched', 'dgram', 'C'] as const) {
        const sample = await measure(servers[name], peer);
        samples[name].push(sample);
        console.log(`run ${turn}/${RUNS}  ${describe(name, sample)}`);
      }
    }
    await report(samples);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function describe(name: string, { microsecondsPerPacket, packetsPerSecond, busy }: Sample): string {
  const rate = `${Math.round(packetsPerSecond)} packets/s`;
  return `${name.padEnd(8)} ${microsecondsPerPacket.toFixed(3)} µs/packet  ${rate}  core ${Math.round(busy * 100)} % busy`;
}

async function measure(command: readonly string[], peer: string): Promise<Sample> {
  const words = ['-c', SERVER_CORE, ...command];
  const server = spawn('taskset', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await firstLine(server);
    await load(peer, port, WARM_UP_SECONDS);
    const before = await processorNanoseconds(server);
    const startNs = process.hrtime.bigint();
    const answered = await load(peer, port, SECONDS);
    const elapsedNs = Number(process.hrtime.bigint() - startNs);
    const usedNs = (await processorNanoseconds(server)) - before;
    return {
      microsecondsPerPacket: usedNs / answered / 1_000,
      packetsPerSecond: answered / SECONDS,
      busy: usedNs / elapsedNs,
    };
  } finally {
    server.kill('SIGKILL');
  }
}

async function firstLine(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('the server has no output');
  for await (const line of createInterface({ input: server.stdout })) return line;
  throw new Error('the server ended before it told its port');
}

async function load(peer: string, port: string, seconds: number): Promise<number> {
  const words = ['-c', LOAD_CORE, peer, 'load', port, String(seconds), String(WINDOW)];
  const { stdout } = await run('taskset', words);
  const { answered, wrong } = JSON.parse(stdout) as { answered: number; wrong: number };
  if (wrong > 0 || answered === 0) throw new Error(`${wrong} of ${answered} answers were wrong`);
  return answered;
}

/** Time on a processor of all the server's threads: the first field of schedstat, in nanoseconds. */
async function processorNanoseconds({ pid }: ChildProcess): Promise<number> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder);
  const times = await Promise.all(threads.map(thread => readFile(`${folder}/${thread}/schedstat`, 'utf8')));
  return times.reduce((total, text) => total + Number(text.split(' ')[0]), 0);
}

async function report(samples: Readonly<Record<keyof Servers, readonly Sample[]>>): Promise<void> {
  const costs = (name: keyof Servers): number[] => samples[name].map(sample => sample.microsecondsPerPacket);
  const summary = (name: keyof Servers): object => ({
    medianMicrosecondsPerPacket: round(median(costs(name))),
    spread: round(spread(costs(name))),
    medianPacketsPerSecond: Math.round(median(samples[name].map(({ packetsPerSecond }) => packetsPerSecond))),
    medianBusy: round(median(samples[name].map(({ busy }) => busy))),
  });
  const { model = 'unknown' } = cpus()[0] ?? {};
  const result = {
    bench: 'udp',
    machine: `${cpus().length} × ${model}`,
    ratios: {
      'batched vs dgram (cpu/packet)': round(median(costs('dgram')) / median(costs('batched'))),
      'batched vs C (cpu/packet)': round(median(costs('C')) / median(costs('batched'))),
    },
  };
  const details = { batched: summary('batched'), dgram: summary('dgram'), C: summary('C') };
  const { stdout: commit } = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: here('.') });
  const kept = { ...result, date: new Date().toISOString(), commit: commit.trim(), details };
  await writeFile(here('../results/bench-udp.json'), `${JSON.stringify(kept, null, 2)}\n`);
  for (const [name, detail] of Object.entries(details))
    console.log(`${name.padEnd(8)} ${JSON.stringify(detail)}`);
  console.log(JSON.stringify(result));
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

await main();
