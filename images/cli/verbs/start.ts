import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE_FLAGS } from '../../build/node-flags.ts';
import { repositoryRoot } from '../repository.ts';
import type { Verb } from '../verb.ts';

const USAGE = 'lares start SERVICE [--config FILE …] [--data FOLDER] [--content FOLDER]';

export const verb: Verb = {
  summary: `run a service as a process on this host, without an image: ${USAGE.slice(6)}`,
  async run([service, ...options]) {
    if (service === undefined || !/^[a-z][a-z0-9-]*$/.test(service)) throw new Error(`right is: ${USAGE}`);
    const entry = join(repositoryRoot, 'services', service, 'main.ts');
    await access(entry).catch((cause: unknown) => {
      throw new Error(`there is no service '${service}': ${entry} is not there`, { cause });
    });
    return startProcess(entry, withConfiguration(service, options));
  },
};

/** Without a configuration of the user's own: ports that need no root. */
function withConfiguration(service: string, options: readonly string[]): readonly string[] {
  const given = options.some(option => option === '--config' || option.startsWith('--config='));
  return given ? options : ['--config', join(repositoryRoot, 'configs', `${service}.start.toml`), ...options];
}

/** The pinned Node runs the service; signals go on to it, so that Ctrl-C ends it in order. */
function startProcess(entry: string, options: readonly string[]): Promise<number> {
  const node = join(repositoryRoot, 'node_modules', '.bin', 'node');
  const child = spawn(node, [...NODE_FLAGS, entry, ...options], { stdio: 'inherit' });
  // The terminal tells the child as well; this process must outlive it to give its exit code.
  const onInterrupt = (): void => undefined;
  const onTerminate = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
}
