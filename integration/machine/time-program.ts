/** Asks the time servers named on the command line once each, and prints what came of it as one line of JSON each. */
import { queryServer } from '../../shared/machine/time/query-server.ts';
import { decideCorrection } from '../../shared/protocols/sntp/selection.ts';

const sanity = { earliestMs: 0, latestMs: Number.MAX_SAFE_INTEGER };
for (const server of process.argv.slice(2)) {
  try {
    const sample = await queryServer(server, [], new AbortController().signal);
    const view = { nowMs: Date.now(), sanity, asked: 1, isSet: false };
    console.log(JSON.stringify({ sample, correction: decideCorrection([sample], view).kind }));
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
  }
}
