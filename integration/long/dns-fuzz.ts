/**
 * Hostile requests, any bytes and messages that were right once: to the planes, and some of them to the whole service in the simulator. The
 * short forms are `shared/protocols/dns/answer/fuzz.test.ts` and `integration/dns/fuzz.test.ts`.
 */
import fc from 'fast-check';
import { besiege } from '../dns/besiege.ts';
import { fuzzPlanes } from '../../shared/protocols/dns/answer/testing/fuzz-planes.ts';
import { hostileRequests } from '../../shared/protocols/dns/answer/testing/hostile-requests.ts';
import { runLongTest, type Progress } from './run/run.ts';

interface Fuzzed extends Progress {
  /** By the whole service. */
  readonly replies: number;
  /** The most that this process had, which runs all of it. */
  readonly residentMiB: number;
}

const REQUESTS_A_PIECE = 20_000;
const OF_THEM_TO_THE_SERVICE = 4_000;
/** The heap of a process that makes and compares as much grows to half of it; what leaks by a request would pass it. */
const RESIDENT_MAX_MIB = 700;

await runLongTest<Fuzzed>({
  name: 'dns-fuzz',
  goal: 1_000_000,
  begin: { done: 0, faults: [], replies: 0, residentMiB: 0 },
  async piece({ done, faults, replies, residentMiB }) {
    const found: string[] = [];
    let answered = 0;
    try {
      fuzzPlanes(done, REQUESTS_A_PIECE - OF_THEM_TO_THE_SERVICE);
      const requests = fc.sample(hostileRequests, { seed: done, numRuns: OF_THEM_TO_THE_SERVICE });
      answered = await besiege(`hostile ${done}`, requests);
    } catch (error) {
      found.push(`seed ${done}: ${String(error)}`);
    }
    return {
      done: done + REQUESTS_A_PIECE,
      faults: [...faults, ...found],
      replies: replies + answered,
      residentMiB: Math.max(residentMiB, Math.round(process.memoryUsage().rss / 2 ** 20)),
    };
  },
  judge: ({ residentMiB }) =>
    residentMiB > RESIDENT_MAX_MIB ? [`the process grew to ${residentMiB} MiB`] : [],
});
