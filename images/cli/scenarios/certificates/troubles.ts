import type { Prng } from '../../../../shared/simulation/prng.ts';
import type { World } from '../../../../shared/simulation/world.ts';
import type { Appliance } from './appliance.ts';
import { TROUBLED, type AuthorityHost } from './authority-host.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The longest that authorities are away or cannot look, and the shortest peace after it: time to renew. */
const OUTAGE_MAX_MS = 48 * HOUR_MS;
const PEACE_MS = [DAY_MS, 12 * DAY_MS] as const;
/** Longer than a mains failure, shorter than what the certificates' reserve is for. */
const DOWN_MAX_MS = 3 * HOUR_MS;
/** Some time servers are long to be reached, or are not set up at all for a while. */
const WRONG_CLOCK_MAX_MS = 36 * HOUR_MS;

export interface Stage {
  readonly world: World;
  readonly appliance: Appliance;
  readonly hosts: readonly AuthorityHost[];
}

/** One trouble after another until `untilMs`. */
export async function makeTroubles(stage: Stage, untilMs: number): Promise<void> {
  const { world } = stage;
  const troubles = [outage, cutOff, massRevocation, clockJump, wrongClockAtBoot, reboot, powerCut, flicker];
  while (world.nowMs < untilMs) {
    await world.sleep(world.prng.between(...PEACE_MS));
    await world.prng.pick(troubles)(stage, world.prng);
  }
}

async function outage({ world, hosts }: Stage, prng: Prng): Promise<void> {
  const isGeneral = prng.chance(0.5);
  const away = isGeneral ? hosts : [prng.pick(hosts)];
  for (const host of away) host.weather = prng.pick(TROUBLED);
  world.note(`outage: ${away.map(({ hostname, weather }) => `${hostname} ${weather}`).join(', ')}`);
  await world.sleep(prng.between(MINUTE_MS, OUTAGE_MAX_MS));
  for (const host of away) host.weather = 'fair';
  world.note('the outage is over');
}

async function cutOff({ world, appliance }: Stage, prng: Prng): Promise<void> {
  world.note('authorities cannot reach the appliance');
  appliance.isCutOff = true;
  const endMs = world.nowMs + prng.between(MINUTE_MS, OUTAGE_MAX_MS);
  // Whoever finds his site unreachable switches the machine off and on.
  while (world.nowMs < endMs) {
    await world.sleep(Math.min(endMs - world.nowMs, prng.between(10 * MINUTE_MS, 20 * HOUR_MS)));
    if (prng.chance(0.3)) await flicker({ world, appliance, hosts: [] }, prng);
  }
  appliance.isCutOff = false;
  world.note('authorities can reach the appliance again');
}

/** As announced by RFC 9773: all windows move to a time soon, of hours or days. */
async function massRevocation({ world, hosts }: Stage, prng: Prng): Promise<void> {
  const host = prng.pick(hosts);
  const startMs = host.nowMs - prng.between(0, DAY_MS);
  const endMs = host.nowMs + prng.between(6 * HOUR_MS, 4 * DAY_MS);
  world.note(
    `${host.hostname} moves all windows to the next ${((endMs - host.nowMs) / HOUR_MS).toFixed(0)} hours`,
  );
  host.authority.moveWindows({ startMs, endMs });
}

/** By minutes as by years, either way; set right after a while. */
function clockError(prng: Prng): number {
  const sizeMs = prng.pick([10 * MINUTE_MS, 26 * HOUR_MS, 40 * DAY_MS, 800 * DAY_MS, 6_000 * DAY_MS]);
  return prng.between(1, sizeMs) * (prng.chance(0.5) ? 1 : -1);
}

async function clockJump({ world, appliance }: Stage, prng: Prng): Promise<void> {
  const errorMs = clockError(prng);
  appliance.host.setClock(errorMs);
  await world.sleep(prng.between(MINUTE_MS, WRONG_CLOCK_MAX_MS));
  appliance.host.setClock(-errorMs);
}

/** The real-time clock has lost its battery. */
async function wrongClockAtBoot({ world, appliance }: Stage, prng: Prng): Promise<void> {
  const errorMs = clockError(prng);
  const back = appliance.restart(prng.between(1_000, HOUR_MS), prng.chance(0.5));
  appliance.host.setClock(errorMs);
  await back;
  await world.sleep(prng.between(1_000, WRONG_CLOCK_MAX_MS));
  appliance.host.setClock(-errorMs);
}

async function reboot({ appliance }: Stage, prng: Prng): Promise<void> {
  await appliance.restart(prng.between(1_000, HOUR_MS), true);
}

async function powerCut({ appliance }: Stage, prng: Prng): Promise<void> {
  await appliance.restart(prng.between(1_000, DOWN_MAX_MS), false);
}

/** Power comes and goes for an hour or so. */
async function flicker({ world, appliance }: Stage, prng: Prng): Promise<void> {
  for (let times = prng.between(3, 12); times > 0; times--) {
    await appliance.restart(prng.between(500, 30_000), prng.chance(0.3));
    await world.sleep(prng.between(1_000, 8 * MINUTE_MS));
  }
}
