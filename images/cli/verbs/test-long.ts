import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_FLAGS } from '../../build/node-flags.ts';
import { repositoryRoot } from '../repository.ts';
import type { Verb } from '../verb.ts';

/** Images import nothing of integration/: its programs are started as processes. */
const folder = join(repositoryRoot, 'integration', 'long');

export const verb: Verb = {
  summary: 'runs a long test for up to 150 minutes and goes on where the last run ended (test-long NAME)',
  async run([name, ...options]) {
    const names = longTests();
    if (name !== undefined && names.includes(name)) return runProgram(name, options);
    console.error(
      name === undefined
        ? `npm run test:long -- NAME [--minutes N] [--goal N] [--again]; NAME is one of: ${names.join(', ')}`
        : `lares: there is no long test '${name}'; there are: ${names.join(', ')}`,
    );
    return 2;
  },
};

/** Every program in integration/long/ is a test; what they share has a folder of its own. */
function longTests(): string[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return files.map(file => file.slice(0, -'.ts'.length)).toSorted();
}

function runProgram(name: string, options: readonly string[]): Promise<number> {
  const node = join(repositoryRoot, 'node_modules', '.bin', 'node');
  const program = spawn(node, [...NODE_FLAGS, join(folder, `${name}.ts`), ...options], {
    cwd: repositoryRoot,
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    program.on('error', reject);
    program.on('close', code => resolve(code ?? 1));
  });
}
