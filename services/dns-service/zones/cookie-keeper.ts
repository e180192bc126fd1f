import type { Clock } from '../../../shared/devices/clock.ts';
import type { SecureRandom } from '../../../shared/devices/random.ts';
import type { CookieSecrets } from '../../../shared/protocols/dns/compiled/plane-settings.ts';
import { COOKIE_SECRET_MAX_MS } from '../limits.ts';

/** RFC 9018 §4: SipHash-2-4 takes a key of 128 bits. */
const SECRET_BYTES = 16;

/** The secrets of cookies, changed daily. They are not kept: clients get new cookies from a server that was started again. */
export class CookieKeeper {
  readonly #random: SecureRandom;
  readonly #clock: Clock;
  #secrets: CookieSecrets;
  #sinceMs: number;

  constructor({ secureRandom, clock }: { readonly secureRandom: SecureRandom; readonly clock: Clock }) {
    this.#random = secureRandom;
    this.#clock = clock;
    this.#secrets = { current: secureRandom.bytes(SECRET_BYTES) };
    this.#sinceMs = clock.monotonic();
  }

  secrets(): CookieSecrets {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#sinceMs >= COOKIE_SECRET_MAX_MS) {
      this.#secrets = { current: this.#random.bytes(SECRET_BYTES), previous: this.#secrets.current };
      this.#sinceMs = nowMs;
    }
    return this.#secrets;
  }
}
