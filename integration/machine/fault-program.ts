/** A machine whose service breaks soon after the start, in the way that the configuration's host name says. */
import { hostname } from 'node:os';
import { bootMachine } from '../../shared/machine/machine.ts';

const platform = await bootMachine({ service: 'web-service' });
// Before its first sign of life.
if (hostname() === 'hang-at-start') for (;;) continue;
await platform.lockDown();
// On trial, a slot that never shows a sign of life is given up.
if (hostname() === 'unhealthy') throw new Error('the service never becomes healthy');
platform.alive(true);
const { boot } = await platform.facts();
platform.announce(`last fault: ${JSON.stringify(boot?.lastFault?.split('\n')[0] ?? '')}`);
const ways: Readonly<Record<string, () => void>> = {
  // The event loop stands still: only the watchdog is left.
  hang: () => {
    for (;;) continue;
  },
  exit: () => process.exit(3),
  throw: () => {
    throw new Error('the service broke');
  },
};
setTimeout(ways[hostname()] ?? (() => {}), 500);
setInterval(() => platform.alive(true), 5_000);
