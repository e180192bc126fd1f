import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { eventually } from '../eventually.ts';
import { run } from '../images/scratch.ts';

/** The bootstrap unpacks them there: installed, they would be started and take port 53 of this machine. */
const KNOTD = join(repositoryRoot, '.cache/peers/knot/usr/sbin/knotd');
const NAMED = join(repositoryRoot, '.cache/peers/bind9/usr/sbin/named');
const START_MS = 20_000;

export interface Key {
  readonly name: string;
  readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
  readonly secret: Uint8Array;
}

/** The zone that every server here has; `ns1` is 127.0.0.1 and `ns2` is 127.0.0.2. */
export const ZONE = 'lares.test';

export interface DnsPeer extends AsyncDisposable {
  /** The TXT values at a name, by kdig. */
  texts(name: string): Promise<string[]>;
}

export interface PeerOptions {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** May change TXT records in the zone. */
  readonly keys?: readonly Key[];
  /** Known to the server (BIND), but allowed nothing. */
  readonly powerless?: readonly Key[];
  /** Its secondary, which it notifies. */
  readonly notifies?: string;
  /** Its primary: the zone is transferred from there. */
  readonly transfersFrom?: string;
}

export async function startKnot(options: PeerOptions): Promise<DnsPeer> {
  const folder = join(options.folder, `knot-${options.host}`);
  mkdirSync(join(folder, 'database'), { recursive: true });
  writeFileSync(join(folder, 'zone'), zoneFile(['ns1', 'ns2']));
  const file = join(folder, 'knot.conf');
  writeFileSync(file, knotConfiguration(options, folder));
  return startPeer(spawn(KNOTD, ['-c', file]), options);
}

function knotConfiguration(options: PeerOptions, folder: string): string {
  const { host, port, keys = [], notifies, transfersFrom } = options;
  return [
    'server:',
    `  rundir: "${folder}"`,
    `  listen: ${host}@${port}`,
    'database:',
    `  storage: "${folder}/database"`,
    ...(keys.length === 0 ? [] : ['key:']),
    ...keys.flatMap(key => [
      `  - id: ${key.name}`,
      `    algorithm: ${key.algorithm}`,
      `    secret: ${Buffer.from(key.secret).toString('base64')}`,
    ]),
    'remote:',
    '  - id: peer',
    `    address: ${notifies ?? transfersFrom ?? '127.0.0.9'}@${port}`,
    'acl:',
    '  - id: transfer',
    '    address: 127.0.0.0/8',
    '    action: [transfer, notify]',
    ...keys.flatMap(key => [`  - id: ${key.name}`, `    key: ${key.name}`, '    action: update']),
    'zone:',
    `  - domain: ${ZONE}`,
    `    file: "${folder}/zone"`,
    `    acl: [${['transfer', ...keys.map(key => key.name)].join(', ')}]`,
    ...(notifies === undefined ? [] : ['    notify: peer']),
    ...(transfersFrom === undefined ? [] : ['    master: peer']),
    '',
  ].join('\n');
}

export async function startBind(options: PeerOptions): Promise<DnsPeer> {
  const { host, port, keys = [], powerless = [] } = options;
  const folder = join(options.folder, `bind-${host}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'zone'), zoneFile(['ns1']));
  const configuration = [
    `options { directory "${folder}"; pid-file none; session-keyfile none; listen-on port ${port} { ${host}; };`,
    '  listen-on-v6 { none; }; recursion no; dnssec-validation no; };',
    'controls { };',
    ...[...keys, ...powerless].map(
      key =>
        `key "${key.name}" { algorithm ${key.algorithm}; secret "${Buffer.from(key.secret).toString('base64')}"; };`,
    ),
    `zone "${ZONE}" { type primary; file "zone"; update-policy {`,
    ...keys.map(key => `  grant ${key.name} subdomain ${ZONE} TXT;`),
    '}; };',
    '',
  ].join('\n');
  const file = join(folder, 'named.conf');
  writeFileSync(file, configuration);
  return startPeer(spawn(NAMED, ['-f', '-g', '-c', file]), options);
}

function zoneFile(servers: readonly string[]): string {
  return [
    `$ORIGIN ${ZONE}.`,
    '$TTL 60',
    // Refreshes by itself after 2 s where nobody notifies it.
    '@ SOA ns1 hostmaster 1 2 2 3600 60',
    ...servers.map(server => `@ NS ${server}`),
    'ns1 A 127.0.0.1',
    'ns2 A 127.0.0.2',
    'handed NS ns.elsewhere.test.',
    '',
  ].join('\n');
}

async function startPeer(server: ChildProcess, { host, port }: PeerOptions): Promise<DnsPeer> {
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', part => (said += String(part)));
  const texts = async (name: string): Promise<string[]> => {
    const shown = await run(
      'kdig',
      `@${host}`,
      '-p',
      String(port),
      '+short',
      '+retry=0',
      '+time=1',
      name,
      'TXT',
    );
    return [...shown.matchAll(/"([^"]*)"/g)].map(match => match[1] ?? '').toSorted();
  };
  const soa = ['+short', '+retry=0', '+time=1', ZONE, 'SOA'];
  const answers = async (): Promise<boolean> => {
    if (server.exitCode !== null) throw new Error(`the DNS server on ${host} ended:\n${said}`);
    const shown = await run('kdig', `@${host}`, '-p', String(port), ...soa).catch(() => '');
    return shown.includes('hostmaster');
  };
  await eventually(`a DNS server on ${host}`, answers, { timeoutMs: START_MS, seen: () => said });
  return {
    texts,
    async [Symbol.asyncDispose]() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null)
        await new Promise(resolve => server.once('exit', resolve));
    },
  };
}
