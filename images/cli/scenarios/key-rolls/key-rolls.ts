import { nextStep } from '../../../../shared/protocols/dns/key-roll/next-step.ts';
import { phaseOf } from '../../../../shared/protocols/dns/key-roll/phase.ts';
import type { KeyRole, RollTimes } from '../../../../shared/protocols/dns/key-roll/state.ts';
import { DAY, HOUR, World as RollingWorld } from '../../../../shared/protocols/dns/key-roll/testing/world.ts';
import type { Prng } from '../../../../shared/simulation/prng.ts';
import type { Scenario } from '../../../../shared/simulation/scenario.ts';
import type { World } from '../../../../shared/simulation/world.ts';

const YEAR = 365 * DAY;
/** Parents that do nothing for months come to their turn. */
const LAST_ROLLS_SECONDS = 2 * YEAR;

const NO_TIMES: RollTimes = {
  propagationSeconds: 0,
  signingSeconds: 0,
  dnskeyTtlSeconds: 0,
  zoneTtlMaxSeconds: 0,
  parentPropagationSeconds: 0,
  dsTtlSeconds: 0,
};

interface Bug {
  readonly meaning: string;
  /** What the rolls are told of the world in place of the truth. */
  readonly belief: Partial<RollTimes>;
}

const BUGS: Readonly<Record<string, Bug>> = {
  'forget-propagation': {
    meaning: 'rolls do not wait for slow servers of the zone',
    belief: { propagationSeconds: 0 },
  },
  'forget-dnskey-ttl': {
    meaning: 'rolls do not wait for DNSKEY records in caches',
    belief: { dnskeyTtlSeconds: 0 },
  },
  'forget-zone-ttl': {
    meaning: 'rolls do not wait for signatures in caches',
    belief: { zoneTtlMaxSeconds: 0 },
  },
  'forget-ds-ttl': { meaning: 'rolls do not wait for DS records in caches', belief: { dsTtlSeconds: 0 } },
  impatient: { meaning: 'rolls wait for nothing', belief: NO_TIMES },
};

/** Rolls of every kind, now and then two at once, with slow parents and the worst of caches; then the zone leaves DNSSEC. */
export function keyRollsScenario(years: number): Scenario {
  return {
    name: 'key-rolls',
    summary: `the keys of a zone roll for years (--years ${years}), and no resolver ever finds it bogus`,
    bugs: Object.fromEntries(Object.entries(BUGS).map(([bug, { meaning }]) => [bug, meaning])),
    async run(world, planted) {
      const story = new Story(world, planted);
      await story.roll(years * YEAR);
      await story.comeToRest();
      await story.leave();
    },
  };
}

class Story {
  readonly #world: World;
  readonly #prng: Prng;
  readonly #zone: RollingWorld;
  #told = 0;

  constructor(world: World, planted: ReadonlySet<string>) {
    this.#world = world;
    this.#prng = world.prng;
    const times = timesOf(this.#prng);
    const believed = [...planted].reduce((all, bug) => ({ ...all, ...BUGS[bug]?.belief }), times);
    world.note(`times ${JSON.stringify(times)}`);
    this.#zone = new RollingWorld(this.#prng.fork('zone'), times, believed);
  }

  async roll(untilSeconds: number): Promise<void> {
    const prng = this.#prng;
    let algorithm = prng.pick([8, 13, 15]);
    let single = prng.chance(0.5);
    for (let count = 0; this.#zone.nowSeconds < untilSeconds; count++) {
      const kind =
        count === 0 || prng.chance(0.2) ? 'all' : prng.pick(single ? ['csk'] : ['ksk', 'zsk', 'zsk', 'zsk']);
      if (kind === 'all') {
        algorithm = prng.pick([8, 13, 15]);
        single = prng.chance(0.5);
      }
      const roles = (kind === 'all' ? (single ? ['csk'] : ['ksk', 'zsk']) : [kind]) as KeyRole[];
      this.#zone.roll(...roles.map(role => ({ id: `${role}${count}`, role, algorithm })));
      this.#world.note(`rolls to ${roles.map(role => `${role}${count}`).join()} of algorithm ${algorithm}`);
      await this.#live(prng.chance(0.3) ? prng.between(0, 3 * DAY) : prng.between(10 * DAY, 90 * DAY));
    }
  }

  /** Whatever was begun ends, with nothing left over. */
  async comeToRest(): Promise<void> {
    await this.#live(LAST_ROLLS_SECONDS);
    const { state, forgotten, algorithms, ds } = this.#zone;
    const next = nextStep(state);
    if (next !== undefined) this.#world.violate('rolls come to their end', next.words);
    const left = state.keys.filter(({ stage }) => stage !== 'current').map(({ id }) => id);
    if (left.length > 0) this.#world.violate('keys of the past are gone', left.join());
    if (forgotten.size !== algorithms.size - state.keys.length)
      this.#world.violate('keys that are gone are forgotten', `${forgotten.size} of ${algorithms.size}`);
    const entrances = state.keys.filter(({ role }) => role !== 'zsk').map(({ id }) => id);
    if (String([...ds].sort()) !== String(entrances))
      this.#world.violate('the parent has the keys in use', `${ds.join()}, not ${entrances.join()}`);
  }

  async leave(): Promise<void> {
    this.#zone.leave();
    this.#world.note('leaves DNSSEC');
    await this.#live(YEAR);
    const { keys } = this.#zone.state;
    if (keys.length > 0)
      this.#world.violate('a zone that leaves has no keys', keys.map(({ id }) => id).join());
  }

  async #live(seconds: number): Promise<void> {
    const zone = this.#zone;
    zone.runUntil(zone.nowSeconds + seconds);
    await this.#world.sleep(1_000 * seconds);
    for (const chain of zone.bogus.slice(this.#told))
      this.#world.violate('no resolver finds the zone bogus', chain);
    this.#told = zone.bogus.length;
    const keys = zone.state.keys.map(key => `${key.id} ${phaseOf(zone.state, key)}`);
    this.#world.note(`keys ${keys.join(', ') || 'none'}; at the parent ${zone.ds.join() || 'none'}`);
  }
}

function timesOf(prng: Prng): RollTimes {
  return {
    propagationSeconds: prng.between(0, 6 * HOUR),
    signingSeconds: prng.between(0, HOUR),
    dnskeyTtlSeconds: prng.between(60, 2 * DAY),
    zoneTtlMaxSeconds: prng.between(60, 7 * DAY),
    parentPropagationSeconds: prng.between(0, 6 * HOUR),
    dsTtlSeconds: prng.between(60, 2 * DAY),
  };
}
