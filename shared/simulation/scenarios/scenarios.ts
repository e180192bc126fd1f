import type { Scenario } from '../scenario.ts';
import { counter } from './counter.ts';
import { herd } from './herd.ts';

/** The scenarios of the devices themselves; the first is the default. Those of services stand with the services. */
export const deviceScenarios: readonly [Scenario, ...Scenario[]] = [counter, herd];
