import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundleService } from '../../../images/build/bundle.ts';
import { freePort } from '../../../images/run/free-port.ts';
import { eventually } from '../../eventually.ts';
import { startPinned } from '../processes.ts';

export interface Peer {
  readonly process: ChildProcess;
  /** Of HTTP/1.1 without TLS, and of HTTP/1.1 and HTTP/2 over TLS. */
  readonly ports: { readonly plain: number; readonly secure: number };
}

/** What all servers serve, and with what. */
export interface Setting {
  readonly folder: string;
  /** With the files. */
  readonly root: string;
  readonly certificate: string;
  readonly key: string;
}

const here = (path: string): string => new URL(path, import.meta.url).pathname;
const node = [process.execPath, '--experimental-ffi', '--no-warnings'];

export const startPeer: Readonly<Record<string, (setting: Setting) => Promise<Peer>>> = {
  lares: startLares,
  nginx: startNginx,
  caddy: startCaddy,
  fastify: ({ root, certificate, key }) => startNode([here('fastify-server.ts'), root, certificate, key]),
};

/** From a bundle as the image has it: what a thread loads, and keeps, is what it does there. */
async function startLares({ root, folder }: Setting): Promise<Peer> {
  const { code } = await bundleService(here('lares-server.ts'), false);
  for (const [name, bytes] of code) await writeFile(join(folder, name), bytes);
  return startNode([join(folder, 'main.mjs'), root, join(folder, 'data')]);
}

async function startNode(words: readonly string[]): Promise<Peer> {
  const process = startPinned([...node, ...words]);
  if (process.stdout === null) throw new Error('a server has an output');
  for await (const line of createInterface({ input: process.stdout }))
    return { process, ports: JSON.parse(line) as Peer['ports'] };
  throw new Error(`${words[0]} ended before it told its ports`);
}

/** One worker, sendfile, descriptors kept open, no log, connections that live: as nginx.org's documents advise for speed. */
async function startNginx({ folder, root, certificate, key }: Setting): Promise<Peer> {
  const ports = await freePorts();
  const file = join(folder, 'nginx.conf');
  await writeFile(
    file,
    `user root; worker_processes 1; worker_cpu_affinity 01; daemon off; pid ${folder}/nginx.pid; error_log stderr crit;
events { worker_connections 4096; multi_accept on; use epoll; }
http {
  access_log off; default_type application/octet-stream; types { text/html html; }
  sendfile on; tcp_nopush on; tcp_nodelay on;
  open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h;
  keepalive_requests 1000000000; keepalive_timeout 1h; reset_timedout_connection on;
  ssl_certificate ${certificate}; ssl_certificate_key ${key};
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:bench:10m; ssl_session_tickets on; ssl_buffer_size 16k;
  server { listen 127.0.0.1:${ports.plain} backlog=1024; root ${root}; }
  server { listen 127.0.0.1:${ports.secure} ssl http2 backlog=1024; root ${root}; }
}
`,
  );
  return started(startPinned(['nginx', '-c', file, '-e', 'stderr']), ports);
}

/** One processor for Go's scheduler, no log; file_server as Caddy's documents have it. */
async function startCaddy({ folder, root, certificate, key }: Setting): Promise<Peer> {
  const ports = await freePorts();
  const file = join(folder, 'Caddyfile');
  await writeFile(
    file,
    `{
  admin off
  auto_https off
  log {
    output discard
  }
}
http://127.0.0.1:${ports.plain} {
  root * ${root}
  file_server
}
https://127.0.0.1:${ports.secure} {
  tls ${certificate} ${key}
  root * ${root}
  file_server
}
`,
  );
  const home = { GOMAXPROCS: '1', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  return started(startPinned(['caddy', 'run', '--config', file, '--adapter', 'caddyfile'], home), ports);
}

/** Waits until it listens. */
async function started(process: ChildProcess, ports: Peer['ports']): Promise<Peer> {
  const command = process.spawnargs.join(' ');
  const listens = async (): Promise<boolean> => {
    if (process.exitCode !== null) throw new Error(`${command} ended`);
    const socket = connect(ports.secure, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    return open;
  };
  await eventually(`${command} listens`, listens);
  return { process, ports };
}

async function freePorts(): Promise<Peer['ports']> {
  const [plain, secure] = await Promise.all([freePort(), freePort()]);
  return { plain, secure };
}
