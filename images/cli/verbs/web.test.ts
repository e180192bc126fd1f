import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { passwordFolders } from '../../../services/web-service/passwords/configuration.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

async function lares(
  args: readonly string[],
  input: string,
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, ['--experimental-ffi', '--no-warnings', MAIN, ...args]);
  const closed = new Promise<number>(resolve => child.once('close', code => resolve(code ?? -1)));
  child.stdin.end(input);
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, out, err };
}

describe('lares web password', () => {
  it('prints a line that the configuration takes, and not the password', async () => {
    const { code, out, err } = await lares(['web', 'password', 'anna'], 'correct horse\nmore\n');
    expect([code, out.includes('horse'), err.includes('horse')]).toEqual([0, false, false]);
    const table = [{ folder: '/private/', users: [JSON.parse(out) as string] }];
    expect(passwordFolders.safeParse(table).success).toBe(true);
  });

  it.each([
    [['web'], 'x', 2],
    [['web', 'password', 'a:b'], 'x', 1],
    [['web', 'password', 'anna'], '', 1],
  ])('%j with %j ends with %i', async (args, input, code) => {
    const ended = await lares(args, input);
    expect([ended.code, ended.out]).toEqual([code, '']);
  });
});
