/** The whole life of DHCP leases against dnsmasq, each of two minutes: renewed, rebound with another server, and run out. */
import { expire, renewAndRebind } from '../machine/lease-life.ts';
import { createNetworkWorld } from '../machine/network-world.ts';
import { runLongTest, type Progress } from './run/run.ts';

interface Leases extends Progress {
  /** How long each address was kept after its last server had gone. */
  readonly keptSeconds: readonly number[];
}

/** What the lease has left when its server goes: all of it but the seconds since the last renewal. */
const KEPT_SECONDS_MIN = 110;
const KEPT_SECONDS_MAX = 121;

await runLongTest<Leases>({
  name: 'dhcp-lease',
  goal: 3,
  begin: { done: 0, faults: [], keptSeconds: [] },
  async piece({ done, faults, keptSeconds }) {
    await using world = await createNetworkWorld();
    const found = await expire(world, await renewAndRebind(world));
    return { done: done + 1, faults, keptSeconds: [...keptSeconds, found.keptSeconds] };
  },
  judge: ({ keptSeconds }) =>
    keptSeconds
      .filter(seconds => seconds < KEPT_SECONDS_MIN || seconds > KEPT_SECONDS_MAX)
      .map(seconds => `an address was kept for ${seconds} s, its lease was of 120 s`),
});
