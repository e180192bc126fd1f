/** A process that writes until it is killed. It waits for a line with the folder and the steps to go on from. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { runWriter } from './writer.ts';
import { ALL_STREAMS, type Steps } from './workload.ts';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { folder, from } = JSON.parse((await lines.next()).value as string) as { folder: string; from: Steps };
await runWriter({
  folder,
  from,
  streams: ALL_STREAMS,
  ready: () => void writeSync(1, 'ready\n'),
  // Written to the pipe at once: it stays there when this process is gone.
  acknowledge: async (stream, step) => void writeSync(1, `${stream} ${step}\n`),
});
