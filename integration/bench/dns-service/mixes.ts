import { writeFile } from 'node:fs/promises';
import { Prng } from '../../../shared/simulation/prng.ts';
import { zoneName, type ZoneShape } from './zones.ts';

/** Questions of one kind, in the form that dnsperf reads. */
export type Mix = (prng: Prng, shape: ZoneShape) => string;

export const mixes = {
  /** Addresses that are there. */
  hit: (prng, { zones, hosts }) => `host${prng.below(hosts)}.${zoneName(prng.below(zones))} A`,
  nxdomain: (prng, { zones }) => `absent${prng.below(1_000_000)}.${zoneName(prng.below(zones))} A`,
  /** Names below a cut: the answer is where to ask further. */
  delegation: (prng, { zones, delegations }) =>
    `www.sub${prng.below(delegations)}.${zoneName(prng.below(zones))} A`,
} as const satisfies Readonly<Record<string, Mix>>;

export type MixName = keyof typeof mixes;

/** So many that no server keeps all answers in its processor's cache, and that dnsperf's own reading costs nothing. */
const QUESTIONS = 50_000;

export async function writeQuestions(path: string, mix: Mix, shape: ZoneShape): Promise<void> {
  const prng = new Prng('questions');
  const lines = Array.from({ length: QUESTIONS }, () => mix(prng, shape));
  await writeFile(path, `${lines.join('\n')}\n`);
}
