import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../images/cli/repository.ts';
import type { TapNetwork } from '../../images/run/guest-options.ts';
import { createScratch, run } from './scratch.ts';

/** A network that knows nothing of IPv4, as a provider of IPv6-only machines has it. Needs root. */
export interface Ipv6Network extends AsyncDisposable {
  readonly tap: TapNetwork;
  /** Runs a program of integration/images/ as a host of that network; gives what it printed. @throws Error with what it said */
  runInside(program: string, ...args: string[]): Promise<string>;
}

/** Of the network's router, which is its name server and its time server, too. */
const ROUTER = '2001:db8:6::1';
/** The bootstrap unpacks it there. */
const CHRONYD = join(repositoryRoot, '.cache/peers/chrony/usr/sbin/chronyd');

export async function createIpv6Network(): Promise<Ipv6Network> {
  const namespace = `lares-v6-${process.pid}`;
  const tap = 'tap0';
  const scratch = await createScratch();
  const servers: ChildProcess[] = [];
  const ip = (...args: string[]): Promise<string> => run('ip', '-n', namespace, ...args);
  await run('ip', 'netns', 'add', namespace);
  await ip('link', 'set', 'lo', 'up');
  await ip('tuntap', 'add', 'dev', tap, 'mode', 'tap');
  await ip('address', 'add', `${ROUTER}/64`, 'dev', tap, 'nodad');
  await ip('link', 'set', tap, 'up');
  const timeConfiguration = join(scratch.path, 'chrony.conf');
  const timeLines = ['local stratum 8', 'allow ::/0', `bindaddress ${ROUTER}`, 'cmdport 0'];
  await writeFile(timeConfiguration, [...timeLines, `pidfile ${scratch.path}/chrony.pid`, ''].join('\n'));
  const serve = (...command: string[]): void => {
    const server = spawn('ip', ['netns', 'exec', namespace, ...command], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    servers.push(server);
  };
  // Addresses and name servers by router advertisements alone; every name is the router's.
  serve(
    'dnsmasq',
    ...[
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--quiet-ra',
      `--log-facility=${scratch.path}/dnsmasq.log`,
      `--interface=${tap}`,
    ],
    ...['--bind-interfaces', '--no-resolv', '--no-hosts', `--address=/#/${ROUTER}`],
    ...['--enable-ra', `--ra-param=${tap},5`, '--dhcp-range=2001:db8:6::,ra-only'],
    `--dhcp-option=option6:dns-server,[${ROUTER}]`,
  );
  serve(CHRONYD, '-d', '-x', '-u', 'root', '-L', '2', '-f', timeConfiguration);
  return {
    tap: { namespace, tap },
    runInside(program, ...args) {
      const node = [
        process.execPath,
        '--experimental-ffi',
        '--no-warnings',
        join(import.meta.dirname, program),
      ];
      return run('ip', 'netns', 'exec', namespace, ...node, ...args);
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        if (server.exitCode !== null) continue;
        server.kill();
        await new Promise(resolve => server.once('exit', resolve));
      }
      await run('ip', 'netns', 'delete', namespace);
      await scratch[Symbol.asyncDispose]();
    },
  };
}
