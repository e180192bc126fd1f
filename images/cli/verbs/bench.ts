import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import type { Verb } from '../verb.ts';

const folder = new URL('../../../integration/bench/', import.meta.url);

/** Every program `integration/bench/<name>.ts` is a bench; images may not import it, so it is a process of its own. */
export const verb: Verb = {
  summary: 'bench NAME: ratios against named peers, in one run on this machine',
  async run([name = '', ...rest]) {
    const program = new URL(`${name}.ts`, folder);
    if (!/^[a-z-]+$/.test(name) || !existsSync(program)) {
      console.error(`lares bench: there is no bench '${name}'; there are ${benches().join(', ')}`);
      return 2;
    }
    const words = ['--experimental-ffi', '--no-warnings', program.pathname, ...rest];
    const child = spawn(process.execPath, words, { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  },
};

/** Those that are run: each says what it measures in its first lines; the others are what they share. */
function benches(): string[] {
  return readdirSync(folder)
    .filter(file => /^(boot|udp|[a-z]+-service)\.ts$/.test(file))
    .map(file => file.replace(/\.ts$/, ''));
}
