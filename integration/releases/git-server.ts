import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Debian's git behind HTTP, as hosts run it (gitprotocol-http; git-http-backend(1) is a CGI program, RFC 3875). */
export interface GitServer extends AsyncDisposable {
  /** Of the repository. */
  readonly url: string;
  /** Commits exactly these files (and nothing of before) and gives the commit's name. */
  commit(files: Readonly<Record<string, string>>, branch?: string): string;
  /** Runs git in the working tree. */
  git(...args: string[]): string;
  /** Requests of any kind so far. */
  requests(): number;
  /** With a token, git is asked for by nobody else. */
  requireToken(token: string | undefined): void;
  /** What answers in place of git: `close` breaks connections off, a number is a status. */
  fail(how: 'close' | number | undefined): void;
}

export async function startGitServer(): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lares-git-'));
  const tree = join(folder, 'site');
  const git = (...args: string[]): string => {
    const done = spawnSync('git', ['-C', tree, ...args], { encoding: 'utf8', env: identity });
    if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`);
    return done.stdout.trim();
  };
  mkdirSync(tree);
  git('init', '--quiet', '--initial-branch=main');
  let failing: 'close' | number | undefined;
  let token: string | undefined;
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    if (failing === 'close') return void request.socket.destroy();
    if (typeof failing === 'number') return void response.writeHead(failing).end();
    const wanted = token && `Basic ${Buffer.from(`git:${token}`).toString('base64')}`;
    if (wanted !== undefined && request.headers.authorization !== wanted)
      return void response.writeHead(401).end();
    runBackend(folder, request, response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/site/.git`,
    commit(files, branch = 'main') {
      git('checkout', '--quiet', '-B', branch);
      spawnSync('git', ['-C', tree, 'rm', '-rfq', '--ignore-unmatch', '.']);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(tree, name)), { recursive: true });
        writeFileSync(join(tree, name), text);
      }
      git('add', '-A');
      git('commit', '--quiet', '--allow-empty', '-m', 'change');
      return git('rev-parse', 'HEAD');
    },
    git,
    requests: () => requests,
    requireToken: wanted => void (token = wanted),
    fail: how => void (failing = how),
    async [Symbol.asyncDispose]() {
      await new Promise(resolve => {
        server.close(resolve);
        server.closeAllConnections();
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const identity = {
  ...process.env,
  GIT_AUTHOR_NAME: 'Anna',
  GIT_AUTHOR_EMAIL: 'anna@example.org',
  GIT_COMMITTER_NAME: 'Anna',
  GIT_COMMITTER_EMAIL: 'anna@example.org',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** RFC 3875 §6: a header of fields, an empty line, then the content. */
function runBackend(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...identity,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
    },
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.once('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    const fields = output
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map(line => line.split(': ') as [string, string]);
    const status = Number.parseInt(fields.find(([name]) => name === 'Status')?.[1] ?? '200', 10);
    response.writeHead(status, Object.fromEntries(fields)).end(output.subarray(end + 4));
  });
}
