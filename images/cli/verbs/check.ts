import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCitations, formatStandards, type KnownStandards } from '../check/citations.ts';
import { checkLayers } from '../check/layers.ts';
import { readSources } from '../check/sources.ts';
import { repositoryRoot } from '../repository.ts';
import type { Verb } from '../verb.ts';

interface Outcome {
  readonly name: string;
  readonly problems: string;
  readonly seconds: number;
}

const STANDARDS_PAGE = 'shared/protocols/STANDARDS.md';

type Command = readonly [name: string, command: string, ...args: string[]];

/** Beside each other, as each uses one processor for the most part; within a lane one after another. */
const lanes: readonly (readonly Command[])[] = [
  [
    ['types: pure layers', 'tsc', '-p', 'tsconfig.pure.json'],
    ['types: shipped code', 'tsc', '-p', 'tsconfig.json'],
    ['types: tests', 'tsc', '-p', 'tsconfig.test.json'],
    ['lint', 'oxlint', '--type-aware', '--quiet', 'shared', 'services', 'images', 'integration'],
  ],
  [
    ['format', 'prettier', '--check', '--log-level=warn', '.'],
    ['unused code', 'knip', '--no-progress'],
  ],
];

export const verb: Verb = {
  summary:
    'types, lint, format, unused code, layers, citations (check --write brings the table of standards up to date)',
  async run(args) {
    const outcomes = (await Promise.all(lanes.map(runLane))).flat();
    outcomes.push(report(inProcess('layers', () => checkLayers(readSources()))));
    outcomes.push(report(inProcess('citations', () => citations(args.includes('--write')))));
    const failed = outcomes.filter(outcome => outcome.problems !== '');
    for (const { name, problems } of failed) console.error(`\n── ${name}\n${problems}`);
    return failed.length === 0 ? 0 : 1;
  },
};

async function runLane(commands: readonly Command[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [name, ...command] of commands) outcomes.push(report(await runTool(name, command)));
  return outcomes;
}

function report(outcome: Outcome): Outcome {
  console.log(
    `${outcome.problems === '' ? 'ok  ' : 'FAIL'} ${outcome.name.padEnd(22)} ${outcome.seconds.toFixed(1)} s`,
  );
  return outcome;
}

function runTool(name: string, [command = '', ...args]: readonly string[]): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const tool = spawn(join(repositoryRoot, 'node_modules', '.bin', command), args, { cwd: repositoryRoot });
    let output = '';
    for (const stream of [tool.stdout, tool.stderr]) stream.on('data', chunk => (output += String(chunk)));
    tool.on('error', reject);
    tool.on('close', code => {
      const problems = code === 0 ? '' : output.trim() || `${command} ended with ${String(code)}`;
      resolve({ name, problems, seconds: (performance.now() - started) / 1000 });
    });
  });
}

function inProcess(name: string, check: () => string[]): Outcome {
  const started = performance.now();
  const problems = check().join('\n');
  return { name, problems, seconds: (performance.now() - started) / 1000 };
}

function citations(write: boolean): string[] {
  const sources = readSources().filter(file => !file.path.startsWith('images/cli/check/'));
  const known = JSON.parse(
    readFileSync(join(repositoryRoot, 'images/cli/check/standards.json'), 'utf8'),
  ) as KnownStandards;
  const page = formatStandards(sources, known);
  const path = join(repositoryRoot, STANDARDS_PAGE);
  if (write) writeFileSync(path, page);
  const current = readFileSync(path, 'utf8') === page;
  return [
    ...checkCitations(sources, known),
    ...(current ? [] : [`${STANDARDS_PAGE} is not what the source says: npm run lares -- check --write`]),
  ];
}
