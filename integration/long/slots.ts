/** Boots of disks with two slots: which one starts, which one is given up, and what the disk says of it afterwards. */
import { slotCases } from '../images/slot-cases.ts';
import { runLongTest, type Progress } from './run/run.ts';

await runLongTest<Progress>({
  name: 'slots',
  goal: slotCases.length,
  begin: { done: 0, faults: [] },
  async piece({ done, faults }) {
    const next = slotCases[done];
    if (next === undefined) return { done, faults };
    console.log(`slots: ${next.name}`);
    const found = await next.run();
    return { done: done + 1, faults: [...faults, ...found.map(fault => `${next.name}: ${fault}`)] };
  },
});
