/** A minute of a thousand connections in each mode of slowhttptest, against both engines. */
import { MODES, startBesieged } from '../web/slow-clients.ts';
import { runLongTest, type Progress } from './run/run.ts';

interface Siege {
  readonly engine: string;
  readonly mode: string;
  readonly served: number;
  readonly again: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly grownMiB: number;
}

interface Sieges extends Progress {
  readonly sieges: readonly Siege[];
}

const CONNECTIONS = 1_000;
const SECONDS = 60;

const plan = ['direct', 'node'].flatMap(engine => Object.keys(MODES).map(mode => ({ engine, mode })));

await runLongTest<Sieges>({
  name: 'hostile-web',
  goal: plan.length,
  begin: { done: 0, faults: [], sieges: [] },
  async piece({ done, faults, sieges }) {
    const { engine = '', mode = '' } = plan[done] ?? {};
    await using besieged = await startBesieged(engine, CONNECTIONS);
    const outcome = await besieged.siege([mode], CONNECTIONS, SECONDS);
    const { served, again, p50Ms, p99Ms, grownMiB } = outcome;
    const found = [
      ...(outcome.alive ? [] : ['the process ended']),
      ...outcome.failures.slice(0, 5),
      ...(p99Ms > 8_000 ? [`p99 was ${p99Ms} ms`] : []),
      ...(grownMiB > 250 ? [`${grownMiB} MiB more`] : []),
    ];
    return {
      done: done + 1,
      faults: [...faults, ...found.map(fault => `${mode}, ${engine}: ${fault}`)],
      sieges: [...sieges, { engine, mode, served, again, p50Ms, p99Ms, grownMiB }],
    };
  },
});
