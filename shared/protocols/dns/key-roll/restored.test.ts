import { describe, expect, it } from 'vitest';
import { Prng } from '../../../simulation/prng.ts';
import type { KeyRole, KeyRollState, RollTimes } from './state.ts';
import { DAY, HOUR, World } from './testing/world.ts';

const YEARS = 5 * 365 * DAY;
const times: RollTimes = {
  propagationSeconds: HOUR,
  signingSeconds: 60,
  dnskeyTtlSeconds: 2 * HOUR,
  zoneTtlMaxSeconds: DAY,
  parentPropagationSeconds: HOUR,
  dsTtlSeconds: 2 * DAY,
};

const key = (id: string, role: KeyRole) => ({ id, role, algorithm: 13 });

interface Snapshot {
  readonly state: KeyRollState;
  /** By role, until then. */
  readonly rolls: Readonly<Record<string, number>>;
}

/** Five years of rolls to prepared keys; now and then an older state is put back. Gives the world and how many were. */
function liveWithSnapshots(seed: string, rollsLostMax = 1): { world: World; restored: number } {
  const prng = new Prng(seed);
  const world = new World(prng.fork('world'), times);
  const roles: readonly KeyRole[] = prng.chance(0.5) ? ['csk'] : ['ksk', 'zsk'];
  let made = 0;
  let restored = 0;
  let rolls: Record<string, number> = {};
  let snapshots: Snapshot[] = [];
  const fresh = (role: KeyRole) => key(`${role}${made++}`, role);
  const prepare = (): void => {
    const lacking = roles.filter(
      role => !world.state.keys.some(one => one.role === role && one.stage === 'next'),
    );
    if (lacking.length > 0) world.prepare(...lacking.map(fresh));
  };
  world.roll(...roles.map(fresh));
  while (world.nowSeconds < YEARS) {
    prepare();
    world.runUntil(world.nowSeconds + prng.between(HOUR, 40 * DAY));
    prepare();
    snapshots.push({ state: world.state, rolls: { ...rolls } });
    const settled = world.state.keys.every(({ stage }) => stage !== 'retiring');
    const role = prng.pick(roles);
    const next = world.state.keys.find(one => one.role === role && one.stage === 'next');
    if (settled && next !== undefined && prng.chance(0.7)) {
      world.roll(key(next.id, role));
      rolls = { ...rolls, [role]: (rolls[role] ?? 0) + 1 };
      prepare();
    }
    if (!prng.chance(0.2)) continue;
    world.runUntil(world.nowSeconds + prng.between(0, 20 * DAY));
    const lost = (before: Record<string, number>): number =>
      Math.max(0, ...roles.map(one => (rolls[one] ?? 0) - (before[one] ?? 0)));
    const usable = snapshots.filter(snapshot => lost(snapshot.rolls) === rollsLostMax);
    if (usable.length === 0) continue;
    world.restore(prng.pick(usable).state);
    restored++;
    snapshots = [];
  }
  return { world, restored };
}

describe('a state from before the last roll, put back', () => {
  const seeds = Array.from({ length: 30 }, (_, index) => `restored ${index}`);

  it.each(seeds)('leaves nobody with a broken chain: %s', seed => {
    const { world, restored } = liveWithSnapshots(seed);
    expect(restored).toBeGreaterThan(0);
    expect(world.bogus).toEqual([]);
  });

  it('would, from before the last but one', () => {
    const bogus = seeds.slice(0, 5).flatMap(seed => liveWithSnapshots(seed, 2).world.bogus);
    expect(bogus.length).toBeGreaterThan(0);
  });
});
