import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../repository.ts';

/** The real linter and compiler with the real configuration, on a small tree of files that break one rule each. */
describe('the pure layers', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lares-purity-'));
    for (const name of ['.oxlintrc.json', 'package.json', 'tsconfig.base.json', 'tsconfig.pure.json'])
      copyFileSync(join(repositoryRoot, name), join(folder, name));
    mkdirSync(join(folder, 'shared/base'), { recursive: true });
    copyFileSync(
      join(repositoryRoot, 'shared/base/platform.d.ts'),
      join(folder, 'shared/base/platform.d.ts'),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (tool: string, ...args: string[]): { code: number | null; output: string } => {
    const result = spawnSync(join(repositoryRoot, 'node_modules/.bin', tool), args, {
      cwd: folder,
      encoding: 'utf8',
    });
    return { code: result.status, output: result.stdout + result.stderr };
  };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  it('may not read the clock: lint says where time comes from', () => {
    write('shared/protocols/clock/core.ts', 'export const now = (): number => Date.now();\n');
    const { code, output } = run('oxlint', 'shared/protocols/clock');
    expect(code).not.toBe(0);
    expect(output).toContain('A core gets `now` as an argument');
  });

  it('may not draw random numbers', () => {
    write('shared/protocols/random/core.ts', 'export const draw = (): number => Math.random();\n');
    const { code, output } = run('oxlint', 'shared/protocols/random');
    expect(code).not.toBe(0);
    expect(output).toContain('A core gets randomness as an argument');
  });

  it('do not know timers, Buffer, process or sockets: the compiler has no such names', () => {
    for (const [name, text] of [
      ['timer', 'setTimeout(() => undefined, 1);\n'],
      ['buffer', 'export const bytes: unknown = Buffer.alloc(1);\n'],
      ['process', 'export const id: number = process.pid;\n'],
      ['socket', "import { connect } from 'node:net';\nexport const open: unknown = connect;\n"],
      [
        'keys',
        "import { generateKeyPairSync } from 'node:crypto';\nexport const make: unknown = generateKeyPairSync;\n",
      ],
    ] as const)
      write(`shared/protocols/compile/${name}.ts`, text);
    const { code, output } = run('tsc', '-p', 'tsconfig.pure.json');
    expect(code).not.toBe(0);
    for (const [name, missing] of [
      ['timer', "Cannot find name 'setTimeout'"],
      ['buffer', "Cannot find name 'Buffer'"],
      ['process', "Cannot find name 'process'"],
      ['socket', "'node:net'"],
      ['keys', "has no exported member 'generateKeyPairSync'"],
    ] as const)
      expect(output).toMatch(new RegExp(`compile/${name}\\.ts.*${missing}`));
  });

  it('compile and lint when they take time as an argument', () => {
    rmSync(join(folder, 'shared/protocols'), { recursive: true });
    write('shared/protocols/good/core.ts', 'export const later = (now: number): number => now + 1;\n');
    expect(run('tsc', '-p', 'tsconfig.pure.json')).toEqual({ code: 0, output: '' });
    expect(run('oxlint', 'shared/protocols/good').code).toBe(0);
  });
});
