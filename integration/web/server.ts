import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ServerOptions {
  readonly dataFolder: string;
  readonly contentFolder: string;
  readonly configuration?: Readonly<Record<string, unknown>>;
}

export interface ServerReport {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly status: Readonly<Record<string, string>>;
  readonly rssMiB: number;
}

export interface WebServer extends AsyncDisposable {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly folder: string;
  report(): Promise<ServerReport>;
  /** Whether the process still runs. */
  alive(): boolean;
  /** Asks for an orderly end; resolves to how long it took. */
  stop(): Promise<number>;
}

/** When the files of every test's site were last changed. */
export const MODIFIED = new Date('2026-11-01T08:30:15Z');

/**
 * Starts the web service on free ports of 127.0.0.1 with `files` as its site (web-service/site in a folder that `prepare` may
 * add to). @throws Error with its message when it refuses to start.
 */
export async function startWebServer(
  files: Readonly<Record<string, Uint8Array | string>>,
  configuration: Readonly<Record<string, unknown>> = {},
  prepare: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<WebServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lares-web-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, 'web-service/site', path)), { recursive: true });
    await writeFile(join(folder, 'web-service/site', path), content);
    await utimes(join(folder, 'web-service/site', path), MODIFIED, MODIFIED);
  }
  await prepare(folder);
  const options: ServerOptions = { dataFolder: join(folder, 'data'), contentFolder: folder, configuration };
  const entry = fileURLToPath(new URL('server-process.ts', import.meta.url));
  const child = fork(entry, [JSON.stringify(options)], {
    execArgv: ['--experimental-ffi', '--no-warnings'],
  });
  let alive = true;
  const exited = once(child, 'exit').then(() => (alive = false));
  const [first] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => [{ failure: 'the process ended' }]),
  ])) as [ServerReport & { failure?: string }];
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  if (first.failure !== undefined) {
    await exited;
    await remove();
    throw new Error(first.failure);
  }
  const ask = async <T>(message: string): Promise<T> => {
    child.send(message);
    return ((await once(child, 'message')) as [T])[0];
  };
  return {
    httpPort: first.httpPort,
    httpsPort: first.httpsPort,
    folder,
    report: () => ask('report'),
    alive: () => alive,
    async stop() {
      const { stoppedAfterMs } = await ask<{ stoppedAfterMs: number }>('stop');
      await exited;
      return stoppedAfterMs;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await remove();
    },
  };
}
