import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { lastingPort } from '../lasting-port.ts';

export interface Nginx extends AsyncDisposable {
  readonly port: number;
}

/** Debian's nginx with `root` as its site over plain HTTP, as its own documentation sets up a static site with precompressed files. */
export async function startNginx(root: string): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-nginx-'));
  const port = await lastingPort();
  await writeFile(join(folder, 'nginx.conf'), configurationOf(folder, port, root));
  const child = spawn(
    '/usr/sbin/nginx',
    ['-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Uint8Array) => (said += Buffer.from(chunk).toString()));
  const exited = once(child, 'exit');
  const isUp = (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`nginx does not start: ${said}`);
    return answers(port);
  };
  await eventually('nginx answers', isUp, { seen: () => said });
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configurationOf(folder: string, port: number, root: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/${name};`,
  );
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  ${paths.join('\n  ')}
  gzip_static on;
  gzip_vary on;
  gzip_http_version 1.0;
  # RFC 9110 §13.1.3; nginx takes an exact date alone unless told so.
  if_modified_since before;
  absolute_redirect off;
  server {
    listen 127.0.0.1:${port};
    root ${root};
    index index.html;
  }
}
`;
}

async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/`);
    return true;
  } catch {
    return false;
  }
}
