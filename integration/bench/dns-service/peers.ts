import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleService } from '../../../images/build/bundle.ts';
import { NODE_FLAGS } from '../../../images/build/node-flags.ts';
import { repositoryRoot } from '../../../images/cli/repository.ts';
import { freePort } from '../../../images/run/free-port.ts';
import { eventually } from '../../eventually.ts';
import { startPinned } from '../processes.ts';
import { askSoa } from './ask-soa.ts';
import type { ZoneSet } from './zones.ts';

export interface Peer {
  readonly process: ChildProcess;
  readonly port: number;
  /** From the start of the process until it answered for the last of its zones. */
  readonly loadMs: number;
}

/** The bootstrap unpacks them there: installed, they would be started and take port 53 of this machine. */
export const NSD = join(repositoryRoot, '.cache/peers/nsd/usr/sbin/nsd');
export const KNOTD = join(repositoryRoot, '.cache/peers/knot/usr/sbin/knotd');

const LOAD_MAX_MS = 300_000;
const LOAD_POLL_MS = 20;

/** A server of these zones, whose configuration and data go into `folder`. */
type Start = (folder: string, zones: ZoneSet) => Promise<Peer>;

export const startPeer: Readonly<Record<string, Start>> = {
  lares: startLares,
  nsd: startNsd,
  knot: startKnot,
};

/** The service as it is shipped, from a bundle as the image has it. The limit of responses is off, as it is for the others. */
async function startLares(folder: string, { folder: zoneFolder, names }: ZoneSet): Promise<Peer> {
  const port = await freePort(0, { datagrams: true });
  await mkdir(folder, { recursive: true });
  const entry = join(repositoryRoot, 'services/dns-service/main.ts');
  const { code } = await bundleService(entry, false);
  for (const [name, bytes] of code) await writeFile(join(folder, name), bytes);
  const configuration = join(zoneFolder, '..', 'lares.toml');
  const zones = names.map(name => `[[dns-service.zones]]\nname = "${name}"\nsign = false\n`);
  await writeFile(
    configuration,
    `[dns-service]
address = "127.0.0.1"
port = ${port}
zone-folder = "zones"
responses-per-second = 0
${zones.join('')}
[admin]
address = "127.0.0.1"
port = 0
`,
  );
  const words = ['--config', configuration, '--data', join(folder, 'data')];
  const node = [process.execPath, ...NODE_FLAGS];
  return started([...node, join(folder, 'main.mjs'), ...words], port, names);
}

/** One server process, no limit of rates, answers without what nobody asked for, a receive buffer as large as ours. */
async function startNsd(folder: string, { folder: zoneFolder, names }: ZoneSet): Promise<Peer> {
  const port = await freePort(0, { datagrams: true });
  await mkdir(folder, { recursive: true });
  const zones = names.map(name => `zone:\n  name: "${name}"\n  zonefile: "${zoneFolder}/${name}.zone"\n`);
  await writeFile(
    join(folder, 'nsd.conf'),
    `server:
  server-count: 1
  ip-address: 127.0.0.1@${port}
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/pid"
  xfrdfile: "${folder}/xfrd"
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zones"
  logfile: "${folder}/log"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  minimal-responses: yes
  zonefiles-check: no
  receive-buffer-size: 4194304
  verbosity: 0
remote-control:
  control-enable: no
${zones.join('')}`,
  );
  return started([NSD, '-d', '-c', join(folder, 'nsd.conf')], port, names);
}

/** One worker for each kind of work. */
async function startKnot(folder: string, { folder: zoneFolder, names }: ZoneSet): Promise<Peer> {
  const port = await freePort(0, { datagrams: true });
  await mkdir(folder, { recursive: true });
  const zones = names.map(name => `  - domain: "${name}"\n`);
  await writeFile(
    join(folder, 'knot.conf'),
    `server:
  rundir: "${folder}"
  listen: 127.0.0.1@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "${folder}"
log:
  - target: stderr
    any: error
template:
  - id: default
    storage: "${zoneFolder}"
    file: "%s.zone"
    semantic-checks: off
    journal-content: none
    zonefile-sync: -1
zone:
${zones.join('')}`,
  );
  return started([KNOTD, '-c', join(folder, 'knot.conf')], port, names);
}

async function started(words: readonly string[], port: number, names: readonly string[]): Promise<Peer> {
  const startMs = performance.now();
  const process = startPinned(words);
  // A pipe that nobody empties would stop who writes to it.
  process.stdout?.resume();
  await eventually(
    `${words.join(' ')} answers`,
    async () => {
      if (process.exitCode !== null) throw new Error(`${words.join(' ')} ended`);
      return (await askSoa(port, names.at(-1) ?? '')) !== undefined;
    },
    { timeoutMs: LOAD_MAX_MS, pollMs: LOAD_POLL_MS },
  );
  return { process, port, loadMs: performance.now() - startMs };
}
