import type { LineSink } from './event-log.ts';
import type { SimulatedDevices, SimulatedHost } from './host.ts';
import { catchStrayErrors } from './stray-errors.ts';
import { type Violation, World } from './world.ts';

/**
 * A story told in a world: it makes hosts, starts programs on them, plants faults, states invariants and what must come to
 * hold in the end. It draws every choice from `world.prng` or a device, never from elsewhere.
 */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** Mistakes that can be planted in the programs on purpose, to see that the scenario finds them. */
  readonly bugs: Readonly<Record<string, string>>;
  /** Ends when the story is over. Programs that still run then simply stop. */
  readonly run: (world: World, planted: ReadonlySet<string>) => Promise<void>;
}

export interface SimulationOptions {
  readonly seed: string | number;
  readonly bugs?: readonly string[];
  /** Gets the event log as it grows. */
  readonly sink?: LineSink;
}

/** What a run came to. The same scenario, bugs and seed give the same outcome on every machine. */
export interface Outcome {
  readonly scenario: string;
  readonly seed: string;
  /** Lines in the event log. */
  readonly events: number;
  /** SHA-256 of the event log. */
  readonly digest: string;
  readonly violations: readonly Violation[];
}

/** Runs a scenario from a seed. @throws RangeError for a bug that it does not have. */
export async function simulate(scenario: Scenario, options: SimulationOptions): Promise<Outcome> {
  const planted = new Set(options.bugs);
  for (const bug of planted)
    if (!Object.hasOwn(scenario.bugs, bug))
      throw new RangeError(
        `scenario '${scenario.name}' has no bug '${bug}'; it has: ${Object.keys(scenario.bugs).join(', ') || 'none'}`,
      );
  const world = new World(options.seed, options.sink === undefined ? {} : { sink: options.sink });
  world.note(`scenario ${scenario.name}, seed ${world.seed}, bugs ${[...planted].join(' ') || 'none'}`);
  using _stray = catchStrayErrors(error => world.violate('every error is looked after', String(error)));
  try {
    await world.run(() => scenario.run(world, planted));
  } catch (error) {
    world.violate('the scenario comes to its end', String(error));
  }
  world.note('the end');
  const { events, violations, seed } = world;
  return { scenario: scenario.name, seed, events: events.count, digest: events.digest(), violations };
}

/** A program that runs on a host until it returns or the host crashes. */
export type Program = (devices: SimulatedDevices) => Promise<void>;

/** Starts a program on the host's present life. What it throws is a violation: a program deals with the faults it may meet. */
export function startProgram(world: World, host: SimulatedHost, program: Program): void {
  program(host.devices).catch((error: unknown) =>
    world.violate(`the program of ${host.name} goes on`, String(error)),
  );
}

/** Power goes and comes back after `downMs`, with the program started again. A host that is down already is left alone. */
export async function powerCut(
  world: World,
  host: SimulatedHost,
  downMs: number,
  program: Program,
): Promise<void> {
  if (!host.isUp) return;
  host.crash();
  await world.sleep(downMs);
  host.restart();
  startProgram(world, host, program);
}
