import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { INSTRUCTIONS_MAX, buildFilter } from '../../protocols/seccomp/filter.ts';
import { ALLOWED_CALLS, allowList } from './allow-list.ts';

const PROGRAM = join(import.meta.dirname, 'lockdown-program.ts');

describe('allowList()', () => {
  it('names each call once and none that starts programs, mounts or traces', () => {
    const calls = allowList(1).map(rule => rule.call);
    expect(new Set(calls).size).toBe(calls.length);
    const never = [
      'execve',
      'execveat',
      'ptrace',
      'bpf',
      'mount',
      'init_module',
      'finit_module',
      'unshare',
      'setns',
    ];
    expect(calls.filter(call => never.includes(call))).toEqual([]);
    expect(ALLOWED_CALLS).toBe(calls.length - 1);
  });
  it.each(['x86_64', 'aarch64'] as const)('fits a filter for %s', architecture => {
    expect(buildFilter(allowList(1), architecture).length).toBeLessThan(INSTRUCTIONS_MAX);
  });
});

describe('lockDownProcess()', () => {
  it('leaves a service all it needs, on every thread, and nothing else', () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--experimental-ffi', '--no-warnings', PROGRAM], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    const [done, refused] = ['done', 'EPERM'];
    expect(JSON.parse(stdout)).toEqual({
      execve: 'EPERM',
      seccomp: ['2'],
      outcome: {
        files: done,
        database: done,
        worker: done,
        http: done,
        udp: done,
        hash: done,
        random: done,
        interfaces: done,
        netlink: done,
        spawn: refused,
        mount: refused,
        packet: refused,
        kill: refused,
      },
    });
  }, 90_000);
});
