/**
 * Each mode of slowhttptest, trying a thousand connections, for longer than the service takes to find out who is slow: against both engines as
 * they are configured by default, and slow readers also where their one address may take every place.
 */
import { MODES, startBesieged } from '../web/slow-clients.ts';
import { runLongTest, type Progress } from './run/run.ts';

interface Attack {
  readonly engine: string;
  readonly mode: string;
  readonly perAddressMax: number;
}

interface Siege extends Attack {
  /** Connections of attackers that got a place, if only for a moment. */
  readonly attackers: number;
  readonly served: number;
  readonly again: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly grownMiB: number;
}

interface Sieges extends Progress {
  readonly sieges: readonly Siege[];
}

const CONNECTIONS = 1_000;
/** At most, twice the time in which a reader is found slow; where the service has thrown all of them out, the attackers go before. */
const SECONDS = 60;
/** A visitor every 40 ms while the attackers are there. */
const SERVED_MIN = 50;
/** On a machine that is busy with a thousand handshakes of attackers at the same time. */
const P99_MAX_MS = 5_000;
const GROWN_MAX_MIB = 250;

/** The default of `connections-per-address-max`. */
const SHARE = 100;
const ENGINES = ['direct', 'node'];

const plan: readonly Attack[] = [
  ...ENGINES.flatMap(engine => Object.keys(MODES).map(mode => ({ engine, mode, perAddressMax: SHARE }))),
  ...ENGINES.map(engine => ({ engine, mode: 'slow read', perAddressMax: CONNECTIONS })),
];

await runLongTest<Sieges>({
  name: 'hostile-web',
  goal: plan.length,
  begin: { done: 0, faults: [], sieges: [] },
  async piece({ done, faults, sieges }) {
    const attack = plan[done];
    if (attack === undefined) throw new Error(`there are ${plan.length} sieges, fewer than the goal`);
    const { siege, found } = await besiege(attack);
    return { done: done + 1, faults: [...faults, ...found], sieges: [...sieges, siege] };
  },
});

async function besiege(attack: Attack): Promise<{ siege: Siege; found: string[] }> {
  const { engine, mode, perAddressMax } = attack;
  const configuration = perAddressMax === SHARE ? {} : { 'connections-per-address-max': perAddressMax };
  await using besieged = await startBesieged({ engine, ...configuration });
  const outcome = await besieged.siege([mode], CONNECTIONS, SECONDS);
  const { accepted, served, again, failures, p50Ms, p99Ms, grownMiB } = outcome;
  const attackers = accepted - served - again;
  const found = [
    ...(outcome.alive ? [] : ['the process ended']),
    ...(attackers < SHARE / 2 ? [`only ${attackers} attackers got in: that is no siege`] : []),
    ...(failures.length > 0 ? [`${failures.length} not served: ${failures.slice(0, 5).join('; ')}`] : []),
    ...(served < SERVED_MIN ? [`only ${served} served`] : []),
    ...(p99Ms > P99_MAX_MS ? [`p99 was ${p99Ms} ms`] : []),
    ...(grownMiB > GROWN_MAX_MIB ? [`${grownMiB} MiB more`] : []),
  ];
  return {
    siege: { ...attack, attackers, served, again, p50Ms, p99Ms, grownMiB },
    found: found.map(fault => `${mode}, ${engine}, ${perAddressMax} of one address: ${fault}`),
  };
}
