import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startGuest, type Guest } from '../../images/run/guest.ts';
import { eventually } from '../eventually.ts';
import { createScratch } from '../images/scratch.ts';

/** A machine with nothing to boot from: it stays in its firmware, which hears no button. */
async function startEmpty(...extraArguments: readonly string[]): Promise<Guest> {
  const guest = await startGuest({ drives: [], network: 'none', acceleration: 'tcg', extraArguments });
  await eventually('QEMU answers', () => guest.qmp('query-status').catch(() => undefined));
  return guest;
}

/** Or the tests of a boot would pass with a machine that crashed. */
it('a guest that had ended before the button was pressed did not power off in order', async () => {
  await using guest = await startEmpty();
  await guest.qmp('quit').catch(() => undefined);
  await guest.ended;
  expect(await guest.powerOff()).toBe(false);
});

it('nor did one that ends for another reason while it is waited for', async () => {
  await using scratch = await createScratch();
  const pidFile = join(scratch.path, 'pid');
  await using guest = await startEmpty('-pidfile', pidFile);
  const pid = Number(await readFile(pidFile, 'utf8'));
  const orderly = guest.powerOff();
  // QEMU then ends with the code that it has for a guest that powered off.
  process.kill(pid, 'SIGTERM');
  expect(await orderly).toBe(false);
});
