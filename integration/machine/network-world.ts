import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../eventually.ts';

/** What the program in the client's namespace prints. */
export interface Seen {
  readonly addresses: readonly string[];
  readonly nameServers: readonly string[];
  readonly timeServers: readonly string[];
  readonly faults: readonly string[];
}

/** Two network namespaces with a cable between them; dnsmasq in one, our network in the other. Needs root. */
export interface NetworkWorld extends AsyncDisposable {
  /** Starts dnsmasq in place of the one that runs; it knows nothing of what that one gave. */
  serve(args: readonly string[]): Promise<void>;
  stopServing(): Promise<void>;
  join(configuration: unknown): void;
  /** Resolves with the first report that `holds`; fails after `timeoutMs` with all that was seen. */
  until(holds: (seen: Seen) => boolean, timeoutMs?: number): Promise<Seen>;
  /** Waits for what our network tells its owner. */
  untilNoted(pattern: RegExp, timeoutMs?: number): Promise<void>;
  untilLogged(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** Waits for a message of a client on the cable: 'REQUEST to 255.255.255.255'. Only those that came since the last call count. */
  untilHeard(message: string, timeoutMs?: number): Promise<void>;
  /** Gives the server's host another address in place of those it has. */
  moveServer(address: string): void;
  /** Runs ip(8) in the client's namespace. */
  ip(...args: string[]): string;
  /** Puts a third host on the cable, with this address, which it does not tell by itself. */
  addNeighbour(address: string): void;
  /** Has the third host tell by ARP that its address is its own. */
  claim(): void;
  resolvConf(): string;
}

const PROGRAM = join(import.meta.dirname, 'network-program.ts');
const LISTENER = join(import.meta.dirname, 'dhcp-listener-program.ts');
const NODE = [process.execPath, '--experimental-ffi', '--no-warnings'] as const;
const DNSMASQ = [
  ...['dnsmasq', '--no-daemon', '--conf-file=/dev/null', '--port=0'],
  ...['--interface=lan', '--bind-interfaces', '--log-dhcp'],
] as const;
const TIMEOUT_MS = 20_000;

export async function createNetworkWorld(): Promise<NetworkWorld> {
  const hosts = layCable();
  const folder = mkdtempSync(join(tmpdir(), 'lares-network-'));
  const programs = new Programs();
  const lines: string[] = [];
  const seen: Seen[] = [];
  const heard: string[] = [];
  let log = '';
  let leaseFiles = 0;
  let dnsmasq: ChildProcess | undefined;
  programs.start(hosts.server, [...NODE, LISTENER], line => heard.push(line));
  const all = (): string => [...lines, '', ...heard, '', log].join('\n');
  const world: NetworkWorld = {
    async serve(args) {
      await world.stopServing();
      const leases = `--dhcp-leasefile=${folder}/leases-${leaseFiles++}`;
      dnsmasq = programs.start(hosts.server, [...DNSMASQ, leases, ...args], line => (log += `${line}\n`));
      await world.untilLogged(/DHCP, |router advertisement/);
    },
    async stopServing() {
      await end(dnsmasq);
      log = '';
    },
    join(configuration) {
      const program = [...NODE, PROGRAM, JSON.stringify(configuration), `${folder}/resolv.conf`];
      programs.start(hosts.client, program, line => {
        lines.push(line);
        const report = parse(line);
        if (report !== undefined && 'addresses' in report) seen.push(report as Seen);
      });
    },
    until: (holds, timeoutMs = TIMEOUT_MS) =>
      eventually(String(holds), () => seen.slice(-1).find(holds), { timeoutMs, seen: all }),
    async untilNoted(pattern, timeoutMs = TIMEOUT_MS) {
      const isNoted = (): boolean => lines.some(line => pattern.test(line));
      await eventually(String(pattern), isNoted, { timeoutMs, seen: all });
    },
    async untilLogged(pattern, timeoutMs = TIMEOUT_MS) {
      await eventually(String(pattern), () => pattern.test(log), { timeoutMs, seen: all });
    },
    async untilHeard(message, timeoutMs = TIMEOUT_MS) {
      await eventually(message, () => heard.includes(message), { timeoutMs, seen: all });
      heard.splice(0, heard.indexOf(message) + 1);
    },
    moveServer(address) {
      run('ip', '-n', hosts.server, '-4', 'address', 'flush', 'dev', 'lan');
      run('ip', '-n', hosts.server, 'address', 'add', address, 'dev', 'lan');
    },
    ip: (...args) => run('ip', '-n', hosts.client, ...args),
    addNeighbour: address => addNeighbour(hosts, address),
    claim: () => claim(hosts),
    resolvConf: () => readFileSync(`${folder}/resolv.conf`, 'utf8'),
    async [Symbol.asyncDispose]() {
      await programs[Symbol.asyncDispose]();
      for (const host of Object.values(hosts))
        if (existsSync(`/run/netns/${host}`)) run('ip', 'netns', 'delete', host);
      rmSync(folder, { recursive: true });
    },
  };
  return world;
}

/** Network namespaces; the third has a place on the cable once it is added. */
interface Hosts {
  readonly client: string;
  readonly server: string;
  readonly neighbour: string;
}

let worlds = 0;

function layCable(): Hosts {
  const world = `${process.pid}-${worlds++}`;
  const [client, server, neighbour] = [`lares-c${world}`, `lares-s${world}`, `lares-n${world}`];
  run('ip', 'netns', 'add', client);
  run('ip', 'netns', 'add', server);
  run('ip', 'link', 'add', 'eth0', 'netns', client, 'type', 'veth', 'peer', 'name', 'lan', 'netns', server);
  run('ip', '-n', server, 'address', 'add', '192.0.2.1/24', 'dev', 'lan');
  run('ip', '-n', server, 'address', 'add', '2001:db8:1::1/64', 'dev', 'lan', 'nodad');
  run('ip', '-n', server, 'link', 'set', 'lan', 'up');
  return { client, server, neighbour };
}

function addNeighbour({ server, neighbour }: Hosts, address: string): void {
  run('ip', 'netns', 'add', neighbour);
  const card = ['link', 'add', 'eth0', 'netns', neighbour, 'link', 'lan'];
  run('ip', '-n', server, ...card, 'type', 'macvlan', 'mode', 'bridge');
  run('ip', '-n', neighbour, 'address', 'add', address, 'dev', 'eth0');
  run('ip', '-n', neighbour, 'link', 'set', 'eth0', 'up');
}

/** With arp_notify (linux Documentation/networking/ip-sysctl.rst) an interface tells its addresses when it comes up. */
function claim({ neighbour }: Hosts): void {
  const notify = 'echo 1 > /proc/sys/net/ipv4/conf/eth0/arp_notify';
  run('ip', 'netns', 'exec', neighbour, 'sh', '-c', notify);
  run('ip', '-n', neighbour, 'link', 'set', 'eth0', 'down');
  run('ip', '-n', neighbour, 'link', 'set', 'eth0', 'up');
}

/** Programs in namespaces, which end with the world. */
class Programs implements AsyncDisposable {
  readonly #children: ChildProcess[] = [];

  start(namespace: string, command: readonly string[], onLine: (line: string) => void): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
    this.#children.push(child);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await end(child);
  }
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
