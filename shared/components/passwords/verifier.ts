import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../devices/clock.ts';
import type { SecureRandom } from '../../devices/random.ts';
import { deriveKey, SCRYPT_COST, type ScryptHash } from './scrypt-hash.ts';

/** How long a password that was right is known without deriving its key again. */
const REMEMBERED_MS = 10 * 60_000;

/** Users who are in at one time; the longest unseen one derives again. */
const REMEMBERED_MAX = 1_000;

/** Keys are derived one at a time, 16 MiB each; whoever waits behind so many others would wait ten seconds. */
const WAITING_MAX = 32;

/** 'limited': `mayTry` said no. */
export type Verdict = 'right' | 'wrong' | 'busy' | 'limited';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * Checks passwords against scrypt hashes, off the main loop. What takes time takes the same time for users that there are and
 * that there are not, and a right password is remembered by a keyed hash, never itself.
 */
export class PasswordVerifier {
  readonly #clock: Clock;
  readonly #users: ReadonlyMap<string, ScryptHash>;
  readonly #cacheKey: Uint8Array;
  /** Compared with where there is no such user. */
  readonly #nobody: ScryptHash;
  readonly #rememberedUntilMs = new Map<string, number>();
  readonly #running = new Map<string, Promise<boolean>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    users: ReadonlyMap<string, ScryptHash>,
    { clock, secureRandom }: { readonly clock: Clock; readonly secureRandom: SecureRandom },
  ) {
    this.#clock = clock;
    this.#users = users;
    this.#cacheKey = secureRandom.bytes(32);
    const like = users.values().next().value ?? {
      ...SCRYPT_COST,
      salt: new Uint8Array(16),
      key: new Uint8Array(32),
    };
    this.#nobody = {
      ...like,
      salt: secureRandom.bytes(like.salt.length),
      key: secureRandom.bytes(like.key.length),
    };
  }

  /** Whether these were right a short while ago; costs next to nothing. */
  isRemembered(credentials: Credentials): boolean {
    const id = this.#idOf(credentials);
    const untilMs = this.#rememberedUntilMs.get(id) ?? -Infinity;
    this.#rememberedUntilMs.delete(id);
    if (untilMs <= this.#clock.monotonic()) return false;
    // Put in again: the map's order is by last use.
    this.#rememberedUntilMs.set(id, untilMs);
    return true;
  }

  /** Requests of one page come together: `mayTry` is asked and the key derived once for all of them. */
  async verify(credentials: Credentials, mayTry: () => boolean): Promise<Verdict> {
    const id = this.#idOf(credentials);
    let running = this.#running.get(id);
    if (running === undefined) {
      if (!mayTry()) return 'limited';
      if (this.#running.size >= WAITING_MAX) return 'busy';
      running = this.#derive(credentials);
      this.#running.set(id, running);
      void running.finally(() => this.#running.delete(id)).catch(() => undefined);
    }
    if (!(await running)) return 'wrong';
    this.#remember(id);
    return 'right';
  }

  async #derive({ user, password }: Credentials): Promise<boolean> {
    const hash = this.#users.get(user) ?? this.#nobody;
    const turn = this.#last.then(() => deriveKey(password, hash, hash.key.length));
    this.#last = turn.catch(() => undefined);
    const isEqual = timingSafeEqual(await turn, hash.key);
    return isEqual && hash !== this.#nobody;
  }

  #remember(id: string): void {
    this.#rememberedUntilMs.set(id, this.#clock.monotonic() + REMEMBERED_MS);
    const oldest = this.#rememberedUntilMs.keys().next();
    if (this.#rememberedUntilMs.size > REMEMBERED_MAX && oldest.done !== true)
      this.#rememberedUntilMs.delete(oldest.value);
  }

  #idOf({ user, password }: Credentials): string {
    // RFC 7617 §2: a user-id has no colon, so the two cannot run into each other.
    return createHmac('sha256', this.#cacheKey)
      .update(`${user}:${password.normalize('NFC')}`)
      .digest('base64');
  }
}
