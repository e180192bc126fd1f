/**
 * bench:web-service: the web service against Debian's nginx and caddy and npm's @fastify/static: 1 KB, 10 KB and 1 MB by HTTP/1.1, plain and
 * over TLS, and HTTP/2, and full TLS handshakes. One worker each, pinned to one core, the generator to the other; runs alternate and the
 * median counts. `-- --cases h1,tls-10k --peers nginx --runs 1 --seconds 1` measures a part, and keeps nothing.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineName, writeResult } from './result.ts';
import { compare, describeSample, type Samples } from './samples.ts';
import { h2load, wrk, type Generator } from './web-service/load.ts';
import { startPeer, type Peer, type Setting } from './web-service/peers.ts';
import { familyOf, memoryOf, processorMicroseconds, type Memory } from './processes.ts';

const SIZES = { '1k': 1_024, '10k': 10_240, '1m': 1_048_576 } as const;

/** For the compilers of JavaScript and every cache. */
const WARM_UP_SECONDS = 2;

interface Case {
  readonly name: string;
  readonly file: string;
  readonly port: keyof Peer['ports'];
  readonly generate: Generator;
}

const cases: readonly Case[] = [
  ...Object.keys(SIZES).map(
    size => ({ name: `h1-${size}`, file: size, port: 'plain', generate: wrk() }) as const,
  ),
  ...Object.keys(SIZES).map(
    size => ({ name: `tls-${size}`, file: size, port: 'secure', generate: wrk() }) as const,
  ),
  ...Object.keys(SIZES).map(
    size => ({ name: `h2-${size}`, file: size, port: 'secure', generate: h2load }) as const,
  ),
  // Each request on a connection of its own: wrk keeps no session, so every handshake is a full one.
  { name: 'handshakes', file: '1k', port: 'secure', generate: wrk('Connection: close') },
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

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-bench-web-'));
  const peers = new Map<string, Peer>();
  try {
    const setting = await prepare(folder);
    const names = ['lares', ...(options.peers?.split(',') ?? ['nginx', 'caddy', 'fastify'])];
    for (const name of names) peers.set(name, await start(name, setting));
    const samples: Samples = new Map();
    for (const each of cases.filter(isWanted)) await measureCase(each, { peers, folder, samples });
    await report(samples, peers);
  } finally {
    for (const { process } of peers.values()) {
      const ended = once(process, 'exit');
      if (process.kill('SIGTERM')) await ended;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isWanted({ name }: Case): boolean {
  return options.cases === undefined || options.cases.split(',').some(wanted => name.startsWith(wanted));
}

async function start(name: string, setting: Setting): Promise<Peer> {
  const starter = startPeer[name];
  if (starter === undefined)
    throw new Error(`there is no peer ${name}; there are ${Object.keys(startPeer).join(', ')}`);
  return starter(setting);
}

async function prepare(folder: string): Promise<Setting> {
  const setting = {
    folder,
    root: join(folder, 'site'),
    certificate: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
  };
  await mkdir(setting.root);
  await writeFile(join(setting.root, 'index.html'), '<!doctype html><title>bench</title>');
  // What does not compress, as most of a site's bytes: pictures.
  for (const [name, size] of Object.entries(SIZES))
    await writeFile(join(setting.root, `${name}.bin`), randomBytes(size));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', setting.key];
  const certificate = [
    '-out',
    setting.certificate,
    '-days',
    '30',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  ];
  execFileSync('openssl', ['req', '-x509', ...key, ...certificate], { stdio: 'ignore' });
  return setting;
}

interface Run {
  readonly peers: ReadonlyMap<string, Peer>;
  readonly folder: string;
  readonly samples: Samples;
}

async function measureCase(
  { name, file, port, generate }: Case,
  { peers, folder, samples }: Run,
): Promise<void> {
  for (let turn = 0; turn <= runs; turn++)
    for (const [peer, { process, ports }] of peers) {
      const scheme = port === 'plain' ? 'http' : 'https';
      const url = `${scheme}://127.0.0.1:${ports[port]}/${file}.bin`;
      const family = await familyOf(process.pid ?? 0);
      const before = await processorMicroseconds(family);
      const startMs = performance.now();
      const { requests, perSecond, p99Microseconds } = await generate(
        url,
        turn === 0 ? WARM_UP_SECONDS : seconds,
        folder,
      );
      const used = (await processorMicroseconds(family)) - before;
      const busy = used / 1_000 / (performance.now() - startMs);
      const sample = { perSecond, p99Microseconds, processorMicroseconds: used / requests, busy };
      // The first turn warms up.
      if (turn === 0) continue;
      const key = `${name} ${peer}`;
      samples.set(key, [...(samples.get(key) ?? []), sample]);
      console.log(`${name.padEnd(11)} ${peer.padEnd(8)} ${describeSample(sample, 'request')}`);
    }
}

async function report(samples: Samples, peers: ReadonlyMap<string, Peer>): Promise<void> {
  const { details, ratios, voidRates } = compare(samples, 'request');
  const memoryMib: Record<string, Memory> = {};
  for (const [name, { process }] of peers) memoryMib[name] = await memoryOf(await familyOf(process.pid ?? 0));
  const result = { bench: 'web-service', machine: machineName(), ratios };
  for (const [key, detail] of Object.entries(details))
    console.log(`${key.padEnd(20)} ${JSON.stringify(detail)}`);
  if (!isPart)
    writeResult('bench-web-service', { ...result, voidRates, memoryMib, versions: versions(), details });
  console.log(JSON.stringify({ ...result, memoryMib }));
}

function versions(): Record<string, string> {
  const first = (...[command = '', ...words]: string[]): string =>
    execFileSync('sh', ['-c', `${[command, ...words].join(' ')} 2>&1`], { encoding: 'utf8' }).trim();
  return { node: process.version, nginx: first('nginx', '-v'), caddy: first('caddy', 'version') };
}

await main();
