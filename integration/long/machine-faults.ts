/** Boots of machines in trouble: each says what is wrong, loses nothing, and ends or restarts in order. */
import { faultCases } from '../machine/fault-cases.ts';
import { runLongTest, type Progress } from './run/run.ts';

await runLongTest<Progress>({
  name: 'machine-faults',
  goal: faultCases.length,
  begin: { done: 0, faults: [] },
  async piece({ done, faults }) {
    const next = faultCases[done];
    if (next === undefined) return { done, faults };
    console.log(`machine-faults: ${next.name}`);
    const found = await next.run();
    return { done: done + 1, faults: [...faults, ...found.map(fault => `${next.name}: ${fault}`)] };
  },
});
