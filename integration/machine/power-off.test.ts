import { expect, it } from 'vitest';
import { prebuiltKernel, startGuest, type Guest } from '../../images/run/guest.ts';

const PANIC_MS = 120_000;

/** A kernel without a root: it panics, and resets the machine so many seconds later, which ends QEMU as an orderly end does. */
async function startPanicking(seconds: number): Promise<Guest> {
  const kernel = { file: prebuiltKernel, commandLine: `console=ttyS0 panic=${seconds}` };
  const guest = await startGuest({ kernel, drives: [], network: 'none' });
  await guest.waitFor(/Rebooting in \d+ seconds/, PANIC_MS);
  return guest;
}

/** Or the tests of a boot would pass with a machine that crashed. */
it('a guest that had crashed before the button was pressed did not power off in order', async () => {
  await using guest = await startPanicking(1);
  await guest.ended;
  expect(await guest.powerOff()).toBe(false);
});

it('nor did one that crashes while it is waited for', async () => {
  await using guest = await startPanicking(3);
  expect(await guest.powerOff()).toBe(false);
});
