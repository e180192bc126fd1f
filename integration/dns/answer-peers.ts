import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { encodeAsked } from '../../shared/protocols/dns/answer/testing/ask.ts';
import { RCODE, TYPE } from '../../shared/protocols/dns/message.ts';
import type { Name } from '../../shared/protocols/dns/name.ts';
import { lastingPort } from '../lasting-port.ts';
import { listening } from '../listening.ts';

/** The bootstrap unpacks them there: installed, they would be started and take port 53 of this machine. */
const NSD = join(repositoryRoot, '.cache/peers/nsd/usr/sbin/nsd');
const KNOTD = join(repositoryRoot, '.cache/peers/knot/usr/sbin/knotd');

/** A server that has one zone. */
export interface AnswerPeer extends AsyncDisposable {
  readonly name: string;
  /** For UDP and TCP, on 127.0.0.1. */
  readonly port: number;
  /** Whether it could load the zone. */
  hasZone(apex: Name): Promise<boolean>;
  /** The answers to the messages, by TCP, in their order. */
  ask(messages: readonly Uint8Array[]): Promise<Uint8Array[]>;
}

interface ZoneFile {
  readonly path: string;
  /** With the final dot. */
  readonly apex: string;
}

export async function startNsd(folder: string, zone: ZoneFile): Promise<AnswerPeer> {
  const port = await lastingPort({ datagrams: true });
  const configuration = join(folder, 'nsd.conf');
  await mkdir(join(folder, 'nsd'), { recursive: true });
  await writeFile(
    configuration,
    `server:
  ip-address: 127.0.0.1@${port}
  do-ip6: no
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/nsd/pid"
  xfrdfile: "${folder}/nsd/xfrd"
  xfrdir: "${folder}/nsd"
  zonelistfile: "${folder}/nsd/zones"
  rrl-ratelimit: 0
  tcp-timeout: 3
  minimal-responses: yes
remote-control:
  control-enable: no
zone:
  name: "${zone.apex}"
  zonefile: "${zone.path}"
`,
  );
  return startPeer('NSD', port, spawn(NSD, ['-d', '-c', configuration]));
}

export async function startKnot(folder: string, zone: ZoneFile): Promise<AnswerPeer> {
  const port = await lastingPort({ datagrams: true });
  const configuration = join(folder, 'knot.conf');
  await mkdir(join(folder, 'knot'), { recursive: true });
  await writeFile(
    configuration,
    `server:
  rundir: "${folder}/knot"
  tcp-idle-timeout: 3
  listen: 127.0.0.1@${port}
database:
  storage: "${folder}/knot"
zone:
  - domain: "${zone.apex}"
    file: "${zone.path}"
    semantic-checks: off
`,
  );
  return startPeer('Knot', port, spawn(KNOTD, ['-c', configuration]));
}

async function startPeer(name: string, port: number, server: ChildProcess): Promise<AnswerPeer> {
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', part => (said += String(part)));
  const end = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  };
  try {
    await listening(name, port);
  } catch (error) {
    await end();
    throw new Error(`${name} does not start:\n${said}`, { cause: error });
  }
  const ask = async (messages: readonly Uint8Array[]): Promise<Uint8Array[]> => askByTcp(port, messages);
  return {
    name,
    port,
    ask,
    async hasZone(apex) {
      const [answer] = await ask([encodeAsked({ name: apex, type: TYPE.SOA })]);
      return ((answer?.[3] ?? RCODE.SERVFAIL) & 0xf) === RCODE.NOERROR;
    },
    [Symbol.asyncDispose]: end,
  };
}

/** RFC 7766 §6.2.1.1: all messages at once; the answers are put back in order by their id. */
async function askByTcp(port: number, messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const socket = connect(port, '127.0.0.1');
  const answers = new Map<number, Uint8Array>();
  for (const message of messages) {
    socket.write(Uint8Array.of(message.length >> 8, message.length & 0xff));
    socket.write(message);
  }
  let received: Buffer = Buffer.alloc(0);
  for await (const part of socket) {
    received = Buffer.concat([received, part as Buffer]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      answers.set(received.readUInt16BE(2), Uint8Array.from(received.subarray(2, end)));
      received = received.subarray(end);
    }
    if (answers.size === messages.length) break;
  }
  return messages.map(message => {
    const answer = answers.get(Buffer.from(message).readUInt16BE(0));
    if (answer === undefined) throw new Error(`no answer to ${Buffer.from(message).toString('hex')}`);
    return answer;
  });
}
