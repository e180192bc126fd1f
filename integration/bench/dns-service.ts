/**
 * bench:dns-service: the DNS service against Debian's NSD and Knot, by dnsperf: names that are there, names that are not, and delegations, with
 * DNSSEC's records and without, in a zone of 10,000 names; a thousand zones; a zone of a million records; a zone that changes. The same signed files for all, one
 * worker each, pinned to one core, the generator to the other; runs alternate and the median counts.
 * `-- --cases hit,million --peers nsd --runs 1 --seconds 1` measures a part, and keeps nothing.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { askAtFullRate, p99AtModerateRate } from './dns-service/dnsperf.ts';
import { mixes, writeQuestions, type MixName } from './dns-service/mixes.ts';
import { KNOTD, NSD, startPeer, type Peer } from './dns-service/peers.ts';
import { measureReload, type Reload } from './dns-service/reload.ts';
import { shapes, writeZones, type ShapeName } from './dns-service/zones.ts';
import { familyOf, memoryOf, processorMicroseconds, type Memory } from './processes.ts';
import { machineName, writeResult } from './result.ts';
import { compare, describeSample, type Sample, type Samples } from './samples.ts';

interface Case {
  readonly name: string;
  readonly shape: ShapeName;
  readonly mix: MixName;
  /** Whether the questions ask for signatures and proofs. */
  readonly dnssecOk: boolean;
}

const cases: readonly Case[] = [
  ...(['hit', 'nxdomain', 'delegation'] as const).flatMap((mix): Case[] => [
    { name: mix, shape: 'one', mix, dnssecOk: false },
    { name: `${mix}-do`, shape: 'one', mix, dnssecOk: true },
  ]),
  { name: 'thousand-hit-do', shape: 'thousand', mix: 'hit', dnssecOk: true },
  { name: 'thousand-nxdomain-do', shape: 'thousand', mix: 'nxdomain', dnssecOk: true },
  { name: 'million-hit-do', shape: 'million', mix: 'hit', dnssecOk: true },
  { name: 'million-nxdomain-do', shape: 'million', mix: 'nxdomain', dnssecOk: true },
];

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string' },
    peers: { type: 'string' },
    runs: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const runs = Number(options.runs ?? 5);
const seconds = Number(options.seconds ?? 2);
const isPart = Object.keys(options).length > 0;

/** Some fifty changes. */
const RELOAD_SECONDS = 5;

/** What a shape of zones cost a server, by `<shape> <peer>`. */
type Costs = Record<string, Memory & { readonly loadMs: number }>;

async function main(): Promise<void> {
  const samples: Samples = new Map();
  const costs: Costs = {};
  for (const shape of Object.keys(shapes) as ShapeName[]) {
    const wanted = cases.filter(each => each.shape === shape && isWanted(each.name));
    if (wanted.length > 0) await measureShape(shape, wanted, { samples, costs });
  }
  report(samples, costs, isWanted('reload') ? await measureChanges() : undefined);
}

function isWanted(name: string): boolean {
  return options.cases === undefined || options.cases.split(',').some(wanted => name.startsWith(wanted));
}

async function measureChanges(): Promise<Reload> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-bench-dns-'));
  try {
    return await measureReload(folder, RELOAD_SECONDS);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureShape(
  shape: ShapeName,
  wanted: readonly Case[],
  { samples, costs }: { readonly samples: Samples; readonly costs: Costs },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-bench-dns-'));
  const peers = new Map<string, Peer>();
  try {
    const zones = await writeZones(join(folder, 'zones'), shapes[shape]);
    for (const name of ['lares', ...(options.peers?.split(',') ?? ['nsd', 'knot'])]) {
      const start = startPeer[name];
      if (start === undefined)
        throw new Error(`there is no peer ${name}; there are ${Object.keys(startPeer).join(', ')}`);
      peers.set(name, await start(join(folder, name), zones));
    }
    for (const each of wanted) {
      const file = join(folder, `${each.mix}.questions`);
      await writeQuestions(file, mixes[each.mix], shapes[shape]);
      await measureCase(each, { peers, file, samples });
    }
    for (const [name, { process, loadMs }] of peers) {
      const memory = await memoryOf(await familyOf(process.pid ?? 0));
      costs[`${shape} ${name}`] = { loadMs: Math.round(loadMs), ...memory };
    }
  } finally {
    for (const { process } of peers.values()) {
      const ended = once(process, 'exit');
      if (process.kill('SIGTERM')) await ended;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Run {
  readonly peers: ReadonlyMap<string, Peer>;
  readonly file: string;
  readonly samples: Samples;
}

async function measureCase({ name, dnssecOk }: Case, { peers, file, samples }: Run): Promise<void> {
  for (let turn = 0; turn <= runs; turn++)
    for (const [peerName, peer] of peers) {
      const sample = await measure(peer, { port: peer.port, file, dnssecOk, seconds });
      // The first turn warms up.
      if (turn === 0) continue;
      const key = `${name} ${peerName}`;
      samples.set(key, [...(samples.get(key) ?? []), sample]);
      console.log(`${name.padEnd(20)} ${peerName.padEnd(5)} ${describeSample(sample, 'query')}`);
    }
}

async function measure({ process }: Peer, asking: Parameters<typeof askAtFullRate>[0]): Promise<Sample> {
  const family = await familyOf(process.pid ?? 0);
  const before = await processorMicroseconds(family);
  const { answers, perSecond } = await askAtFullRate(asking);
  const used = (await processorMicroseconds(family)) - before;
  return {
    perSecond,
    processorMicroseconds: used / answers,
    busy: (used / 1e6) * (perSecond / answers),
    p99Microseconds: await p99AtModerateRate(asking),
  };
}

function report(samples: Samples, costs: Costs, reload: Reload | undefined): void {
  const { details, ratios, voidRates } = compare(samples, 'query');
  for (const [key, detail] of Object.entries(details))
    console.log(`${key.padEnd(28)} ${JSON.stringify(detail)}`);
  for (const [key, cost] of Object.entries(costs)) console.log(`${key.padEnd(28)} ${JSON.stringify(cost)}`);
  if (reload !== undefined) console.log(`reload ${JSON.stringify(reload)}`);
  const result = { bench: 'dns-service', machine: machineName(), ratios };
  if (!isPart)
    writeResult('bench-dns-service', { ...result, voidRates, costs, reload, versions: versions(), details });
  console.log(JSON.stringify(result));
}

function versions(): Record<string, string> {
  const first = (...[command = '', ...words]: string[]): string =>
    execFileSync('sh', ['-c', `${[command, ...words].join(' ')} 2>&1 | head -1`], {
      encoding: 'utf8',
    }).trim();
  return { node: process.version, nsd: first(NSD, '-v'), knot: first(KNOTD, '-V') };
}

await main();
