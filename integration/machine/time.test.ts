import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../images/cli/repository.ts';
import { run } from '../images/scratch.ts';

/** The bootstrap unpacks it there: installed, it would take the place of this machine's own time keeping. */
const CHRONYD = join(repositoryRoot, '.cache/peers/chrony/usr/sbin/chronyd');
const PROGRAM = join(import.meta.dirname, 'time-program.ts');
const NAMESPACE = `lares-t${process.pid}`;
const START_MS = 20_000;

interface Outcome {
  readonly sample?: { readonly offsetMs: number; readonly errorMs: number };
  readonly correction?: string;
  readonly error?: string;
}

/** chrony in a network namespace of its own; `-x` keeps its hands off the clock of this machine. */
describe('the SNTP client against chrony', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lares-time-'));
  const servers: ChildProcess[] = [];

  beforeAll(async () => {
    await run('ip', 'netns', 'add', NAMESPACE);
    await run('ip', '-n', NAMESPACE, 'link', 'set', 'lo', 'up');
    await serve('127.0.0.2', 'local stratum 8');
    await serve('127.0.0.3', '# This one has no source of time, and says so.');
  });
  afterAll(async () => {
    for (const server of servers) {
      server.kill();
      if (server.exitCode === null) await new Promise(resolve => server.once('exit', resolve));
    }
    await run('ip', 'netns', 'delete', NAMESPACE);
    rmSync(folder, { recursive: true });
  });

  async function serve(address: string, line: string): Promise<void> {
    const file = join(folder, `${address}.conf`);
    const lines = [line, 'allow', `bindaddress ${address}`, 'cmdport 0', `pidfile ${folder}/${address}.pid`];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const server = spawn('ip', ['netns', 'exec', NAMESPACE, CHRONYD, '-d', '-x', '-u', 'root', '-f', file]);
    servers.push(server);
    let said = '';
    for (const stream of [server.stdout, server.stderr]) stream.on('data', part => (said += String(part)));
    for (const end = performance.now() + START_MS; performance.now() < end;) {
      const [first] = ask(address);
      if (first !== undefined && !/no answer|ECONNREFUSED/.test(first.error ?? '')) return;
      if (server.exitCode !== null) break;
    }
    throw new Error(`chronyd does not answer on ${address}:\n${said}`);
  }

  function ask(...addresses: string[]): Outcome[] {
    const node = [process.execPath, '--experimental-ffi', '--no-warnings', PROGRAM, ...addresses];
    const { stdout } = spawnSync('ip', ['netns', 'exec', NAMESPACE, ...node], { encoding: 'utf8' });
    return stdout
      .trimEnd()
      .split('\n')
      .map(text => JSON.parse(text) as Outcome);
  }

  it('gets the time, which on one machine is its own', () => {
    const [outcome] = ask('127.0.0.2');
    expect(Math.abs(outcome?.sample?.offsetMs ?? NaN)).toBeLessThan(100);
    expect(outcome?.sample?.errorMs).toBeLessThan(1_500);
    expect(outcome?.correction).toMatch(/^(keep|slew)$/);
  });

  it('takes no time from a server that has none itself, and says which', () => {
    expect(ask('127.0.0.3')).toEqual([{ error: '127.0.0.3: has no time itself' }]);
  });

  it('names a server that is not there', () => {
    const [outcome] = ask('127.0.0.4');
    expect(outcome?.error).toMatch(/^127\.0\.0\.4: (no answer|.*ECONNREFUSED)/);
  });
});
