import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { eventually } from '../eventually.ts';
import { run } from '../images/scratch.ts';

/** The bootstrap unpacks them there: installed, they would be started and take port 53 of this machine. */
const PEERS = join(repositoryRoot, '.cache/peers');

export const KEY = { name: 'lares-peer', secret: Buffer.alloc(32, 7).toString('base64') };
export const ZONE = 'lares.test';

export type PeerKind = 'nsd' | 'knot' | 'bind';

export interface TransferPeer extends AsyncDisposable {
  readonly port: number;
}

export interface TransferPeerOptions {
  readonly folder: string;
  readonly port: number;
  /** Of the other side, on 127.0.0.1: the primary of a secondary, the secondary of a primary. */
  readonly otherPort: number;
  /** The master file of a primary; absent: it is a secondary. */
  readonly zone?: string;
  /** Of the zone; the default is {@link ZONE}. */
  readonly name?: string;
  /** Further lines of the zone in Knot's configuration. */
  readonly knotZone?: readonly string[];
}

/** A server that shares {@link ZONE} with another by {@link KEY}, which signs transfers and notifications. */
export async function startTransferPeer(kind: PeerKind, options: TransferPeerOptions): Promise<TransferPeer> {
  const folder = join(options.folder, kind);
  await mkdir(folder, { recursive: true });
  if (options.zone !== undefined) await writeFile(join(folder, 'zone'), options.zone);
  const file = join(folder, 'configuration');
  await writeFile(file, CONFIGURATIONS[kind]({ ...options, folder }));
  return started(kind, spawn(...COMMANDS[kind](file)), options);
}

/** A zone's file that takes more than one message. */
export const ZONE_TEXT = [
  '$TTL 60',
  '@ SOA ns hostmaster 1 3600 600 86400 60',
  '@ NS ns',
  'ns A 127.0.0.1',
  // RFC 5936 §2.2.
  ...Array.from({ length: 400 }, (_, at) => `host${at} TXT "${'x'.repeat(180)}"`),
  '',
].join('\n');

const COMMANDS: Record<PeerKind, (file: string) => [string, string[]]> = {
  nsd: file => [join(PEERS, 'nsd/usr/sbin/nsd'), ['-d', '-c', file]],
  knot: file => [join(PEERS, 'knot/usr/sbin/knotd'), ['-c', file]],
  bind: file => [join(PEERS, 'bind9/usr/sbin/named'), ['-f', '-g', '-c', file]],
};

const CONFIGURATIONS: Record<PeerKind, (options: TransferPeerOptions) => string> = {
  nsd: ({ folder, port, otherPort, zone, name = ZONE }) => `server:
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
  rrl-ratelimit: 0
  xfrd-reload-timeout: 0
remote-control:
  control-enable: no
key:
  name: "${KEY.name}"
  algorithm: hmac-sha256
  secret: "${KEY.secret}"
zone:
  name: "${name}"
  zonefile: "zone"
  provide-xfr: 127.0.0.1 ${zone === undefined ? 'NOKEY' : KEY.name}
${
  zone === undefined
    ? `  allow-notify: 127.0.0.1 ${KEY.name}\n  request-xfr: 127.0.0.1@${otherPort} ${KEY.name}\n`
    : `  notify: 127.0.0.1@${otherPort} ${KEY.name}\n`
}`,
  knot: ({ folder, port, otherPort, zone, name = ZONE, knotZone = [] }) => `server:
  rundir: "${folder}"
  listen: 127.0.0.1@${port}
database:
  storage: "${folder}"
key:
  - id: ${KEY.name}
    algorithm: hmac-sha256
    secret: ${KEY.secret}
remote:
  - id: other
    address: 127.0.0.1@${otherPort}
    key: ${KEY.name}
acl:
  - id: keyed
    key: ${KEY.name}
    action: [transfer, notify, update]
  - id: anybody
    address: 127.0.0.1
    action: transfer
zone:
  - domain: ${name}
    file: "${folder}/zone"
    semantic-checks: off
    acl: [keyed, anybody]
    ${[`${zone === undefined ? 'master' : 'notify'}: other`, ...knotZone].join('\n    ')}
`,
  bind: ({ folder, port, otherPort, zone, name = ZONE }) => `options {
  directory "${folder}"; pid-file none; session-keyfile none; listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; }; recursion no; dnssec-validation no; notify explicit; notify-delay 0;
};
controls { };
key "${KEY.name}" { algorithm hmac-sha256; secret "${KEY.secret}"; };
server 127.0.0.1 { keys { "${KEY.name}"; }; };
zone "${name}" {
  ${
    zone === undefined
      ? `type secondary; file "zone"; masterfile-format text; primaries { 127.0.0.1 port ${otherPort} key "${KEY.name}"; };`
      : `type primary; file "zone"; also-notify { 127.0.0.1 port ${otherPort} key "${KEY.name}"; }; allow-update { key "${KEY.name}"; };`
  }
  allow-transfer { any; };
};
`,
};

async function started(
  kind: PeerKind,
  server: ChildProcess,
  { port, name = ZONE }: TransferPeerOptions,
): Promise<TransferPeer> {
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', part => (said += String(part)));
  const end = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  try {
    await eventually(
      `${kind} has the zone`,
      async () => {
        if (server.exitCode !== null) throw new Error(`${kind} ended`);
        return (await serialAt(port, name)) !== undefined;
      },
      { seen: () => said },
    );
  } catch (error) {
    await end();
    throw new Error(`${kind} has no zone:\n${said}`, { cause: error });
  }
  return { port, [Symbol.asyncDispose]: end };
}

/** The serial that a server on 127.0.0.1 answers with; undefined where it has no such zone (yet). */
export async function serialAt(port: number, zone = ZONE): Promise<number | undefined> {
  const said = await dig(port, '+short', '+time=1', '+tries=1', zone, 'SOA').catch(() => '');
  const serial = /^\S+ \S+ ([0-9]+) /m.exec(said)?.[1];
  return serial === undefined ? undefined : Number(serial);
}

/** The zone as a server on 127.0.0.1 gives it whole: one record a line. @throws Error where it does not. */
export async function fetchZone(port: number, zone = ZONE, withKey = false): Promise<string> {
  const key = withKey ? ['-y', `hmac-sha256:${KEY.name}:${KEY.secret}`] : [];
  const said = await dig(
    port,
    ...key,
    '+nocomments',
    '+nocmd',
    '+nostats',
    '+onesoa',
    '+noall',
    '+answer',
    zone,
    'AXFR',
  );
  if (!said.includes('SOA')) throw new Error(`no transfer: ${said}`);
  return said;
}

function dig(port: number, ...words: readonly string[]): Promise<string> {
  return run('dig', '@127.0.0.1', '-p', String(port), ...words);
}

/** What nsupdate(1) says to the lines, signed with {@link KEY}; it goes on after an update that is refused. */
export async function sendUpdates(
  port: number,
  folder: string,
  lines: readonly string[],
  zone = ZONE,
): Promise<string> {
  const script = join(folder, `updates-${port}`);
  await writeFile(script, [`server 127.0.0.1 ${port}`, `zone ${zone}`, ...lines, ''].join('\n'));
  const key = `hmac-sha256:${KEY.name}:${KEY.secret}`;
  try {
    return await run('nsupdate', '-v', '-y', key, script);
  } catch (error) {
    // It ends with 2 where one was refused.
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (code !== 2) throw error;
    return stdout + stderr;
  }
}
