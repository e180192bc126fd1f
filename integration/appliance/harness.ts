import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../images/build/node-flags.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = join(root, 'node_modules/.bin/node');
const START_TIMEOUT_MS = 60_000;

/** A user with a home of their own: keys, pinned fingerprints, and the appliances they start. */
export interface Household extends AsyncDisposable {
  readonly folder: string;
  /** Runs `lares …` and gives what it printed. */
  lares(...args: string[]): Promise<Finished>;
  /** Begins `lares …` that goes on by itself. */
  follow(...args: string[]): Running;
  /** Starts an appliance (the demo) with this configuration; resolves when its console shows `until`. */
  start(toml: string, options?: StartOptions): Promise<Running & { readonly port: number }>;
}

export interface StartOptions {
  readonly until?: RegExp;
  readonly kind?: 'machine' | 'process';
  readonly data?: string;
  /** From the repository's root; the default is the demo. */
  readonly program?: string;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Everything printed so far, both streams. */
  output(): string;
  /** Resolves with the match once it is printed. @throws Error with the output when it is not within a minute. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

export function createHousehold(): Household {
  const folder = mkdtempSync(join(tmpdir(), 'lares-household-'));
  const environment = {
    ...process.env,
    XDG_CONFIG_HOME: join(folder, 'config'),
    DISPLAY: '',
    WAYLAND_DISPLAY: '',
  };
  const running = new Set<Running>();
  let configurations = 0;
  const run = (program: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}): Running => {
    const started = watch(
      spawn(node, [...NODE_FLAGS, join(root, program), ...args], {
        cwd: root,
        env: { ...environment, ...extra },
      }),
    );
    running.add(started);
    return started;
  };
  return {
    folder,
    lares: (...args) => run('images/cli/main.ts', args).finished,
    follow: (...args) => run('images/cli/main.ts', args),
    async start(toml, options = {}) {
      const file = join(folder, `demo-${configurations++}.toml`);
      writeFileSync(file, toml);
      const data = join(folder, options.data ?? 'data');
      const program = options.program ?? 'integration/appliance/demo.ts';
      const started = run(program, ['--config', file, '--data', data], {
        LARES_DEMO_KIND: options.kind ?? 'process',
      });
      await started.printed(options.until ?? /lares: ready after/);
      const port = Number(/status page on port (\d+)/.exec(started.output())?.[1] ?? 0);
      return { ...started, port };
    },
    async [Symbol.asyncDispose]() {
      for (const each of running) each.process.kill('SIGTERM');
      await Promise.all([...running].map(each => each.finished));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Follows a child's output. */
export function watch(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<Finished>(resolve =>
    child.once('close', code => resolve({ code, stdout, stderr })),
  );
  const output = (): string => `${stdout}${stderr}`;
  return {
    process: child,
    finished,
    output,
    printed: pattern =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`${pattern} was not printed:\n${output()}`)),
          START_TIMEOUT_MS,
        );
        const look = (): void => {
          const match = pattern.exec(output());
          if (match === null) return;
          clearTimeout(late);
          resolve(match);
        };
        child.stdout?.on('data', look);
        child.stderr?.on('data', look);
        child.once('close', () => {
          clearTimeout(late);
          reject(new Error(`ended before ${pattern}:\n${output()}`));
        });
        look();
      }),
  };
}
