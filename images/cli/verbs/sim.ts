import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Outcome, type Scenario, simulate } from '../../../shared/simulation/scenario.ts';
import { deviceScenarios } from '../../../shared/simulation/scenarios/scenarios.ts';
import { certificatesScenario } from '../scenarios/certificates/certificates.ts';
import { keyRollsScenario } from '../scenarios/key-rolls/key-rolls.ts';
import { releasesScenario } from '../scenarios/releases/releases.ts';
import type { Verb } from '../verb.ts';

/** How long stories of years last where no other number is given. */
const YEARS_DEFAULT = '3';

/** All scenarios, those of services after those of the devices. The first is the default. */
function scenariosOf(years: number): readonly [Scenario, ...Scenario[]] {
  return [...deviceScenarios, certificatesScenario(years), keyRollsScenario(years), releasesScenario];
}

export const verb: Verb = {
  summary:
    'runs a scenario in the seeded simulator (sim --seed N --scenario NAME [--years N]; sim --list tells the names)',
  async run(args) {
    const wanted = parse(args);
    if (wanted.list) return list(wanted.scenarios);
    return wanted.seeds === undefined ? replay(wanted) : search(wanted, wanted.seeds);
  },
};

interface Wanted {
  readonly years: string;
  readonly scenarios: readonly Scenario[];
  readonly scenario: Scenario;
  readonly seed: number;
  readonly seeds: number | undefined;
  readonly bugs: readonly string[];
  readonly logFile: string | undefined;
  readonly list: boolean;
}

function parse(args: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      scenario: { type: 'string', default: deviceScenarios[0].name },
      bug: { type: 'string', multiple: true, default: [] },
      log: { type: 'string' },
      list: { type: 'boolean', default: false },
      years: { type: 'string', default: YEARS_DEFAULT },
    },
  });
  const scenarios = scenariosOf(wholeNumber('--years', values.years));
  const scenario = scenarios.find(({ name }) => name === values.scenario);
  if (scenario === undefined)
    throw new Error(
      `there is no scenario '${values.scenario}'; there are: ${scenarios.map(({ name }) => name).join(', ')}`,
    );
  return {
    years: values.years,
    scenarios,
    scenario,
    seed: wholeNumber('--seed', values.seed),
    seeds: values.seeds === undefined ? undefined : wholeNumber('--seeds', values.seeds),
    bugs: values.bug,
    logFile: values.log,
    list: values.list,
  };
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${option} ${text}: a whole number would be right`);
  return Number(text);
}

function list(scenarios: readonly Scenario[]): number {
  for (const { name, summary, bugs } of scenarios) {
    console.log(`${name.padEnd(12)} ${summary}`);
    for (const [bug, meaning] of Object.entries(bugs))
      console.log(`${''.padEnd(12)} --bug ${bug}: ${meaning}`);
  }
  return 0;
}

/** One run, with its event log on standard output or in a file, and its outcome as the last line. */
async function replay({ scenario, seed, bugs, logFile }: Wanted): Promise<number> {
  const file = logFile === undefined ? process.stdout.fd : openSync(logFile, 'w');
  try {
    const outcome = await simulate(scenario, { seed, bugs, sink: text => writeAll(file, text) });
    writeAll(process.stdout.fd, `${formatOutcome(outcome)}\n`);
    return outcome.violations.length === 0 ? 0 : 1;
  } finally {
    if (logFile !== undefined) closeSync(file);
  }
}

/** Many seeds without their logs, up to the first that breaks a promise. */
async function search(wanted: Wanted, seeds: number): Promise<number> {
  const { scenario, seed: first, bugs, years } = wanted;
  for (let seed = first; seed < first + seeds; seed++) {
    const outcome = await simulate(scenario, { seed, bugs });
    console.log(formatOutcome(outcome));
    if (outcome.violations.length === 0) continue;
    const planted =
      bugs.map(bug => ` --bug ${bug}`).join('') + (years === YEARS_DEFAULT ? '' : ` --years ${years}`);
    console.log(`to see how: npm run lares -- sim --scenario ${scenario.name} --seed ${seed}${planted}`);
    return 1;
  }
  return 0;
}

function formatOutcome({ scenario, seed, events, digest, violations }: Outcome): string {
  return JSON.stringify({ scenario, seed: Number(seed), events, digest, violations });
}

/** Written before the run goes on, so that nothing is lost or out of order when it ends. A pipe may take less than it is given. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(file, bytes, written);
    } catch (error) {
      // A pipe whose reader is slow: what was not taken is offered again.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
