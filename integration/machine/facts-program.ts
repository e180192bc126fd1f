/** A machine without a service: comes up, locks itself, and prints what it knows of itself as one line of JSON. */
import { spawnSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { bootMachine } from '../../shared/machine/machine.ts';

const platform = await bootMachine({ service: 'web-service' });
await platform.lockDown();
platform.alive(true);
// Threads that come after the filter are under it too.
const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
await new Promise(resolve => worker.once('online', resolve));
const { error } = spawnSync('/bin/node', ['--version']);
const spawn = error !== undefined && 'code' in error ? error.code : 'done';
platform.announce(`facts: ${JSON.stringify({ ...(await platform.facts()), spawn })}`);
platform.stopRequested.addEventListener('abort', () => void platform.end('power-off'), { once: true });
setInterval(() => platform.alive(true), 5_000);
