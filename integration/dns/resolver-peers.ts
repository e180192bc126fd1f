import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { formatHex, viewOf } from '../../shared/base/bytes.ts';
import { formatAbsoluteName } from '../../shared/protocols/dns/absolute-name.ts';
import type { Zone } from '../../shared/protocols/dns/rrset.ts';
import type { RootServer, TrustAnchor } from '../../shared/protocols/dns/resolver/root.ts';
import { formatZone } from '../../shared/protocols/dns/zone-file/format-zone.ts';
import { eventually } from '../eventually.ts';
import { run } from '../images/scratch.ts';

/** The bootstrap unpacks them there: installed, they would be started and take port 53 of this machine. */
const peer = (path: string): string => join(repositoryRoot, '.cache/peers', path);

/** Name servers and resolvers of Debian that run until they are disposed of. */
export class ResolverPeers implements AsyncDisposable {
  readonly #folder: string;
  readonly #running: { readonly name: string; readonly child: ChildProcess }[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  async nsd(host: string, zones: readonly Zone[]): Promise<void> {
    const folder = await this.#write('nsd', zones);
    const configuration = `server:
  ip-address: ${host}
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/pid"
  xfrdfile: "${folder}/xfrd"
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zones"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
${zones.map((zone, at) => `zone:\n  name: "${apexOf(zone)}"\n  zonefile: "${folder}/${at}.zone"\n`).join('')}`;
    await this.#start('nsd', host, [peer('nsd/usr/sbin/nsd'), '-d', '-c'], configuration);
  }

  async knot(host: string, zones: readonly Zone[]): Promise<void> {
    const folder = await this.#write('knot', zones);
    const configuration = `server:
  rundir: "${folder}"
  listen: ${host}@53
database:
  storage: "${folder}"
zone:
${zones.map((zone, at) => `  - domain: "${apexOf(zone)}"\n    file: "${folder}/${at}.zone"\n    semantic-checks: off\n`).join('')}`;
    await this.#start('knot', host, [peer('knot/usr/sbin/knotd'), '-c'], configuration);
  }

  async bind(host: string, zones: readonly Zone[]): Promise<void> {
    const folder = await this.#write('bind', zones);
    const configuration = `options {
  directory "${folder}"; pid-file none; session-keyfile none; listen-on port 53 { ${host}; };
  listen-on-v6 { none; }; recursion no; dnssec-validation no;
};
controls { };
${zones.map((zone, at) => `zone "${apexOf(zone)}" { type primary; file "${at}.zone"; };`).join('\n')}
`;
    await this.#start('bind', host, [peer('bind9/usr/sbin/named'), '-f', '-g', '-c'], configuration);
  }

  /** A resolver on 127.0.0.1 for which it is always `nowMs`. */
  async unbound(
    port: number,
    world: { roots: readonly RootServer[]; anchor: TrustAnchor; nowMs: number },
  ): Promise<void> {
    const folder = await this.#write('unbound', []);
    const hints = world.roots.flatMap(({ name, addresses }) => [
      `. 3600 NS ${formatAbsoluteName(name)}`,
      ...addresses.map(address => `${formatAbsoluteName(name)} 3600 A ${address}`),
    ]);
    await writeFile(join(folder, 'hints'), `${hints.join('\n')}\n`);
    const date = new Date(world.nowMs).toISOString().replace(/\..*$/, '').replace(/[-:T]/g, '');
    const configuration = `server:
  interface: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  do-ip6: no
  do-not-query-localhost: no
  local-zone: "test." nodefault
  root-hints: "${folder}/hints"
  trust-anchor: ". DS ${formatDs(world.anchor)}"
  val-override-date: "${date}"
  val-sig-skew-min: 0
  val-sig-skew-max: 0
remote-control:
  control-enable: no
`;
    await this.#start(
      'unbound',
      `127.0.0.1:${port}`,
      [peer('unbound/usr/sbin/unbound'), '-d', '-c'],
      configuration,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }

  async #write(name: string, zones: readonly Zone[]): Promise<string> {
    const folder = join(this.#folder, name);
    await mkdir(folder);
    await Promise.all(zones.map((zone, at) => writeFile(join(folder, `${at}.zone`), formatZone(zone))));
    return folder;
  }

  async #start(
    name: string,
    where: string,
    [program = '', ...args]: string[],
    configuration: string,
  ): Promise<void> {
    const file = join(this.#folder, name, 'configuration');
    await writeFile(file, configuration);
    const child = spawn(program, [...args, file]);
    this.#running.push({ name, child });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', part => (said += String(part)));
    const address = where.includes(':') ? where : `${where}:53`;
    const isThere = async (): Promise<boolean> => (await run('ss', '-Hlnu')).includes(` ${address} `);
    await eventually(`${name} listens on ${address}`, isThere, { seen: () => said });
  }
}

function apexOf({ apex }: Zone): string {
  return formatAbsoluteName(apex);
}

function formatDs({ ds: [data = new Uint8Array()] }: TrustAnchor): string {
  return `${viewOf(data).getUint16(0)} ${data[2]} ${data[3]} ${formatHex(data.subarray(4))}`;
}
