import type { SimulatedHost } from '../host.ts';
import { powerCut, type Program, type Scenario, startProgram } from '../scenario.ts';
import type { World } from '../world.ts';
import {
  type Account,
  amountOf,
  replicaPlane,
  runClient,
  runReplica,
  runServer,
} from './counter-programs.ts';

const CLIENTS = 4;
const ADDS = 60;
const FAULTS = 30;

/** All faults are over: the clients need some seconds for what is left, and the longest retry wait before it. */
const PATIENCE_MS = 120_000;

interface Actor {
  readonly host: SimulatedHost;
  readonly program: Program;
}

/** Clients add to a durable counter through crashes, partitions and a bad network; a replica follows by UDP. */
export const counter: Scenario = {
  name: 'counter',
  summary: `${CLIENTS} clients, a server with a durable counter and a replica, through ${FAULTS} faults`,
  bugs: { 'skip-sync': "the server's KeyValue acknowledges a put whose new name is not synced" },
  async run(world, planted) {
    const server = world.host('server', { keyValue: { skipsSync: planted.has('skip-sync') } });
    const replica = world.host('replica', { planes: { 'counter-replica': replicaPlane } });
    const book = new Book(server);
    const actors: Actor[] = [
      {
        host: server,
        program: devices => runServer(devices, replica.address, accounts => book.load(accounts)),
      },
      { host: replica, program: devices => runReplica(devices, book.replicated) },
    ];
    for (let id = 0; id < CLIENTS; id++) {
      const onAcknowledged = (number: number): void => book.acknowledge(id, number);
      actors.push({
        host: world.host(`client-${id}`),
        program: devices => runClient(devices, { id, server: server.address, adds: ADDS, onAcknowledged }),
      });
    }
    book.promise(world);
    for (const { host, program } of actors) startProgram(world, host, program);

    await makeTrouble(world, actors);
    await world.eventually('every add is acknowledged', PATIENCE_MS, () => book.missing());
    await world.eventually('the replica has caught up', PATIENCE_MS, () => book.lag());
  },
};

/** What the outside world knows of the counter: what was acknowledged, against what the server and the replica have. */
class Book {
  readonly replicated = new SharedArrayBuffer(CLIENTS * 4);
  readonly #server: SimulatedHost;
  readonly #acknowledged = new Uint32Array(CLIENTS);
  #accounts: ReadonlyMap<number, Account> = new Map();
  #loadedBy: object | undefined;

  constructor(server: SimulatedHost) {
    this.#server = server;
  }

  load(accounts: ReadonlyMap<number, Account>): void {
    this.#accounts = accounts;
    this.#loadedBy = this.#server.devices;
  }

  acknowledge(client: number, number: number): void {
    this.#acknowledged[client] = Math.max(this.#acknowledged[client] ?? 0, number);
  }

  promise(world: World): void {
    world.invariant('an acknowledged add survives', () =>
      this.#each((client, { last }) => {
        const acknowledged = this.#acknowledged[client] ?? 0;
        return last < acknowledged
          ? `add ${acknowledged} was acknowledged, the server has ${last}`
          : undefined;
      }),
    );
    world.invariant('the replica is never ahead', () =>
      this.#each((client, { last }) => {
        const heard = new Uint32Array(this.replicated)[client] ?? 0;
        return last < heard ? `the replica has ${heard}, the server ${last}` : undefined;
      }),
    );
    world.invariant('every add counts once', () =>
      this.#each((_client, { last, sum }) => {
        let expected = 0;
        for (let number = 1; number <= last; number++) expected += amountOf(number);
        return sum === expected ? undefined : `the sum after ${last} adds is ${sum} and not ${expected}`;
      }),
    );
  }

  missing(): string | undefined {
    const left = this.#acknowledged.findIndex(number => number < ADDS);
    return left < 0 ? undefined : `client ${left} is at ${this.#acknowledged[left]} of ${ADDS}`;
  }

  lag(): string | undefined {
    return new Uint32Array(this.replicated).every(number => number === ADDS)
      ? undefined
      : 'the replica does not have every add';
  }

  /** The first client of which `check` finds a fault, while the server is up and has read what it kept. */
  #each(check: (client: number, account: Account) => string | undefined): string | undefined {
    if (!this.#server.isUp || this.#loadedBy !== this.#server.devices) return undefined;
    for (let client = 0; client < CLIENTS; client++) {
      const fault = check(client, this.#accounts.get(client) ?? { last: 0, sum: 0 });
      if (fault !== undefined) return `client ${client}: ${fault}`;
    }
    return undefined;
  }
}

/** Faults one after another, some of them overlapping; at the end everything is up and whole again. */
async function makeTrouble(world: World, actors: readonly Actor[]): Promise<void> {
  const { network, prng } = world;
  const [server] = actors as [Actor, ...Actor[]];
  const repairs: Promise<void>[] = [];
  for (let count = 0; count < FAULTS; count++) {
    await world.sleep(prng.between(50, 1_500));
    const actor = prng.pick(actors);
    const hosts = [server.host.name, actor.host.name] as const;
    switch (prng.below(6)) {
      case 0:
        repairs.push(powerCut(world, server.host, prng.between(50, 3_000), server.program));
        break;
      case 1:
        repairs.push(powerCut(world, actor.host, prng.between(50, 3_000), actor.program));
        break;
      case 2:
        network.partition(...hosts);
        repairs.push(world.sleep(prng.between(10, 4_000)).then(() => network.heal(...hosts)));
        break;
      case 3:
        network.reset(...hosts);
        break;
      case 4:
        actor.host.setClock(prng.between(-86_400_000, 86_400_000));
        break;
      default:
        network.setConditions({
          lossRate: prng.below(20) / 100,
          spikeRate: prng.below(20) / 100,
          duplicateRate: prng.below(20) / 100,
          splitRate: prng.below(50) / 100,
        });
    }
  }
  await Promise.all(repairs);
  network.setConditions({ lossRate: 0, spikeRate: 0, duplicateRate: 0, splitRate: 0 });
}
