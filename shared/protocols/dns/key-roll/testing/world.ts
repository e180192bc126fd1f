import { signingPlan } from '../signing-plan.ts';
import { unsignedZone, type KeyRollState, type RollTimes } from '../state.ts';
import { step, type KeyRollEvent } from '../step.ts';

export const HOUR = 3600;
export const DAY: number = 24 * HOUR;

/** Seeded randomness: the simulation's `Prng` is one. */
interface Dice {
  chance(probability: number): boolean;
  between(least: number, most: number): number;
}

/** A set of something that servers give out, from when on, and when the last of them has it no more. */
interface Served<T> {
  readonly value: T;
  readonly fromSeconds: number;
  endSeconds: number;
}

interface Dnskeys {
  readonly keys: readonly string[];
  readonly signers: readonly string[];
}

/**
 * A zone whose keys roll, its slow servers, its parent that follows CDS when it likes, and every resolver that there could be: one that
 * asked at the worst moment for each record and kept it for its whole TTL.
 */
export class World {
  readonly times: RollTimes;
  readonly algorithms: Map<string, number> = new Map();
  readonly forgotten: Set<string> = new Set();
  state: KeyRollState;
  nowSeconds = 0;
  /** Sets that some resolver could not validate, with the moment. */
  readonly bogus: string[] = [];
  readonly #dice: Dice;
  readonly #dnskey: Served<Dnskeys>[] = [
    { value: { keys: [], signers: [] }, fromSeconds: 0, endSeconds: Infinity },
  ];
  readonly #zone: Served<readonly string[]>[] = [{ value: [], fromSeconds: 0, endSeconds: Infinity }];
  readonly #ds: Served<readonly string[]>[] = [{ value: [], fromSeconds: 0, endSeconds: Infinity }];
  #parentActsAt = Infinity;
  #seenAt = Infinity;
  #wakeAt = Infinity;

  /** `believed`: what the roll is told of the world, where it is told wrong. */
  constructor(dice: Dice, times: RollTimes, believed: RollTimes = times) {
    this.#dice = dice;
    this.times = times;
    this.state = unsignedZone(believed);
  }

  roll(...keys: readonly { id: string; algorithm: number; role: 'ksk' | 'zsk' | 'csk' }[]): void {
    for (const { id, algorithm } of keys) this.algorithms.set(id, algorithm);
    this.#step({ type: 'roll', keys });
  }

  prepare(...keys: readonly { id: string; algorithm: number; role: 'ksk' | 'zsk' | 'csk' }[]): void {
    for (const { id, algorithm } of keys) this.algorithms.set(id, algorithm);
    this.#step({ type: 'prepare', keys });
  }

  /** An older state is put back, as from a snapshot; it looks at the parent first of all. */
  restore(state: KeyRollState): void {
    this.state = state;
    this.#step({ type: 'tick' });
    this.#seenAt = this.nowSeconds;
  }

  leave(): void {
    this.#step({ type: 'leave' });
  }

  /** What the parent has now. */
  get ds(): readonly string[] {
    return this.#ds.at(-1)?.value ?? [];
  }

  /** Lets all that happens up to then happen. */
  runUntil(endSeconds: number): void {
    for (;;) {
      const next = Math.min(this.#parentActsAt, this.#seenAt, this.#wakeAt);
      if (next > endSeconds) break;
      this.nowSeconds = next;
      if (next === this.#parentActsAt) this.#parentActs();
      else if (next === this.#seenAt) this.#seeDs();
      else this.#step({ type: 'tick' });
    }
    this.nowSeconds = endSeconds;
  }

  #step(event: KeyRollEvent): void {
    const { state, actions, wakeAtSeconds } = step(this.state, event, this.nowSeconds);
    this.state = state;
    this.#wakeAt = wakeAtSeconds ?? Infinity;
    for (const { id } of actions) this.forgotten.add(id);
    const { published, dnskeySigners, zoneSigners, atParent } = signingPlan(state);
    const { propagationSeconds, signingSeconds } = this.times;
    this.#serve(this.#dnskey, { keys: published, signers: dnskeySigners }, propagationSeconds);
    this.#serve(this.#zone, zoneSigners, propagationSeconds + signingSeconds);
    const wanted = atParent === 'delete' ? [] : atParent;
    if (wanted === undefined || String(wanted) === String(this.ds)) return;
    // Most parents look once a day; some do nothing for months.
    const patience = this.#dice.chance(0.1)
      ? this.#dice.between(30, 120) * DAY
      : this.#dice.between(0, 3 * DAY);
    if (this.#parentActsAt === Infinity) this.#parentActsAt = this.nowSeconds + patience;
  }

  /** It reads CDS as it stands now. */
  #parentActs(): void {
    this.#parentActsAt = Infinity;
    const { atParent } = signingPlan(this.state);
    if (atParent === undefined) return;
    const { parentPropagationSeconds } = this.times;
    this.#serve(this.#ds, atParent === 'delete' ? [] : atParent, parentPropagationSeconds);
    this.#seenAt = this.nowSeconds + parentPropagationSeconds + this.#dice.between(0, DAY);
  }

  #seeDs(): void {
    this.#seenAt = Infinity;
    this.#step({ type: 'ds-seen', keys: this.ds });
  }

  #serve<T>(served: Served<T>[], value: T, lagSeconds: number): void {
    const last = served.at(-1) as Served<T>;
    if (JSON.stringify(last.value) === JSON.stringify(value)) return;
    last.endSeconds = this.nowSeconds + lagSeconds;
    served.push({ value, fromSeconds: this.nowSeconds, endSeconds: Infinity });
    this.#validate();
  }

  /** Only what comes anew can break a chain, so this moment stands for all until the next change. */
  #validate(): void {
    const { dnskeyTtlSeconds, zoneTtlMaxSeconds, dsTtlSeconds } = this.times;
    const inCaches = <T>(served: readonly Served<T>[], ttlSeconds: (value: T) => number): T[] =>
      served
        .filter(({ value, endSeconds }) => endSeconds + ttlSeconds(value) > this.nowSeconds)
        .map(({ value }) => value);
    for (const ds of inCaches(this.#ds, () => dsTtlSeconds))
      for (const dnskey of inCaches(this.#dnskey, ({ keys }) =>
        keys.length === 0 ? zoneTtlMaxSeconds : dnskeyTtlSeconds,
      ))
        for (const zone of inCaches(this.#zone, () => zoneTtlMaxSeconds))
          if (!this.#isSecureOrInsecure(ds, dnskey, zone))
            this.bogus.push(JSON.stringify({ at: this.nowSeconds, ds, dnskey, zone }));
  }

  /** A validator that checks every algorithm of the DS records, as Unbound does with harden-algo-downgrade. */
  #isSecureOrInsecure(ds: readonly string[], { keys, signers }: Dnskeys, zone: readonly string[]): boolean {
    return new Set(ds.map(id => this.algorithms.get(id))).values().every(algorithm => {
      const mine = (ids: readonly string[]): string[] =>
        ids.filter(id => this.algorithms.get(id) === algorithm);
      const entrances = mine(ds).filter(id => keys.includes(id) && signers.includes(id));
      const proven = mine(zone).filter(id => keys.includes(id));
      return entrances.length > 0 && proven.length > 0;
    });
  }
}
