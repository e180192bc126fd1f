import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE_FLAGS } from '../../images/build/node-flags.ts';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { watch, type Running } from '../appliance/harness.ts';
import { createScratch } from '../images/scratch.ts';
import { lastingPort } from '../lasting-port.ts';
import { startPebble, type Pebble } from './pebble.ts';
import { siteToml } from './site-toml.ts';
import type { Place } from './visitor.ts';

/** The web service as a process beside an authority; its data outlives it. */
export interface SiteProcess extends AsyncDisposable {
  readonly pebble: Pebble;
  readonly place: Place;
  /** Starts it, and no more. */
  begin(): void;
  /** Starts it; resolves once it listens. */
  start(): Promise<void>;
  /** Ends it in order, or as a power cut would. */
  stop(how: 'in-order' | 'at-once'): Promise<void>;
}

const NAME = 'home.lares.test';
const ENTRY = join(repositoryRoot, 'services/web-service/main.ts');

export async function createSiteProcess(): Promise<SiteProcess> {
  const scratch = await createScratch();
  const [httpPort, tlsPort] = [await lastingPort(), await lastingPort()];
  const pebble = await startPebble({ httpPort, tlsPort });
  const configuration = join(scratch.path, 'lares.toml');
  await mkdir(join(scratch.path, 'site'));
  await writeFile(join(scratch.path, 'site/index.html'), '<!doctype html><title>Home</title>');
  const webService = [
    'site-folder = "site"',
    'address = "127.0.0.1"',
    `http-port = ${httpPort}`,
    `https-port = ${tlsPort}`,
  ];
  const toml = `${siteToml(NAME, { pebble, webService })}[admin]\naddress = "127.0.0.1"\nport = 0\n`;
  await writeFile(configuration, toml);
  const options = [
    '--config',
    configuration,
    '--data',
    join(scratch.path, 'data'),
    '--content',
    scratch.path,
  ];
  let running: Running | undefined;
  const begin = (): Running => (running = watch(spawn(process.execPath, [...NODE_FLAGS, ENTRY, ...options])));
  return {
    pebble,
    place: { name: NAME, port: tlsPort, rootPem: pebble.rootPem },
    begin,
    async start() {
      await begin().printed(/lares: ready after /);
    },
    async stop(how) {
      running?.process.kill(how === 'in-order' ? 'SIGTERM' : 'SIGKILL');
      await running?.finished;
    },
    async [Symbol.asyncDispose]() {
      running?.process.kill('SIGKILL');
      await running?.finished;
      await pebble[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}
