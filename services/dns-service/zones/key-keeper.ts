import { assert } from '../../../shared/base/assert.ts';
import type { KeyValue } from '../../../shared/devices/key-value.ts';
import type { SigningKey, ZoneKeys } from '../../../shared/protocols/dns/dnssec/signing-key.ts';
import { signingPlan } from '../../../shared/protocols/dns/key-roll/signing-plan.ts';
import {
  unsignedZone,
  type KeyRole,
  type KeyRollState,
  type RollTimes,
} from '../../../shared/protocols/dns/key-roll/state.ts';
import { step, type KeyRollEvent, type NewKey } from '../../../shared/protocols/dns/key-roll/step.ts';
import { zoneKeys } from '../../../shared/protocols/dns/key-roll/zone-keys.ts';
import { createKeyStore, type KeptKey, type KeptKeys, type KeyStore } from './key-store.ts';
import { wishedEvent, type KeyWishes } from './key-wishes.ts';
import { KEY_ATTEMPTS_MAX } from './limits.ts';
import { createPrivateKeyPem, signingKeyOf } from './signing-key.ts';

/** What the rolls have come to, not yet served. */
export interface KeyStep {
  readonly kept: KeptKeys;
  /** Whether the zone is to be signed anew for it. */
  readonly changesPlan: boolean;
}

export interface KeyTimes {
  readonly times: RollTimes;
  readonly nowSeconds: number;
}

/**
 * One zone's keys. A step of their rolls is proposed, then served, and then kept: after a power cut in between the step is made once more, with
 * the times of then. Private halves are kept before anything is proposed that shows their keys.
 */
export class KeyKeeper {
  readonly #store: KeyStore;
  readonly #wishes: KeyWishes;
  readonly #signers = new Map<string, SigningKey>();
  #kept: KeptKeys;
  /** What is used is not durable: a start would be behind what was served. */
  #isBehind = false;

  private constructor(store: KeyStore, wishes: KeyWishes, kept: KeptKeys) {
    this.#store = store;
    this.#wishes = wishes;
    this.#kept = kept;
    for (const key of kept.keys) this.#signers.set(key.id, signingKeyOf(key.privateKeyPem, key));
  }

  /** undefined where the zone neither is nor shall be signed. @throws ZoneError; DeviceError. */
  static async open(
    zone: string,
    wishes: KeyWishes,
    { keyValue, times }: { readonly keyValue: KeyValue; readonly times: RollTimes },
  ): Promise<KeyKeeper | undefined> {
    const store = createKeyStore(zone, keyValue);
    const kept = await store.load();
    if (kept === undefined && !wishes.sign) return undefined;
    return new KeyKeeper(store, wishes, kept ?? { zone, keys: [], state: unsignedZone(times) });
  }

  get state(): KeyRollState {
    return this.#kept.state;
  }

  /** All that are known, by id. */
  get keys(): ReadonlyMap<string, SigningKey> {
    return this.#signers;
  }

  /** Those that the zone is signed with now; undefined: it is not signed. */
  get zoneKeys(): ZoneKeys | undefined {
    const plan = signingPlan(this.#kept.state);
    return plan.zoneSigners.length === 0 ? undefined : zoneKeys(plan, this.#signers);
  }

  /** What time, the configuration and `event` make of the keys; undefined: nothing changes. @throws DeviceError. */
  async propose(
    { times, nowSeconds }: KeyTimes,
    event: KeyRollEvent = { type: 'tick' },
  ): Promise<KeyStep | undefined> {
    // One step may be lost by a power cut, as caches can follow it both ways; two could leave a chain broken.
    if (this.#isBehind) await this.keep();
    const before = this.#kept;
    const made: KeptKey[] = [];
    const take = (from: KeyRollState, next: KeyRollEvent): KeyRollState => step(from, next, nowSeconds).state;
    let state = take(take(before.state, { type: 'times', times }), event);
    for (;;) {
      const wished = wishedEvent(state, this.#wishes, nowSeconds, role => this.#make(role, made));
      if (wished === undefined) break;
      state = take(state, wished);
    }
    if (JSON.stringify(state) === JSON.stringify(before.state)) return undefined;
    const all = [...before.keys, ...made];
    if (made.length > 0) await this.#store.save({ ...before, keys: all });
    const keys = all.filter(({ id }) => state.keys.some(key => key.id === id));
    return { kept: { ...before, keys, state }, changesPlan: planOf(state) !== planOf(before.state) };
  }

  /** Signs by this step from now on; gives the one before, to go back to. */
  use({ kept, changesPlan }: KeyStep): KeyStep {
    const before = { kept: this.#kept, changesPlan };
    this.#kept = kept;
    this.#isBehind = true;
    return before;
  }

  /** Makes durable what is used. Keys that are in no cache any more are gone with it. */
  async keep(): Promise<void> {
    const { keys } = this.#kept;
    if (keys.length === 0) await this.#store.remove();
    else await this.#store.save(this.#kept);
    this.#isBehind = false;
    const ids = new Set(keys.map(({ id }) => id));
    for (const id of this.#signers.keys()) if (!ids.has(id)) this.#signers.delete(id);
  }

  #make(role: KeyRole, made: KeptKey[]): NewKey {
    const { algorithm } = this.#wishes;
    for (let attempt = 0; attempt < KEY_ATTEMPTS_MAX; attempt++) {
      const privateKeyPem = createPrivateKeyPem(algorithm);
      const signer = signingKeyOf(privateKeyPem, { algorithm, role });
      const id = String(signer.keyTag);
      if (this.#signers.has(id)) continue;
      this.#signers.set(id, signer);
      made.push({ id, role, algorithm, privateKeyPem });
      return { id, algorithm, role };
    }
    assert(false, 'a key tag is free among 65,536');
  }
}

function planOf(state: KeyRollState): string {
  return JSON.stringify(signingPlan(state));
}
