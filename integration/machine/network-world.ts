import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the program in the client's namespace prints. */
export interface Seen {
  readonly addresses: readonly string[];
  readonly nameServers: readonly string[];
  readonly timeServers: readonly string[];
  readonly faults: readonly string[];
}

/** Two network namespaces with a cable between them; dnsmasq in one, our network in the other. Needs root. */
export interface NetworkWorld extends AsyncDisposable {
  /** Starts dnsmasq in place of the one that runs. */
  serve(args: readonly string[]): Promise<void>;
  stopServing(): Promise<void>;
  join(configuration: unknown): void;
  /** Resolves with the first report that `holds`; fails after `timeoutMs` with all that was seen. */
  until(holds: (seen: Seen) => boolean, timeoutMs?: number): Promise<Seen>;
  untilLogged(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** Waits for a message of a DHCP client on the cable: 'REQUEST to 255.255.255.255'. Only those that came since the last call count. */
  untilHeard(message: string, timeoutMs?: number): Promise<void>;
  /** Gives the server's host another address in place of those it has. */
  moveServer(address: string): void;
  /** Runs ip(8) in the client's namespace. */
  ip(...args: string[]): string;
  /** Puts a third host on the cable, with this address. */
  addNeighbour(address: string): void;
  resolvConf(): string;
}

const PROGRAM = join(import.meta.dirname, 'network-program.ts');
const LISTENER = join(import.meta.dirname, 'dhcp-listener-program.ts');
const NODE = [process.execPath, '--experimental-ffi', '--no-warnings'] as const;
const POLL_MS = 50;
const TIMEOUT_MS = 20_000;

export async function createNetworkWorld(): Promise<NetworkWorld> {
  const [client, server, neighbour] = ['c', 's', 'n'].map(host => `lares-${host}${process.pid}`) as [
    string,
    string,
    string,
  ];
  const folder = mkdtempSync(join(tmpdir(), 'lares-network-'));
  const children: ChildProcess[] = [];
  const lines: string[] = [];
  const seen: Seen[] = [];
  const heard: string[] = [];
  let log = '';
  let leases = 0;
  let dnsmasq: ChildProcess | undefined;
  run('ip', 'netns', 'add', client);
  run('ip', 'netns', 'add', server);
  run('ip', 'link', 'add', 'eth0', 'netns', client, 'type', 'veth', 'peer', 'name', 'lan', 'netns', server);
  run('ip', '-n', server, 'address', 'add', '192.0.2.1/24', 'dev', 'lan');
  run('ip', '-n', server, 'address', 'add', '2001:db8:1::1/64', 'dev', 'lan', 'nodad');
  run('ip', '-n', server, 'link', 'set', 'lan', 'up');

  function start(
    namespace: string,
    command: string,
    args: readonly string[],
    onLine: (line: string) => void,
  ): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', namespace, command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
    children.push(child);
    return child;
  }
  const [node, ...flags] = NODE;
  start(server, node, [...flags, LISTENER], line => heard.push(line));
  const world: NetworkWorld = {
    async serve(args) {
      await world.stopServing();
      const all = [
        '--no-daemon',
        '--conf-file=/dev/null',
        '--port=0',
        '--interface=lan',
        '--bind-interfaces',
        '--log-dhcp',
      ];
      // Each knows nothing of what the one before it gave.
      const leaseFile = `--dhcp-leasefile=${folder}/leases-${leases++}`;
      dnsmasq = start(server, 'dnsmasq', [...all, leaseFile, ...args], line => {
        log += `${line}\n`;
      });
      await world.untilLogged(/DHCP, |router advertisement/);
    },
    async stopServing() {
      await end(dnsmasq);
      log = '';
    },
    join(configuration) {
      const args = [...flags, PROGRAM, JSON.stringify(configuration), `${folder}/resolv.conf`];
      start(client, node, args, line => {
        lines.push(line);
        const report = parse(line);
        if (report !== undefined && 'addresses' in report) seen.push(report as Seen);
      });
    },
    async until(holds, timeoutMs = TIMEOUT_MS) {
      for (let left = timeoutMs; left > 0; left -= POLL_MS) {
        const last = seen.at(-1);
        if (last !== undefined && holds(last)) return last;
        await sleep(POLL_MS);
      }
      throw new Error(`not seen within ${timeoutMs} ms:\n${lines.join('\n')}\n${log}`);
    },
    async untilLogged(pattern, timeoutMs = TIMEOUT_MS) {
      for (let left = timeoutMs; left > 0 && !pattern.test(log); left -= POLL_MS) await sleep(POLL_MS);
      if (!pattern.test(log)) throw new Error(`${pattern} not logged within ${timeoutMs} ms:\n${log}`);
    },
    async untilHeard(message, timeoutMs = TIMEOUT_MS) {
      for (let left = timeoutMs; left > 0; left -= POLL_MS) {
        const at = heard.indexOf(message);
        if (at !== -1) return void heard.splice(0, at + 1);
        await sleep(POLL_MS);
      }
      throw new Error(`${message} not heard within ${timeoutMs} ms, but:\n${heard.join('\n')}\n${log}`);
    },
    moveServer(address) {
      run('ip', '-n', server, '-4', 'address', 'flush', 'dev', 'lan');
      run('ip', '-n', server, 'address', 'add', address, 'dev', 'lan');
    },
    ip: (...args) => run('ip', '-n', client, ...args),
    addNeighbour(address) {
      run('ip', 'netns', 'add', neighbour);
      const link = [
        'link',
        'add',
        'eth0',
        'netns',
        neighbour,
        'link',
        'lan',
        'type',
        'macvlan',
        'mode',
        'bridge',
      ];
      run('ip', '-n', server, ...link);
      run('ip', '-n', neighbour, 'address', 'add', address, 'dev', 'eth0');
      run('ip', '-n', neighbour, 'link', 'set', 'eth0', 'up');
    },
    resolvConf: () => readFileSync(`${folder}/resolv.conf`, 'utf8'),
    async [Symbol.asyncDispose]() {
      for (const child of children) await end(child);
      if (existsSync(`/run/netns/${neighbour}`)) run('ip', 'netns', 'delete', neighbour);
      run('ip', 'netns', 'delete', client);
      run('ip', 'netns', 'delete', server);
      rmSync(folder, { recursive: true });
    },
  };
  return world;
}

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr} (this test needs root)`);
  return stdout;
}

function parse(line: string): object | undefined {
  try {
    return JSON.parse(line) as object;
  } catch {
    return undefined;
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await new Promise(resolve => child.once('exit', resolve));
}
