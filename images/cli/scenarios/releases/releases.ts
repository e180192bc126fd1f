import type { SimulatedHost } from '../../../../shared/simulation/host.ts';
import type { Scenario } from '../../../../shared/simulation/scenario.ts';
import type { World } from '../../../../shared/simulation/world.ts';
import {
  numbered,
  numberShown,
  openHome,
  type Home,
} from '../../../../shared/components/releases/testing/home.ts';

const CUTS = 12;

/** An owner who pushes and goes back again and again, on a machine whose power is cut at any moment. */
export const releasesScenario: Scenario = {
  name: 'releases',
  summary: `an owner pushes releases and goes back, through ${CUTS} power cuts`,
  bugs: { 'skip-sync': 'the KeyValue acknowledges a put whose new name is not synced' },
  async run(world, planted) {
    const host = world.host('server', { keyValue: { skipsSync: planted.has('skip-sync') } });
    const owner: Owner = { pushed: 0, acknowledged: 0, underway: 0, numbers: new Map([[0, 0]]) };
    for (let cut = 0; cut < CUTS; cut++) {
      const home = await openHome(host.devices);
      checkStart(world, home, owner);
      await checkRoom(world, host, home);
      void work(home, owner, world);
      await world.sleep(world.prng.between(0, 200_000) / 1_000);
      host.crash();
      host.restart();
    }
  },
};

interface Owner {
  /** The number of the release pushed last; releases are numbered as pushed, whether they arrive or not. */
  pushed: number;
  /** What is shown, as the appliance said last. */
  acknowledged: number;
  /** What is shown when the change under way is done. */
  underway: number;
  /** The number of each release by its id. */
  readonly numbers: Map<number, number>;
}

/** Pushes, and shows an older release now and then, until the power goes. */
async function work(home: Home, owner: Owner, world: World): Promise<void> {
  const { releases } = home;
  for (;;) {
    const older = world.prng.pick(releases.list());
    const goesBack = world.prng.chance(0.3);
    owner.underway = goesBack ? (owner.numbers.get(older.id) ?? -1) : ++owner.pushed;
    const done = goesBack ? await releases.activate(older.id) : await home.put(numbered(owner.underway));
    if (!done.ok) world.violate('what is whole is taken', JSON.stringify(done.error));
    owner.numbers.set(releases.current().id, owner.underway);
    owner.acknowledged = owner.underway;
    if (numberShown(home.shown(), releases.current()) !== owner.acknowledged)
      world.violate('what was acknowledged is shown', JSON.stringify(home.shown()));
  }
}

/** One release, whole: what was acknowledged last, or what was on its way. */
function checkStart(world: World, home: Home, owner: Owner): void {
  const number = numberShown(home.shown(), home.releases.current());
  if (number === undefined) world.violate('a release is shown whole', JSON.stringify(home.shown()));
  else if (number !== owner.acknowledged && number !== owner.underway)
    world.violate(
      'the old or the new one is shown',
      `${number}, not ${owner.acknowledged} or ${owner.underway}`,
    );
  if (home.troubles.size > 0)
    world.violate('no release is damaged by a cut', [...home.troubles.values()].join());
  owner.acknowledged = owner.underway = number ?? -1;
  owner.numbers.set(home.releases.current().id, owner.acknowledged);
}

/** What was half written has given its room back. */
async function checkRoom(world: World, { devices }: SimulatedHost, home: Home): Promise<void> {
  const stored = (await devices.files.list('')).map(path => Number(path.split('/').at(-1)));
  const known = home.releases.list().map(({ id }) => id);
  const lost = stored.filter(id => !known.includes(id));
  if (lost.length > 0) world.violate('no room is lost', lost.join());
}
