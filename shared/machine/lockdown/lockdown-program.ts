/** Locks this process and then does what services do; prints one line of JSON with what came of each. */
import { spawnSync } from 'node:child_process';
import { randomBytes, scrypt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { mount } from '../../host/ffi/mount.ts';
import { openNetlinkSocket } from '../../host/ffi/netlink-socket.ts';
import { openPacketSocket } from '../../host/ffi/packet-socket.ts';
import { lockDownProcess } from './lockdown.ts';

const early = new Worker('setInterval(() => {}, 1000)', { eval: true });
await new Promise(resolve => early.once('online', resolve));
const folder = await mkdtemp(join(tmpdir(), 'lares-lockdown-'));
// The machine's kernel has no io_uring; this one may, and libuv has set up its rings before the filter comes.
const execve = lockDownProcess([{ call: 'io_uring_enter' }]);

const trials: Readonly<Record<string, () => unknown>> = {
  files: async () => {
    const file = await open(`${folder}/a`, 'w');
    await file.write('text');
    await file.sync();
    await file.close();
    await rename(`${folder}/a`, `${folder}/b`);
    return (await readFile(`${folder}/b`)).length;
  },
  database: () => {
    const database = new DatabaseSync(`${folder}/x.sqlite`);
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
    database.close();
  },
  worker: () => new Promise(resolve => new Worker('1', { eval: true }).once('exit', resolve)),
  http: fetchFromOwnServer,
  udp: () => new Promise<void>(resolve => createSocket('udp6').bind(0, '::1', resolve).unref()),
  hash: () => promisify(scrypt)('a', 'b', 32),
  random: () => randomBytes(16),
  interfaces: () => networkInterfaces(),
  netlink: () => openNetlinkSocket(0, 0, { onDatagram() {}, onOverrun() {} })[Symbol.dispose](),
  spawn: () => {
    const { error } = spawnSync(process.execPath, ['--version']);
    if (error !== undefined) throw error;
  },
  mount: () => mount({ source: 'tmpfs', target: folder, type: 'tmpfs', flags: [] }),
  packet: () => openPacketSocket('ipv4', [[6, 0, 0, 0]], () => {}),
  kill: () => process.kill(process.ppid, 0),
};

function fetchFromOwnServer(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      request({ port, host: '127.0.0.1', agent: false }, response => {
        response.resume().on('end', () => server.close(resolve));
      })
        .on('error', reject)
        .end();
    });
  });
}

const outcome: Record<string, string> = {};
for (const [name, trial] of Object.entries(trials)) {
  try {
    await trial();
    outcome[name] = 'done';
  } catch (error) {
    outcome[name] = (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
const seccomp = readdirSync('/proc/self/task').map(
  id => /^Seccomp:\s+(\d)/m.exec(readFileSync(`/proc/self/task/${id}/status`, 'utf8'))?.[1],
);
await rm(folder, { recursive: true });
console.log(JSON.stringify({ execve, outcome, seccomp: [...new Set(seccomp)] }));
process.exit(0);
