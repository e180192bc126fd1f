import { encodeUtf8 } from '../../../../shared/base/bytes.ts';
import type { HttpRequest } from '../../../../shared/devices/http.ts';
import {
  AcmeAuthority,
  type AuthorityReply,
} from '../../../../shared/simulation/acme-authority/authority.ts';
import type { AuthorityOptions } from '../../../../shared/simulation/acme-authority/options.ts';
import { seededKey } from '../../../../shared/simulation/acme-authority/seeded-key.ts';
import type { Finding, ValidationAction } from '../../../../shared/simulation/acme-authority/validation.ts';
import { WORLD_START_MS } from '../../../../shared/simulation/clock.ts';
import { Prng } from '../../../../shared/simulation/prng.ts';
import type { World } from '../../../../shared/simulation/world.ts';

/** How an authority is to be had. */
export const TROUBLED = ['refused', 'unavailable', 'hangs', 'garbage', 'slow and unavailable'] as const;
export type Weather = 'fair' | (typeof TROUBLED)[number];

/** Looks into the world for an authority: what stands where the proof should be. */
export type Look = (action: ValidationAction) => Finding;

const VALIDATION_MS = [200, 4_000] as const;

/** An authority in the world: what it does with a request depends on the weather, and validation takes a while. */
export class AuthorityHost {
  readonly hostname: string;
  readonly authority: AcmeAuthority;
  weather: Weather = 'fair';
  readonly #world: World;
  readonly #prng: Prng;
  readonly #look: Look;

  constructor(
    world: World,
    hostname: string,
    look: Look,
    options: Pick<AuthorityOptions, 'profiles' | 'nonceRejection' | 'renewalRetryAfterMs'>,
  ) {
    this.hostname = hostname;
    this.#world = world;
    this.#look = look;
    this.#prng = new Prng(`${world.seed}/${hostname}`);
    const random = this.#prng.fork('authority');
    this.authority = new AcmeAuthority(
      {
        baseUrl: `https://${hostname}`,
        name: hostname,
        key: seededKey(random.bytes(32)),
        random,
        keyTypes: ['ed25519'],
        issueDelayMs: 2_000,
        ...options,
      },
      this.nowMs,
    );
  }

  get directoryUrl(): string {
    return `https://${this.hostname}/directory`;
  }

  /** True time: an authority's clock is right. */
  get nowMs(): number {
    return Math.floor(WORLD_START_MS + this.#world.nowMs);
  }

  /** What comes back at once; validations that it asks for are looked after. */
  receive({ method, url, headers = {}, body = new Uint8Array() }: HttpRequest): AuthorityReply {
    if (this.weather === 'garbage') return GARBAGE;
    if (this.weather !== 'fair') return this.#unavailable();
    const request = { method, path: url.pathname, headers, body, clientAddress: 'appliance' };
    const reply = this.authority.handle(request, this.nowMs);
    for (const action of this.authority.takeActions()) void this.#validate(action);
    return reply;
  }

  #unavailable(): AuthorityReply {
    // RFC 9110 §15.6.4.
    const headers = { 'retry-after': String(this.#prng.between(1, 3_600)) };
    return { status: 503, headers, body: new Uint8Array() };
  }

  async #validate(action: ValidationAction): Promise<void> {
    await this.#world.sleep(this.#prng.between(...VALIDATION_MS));
    this.authority.conclude(action.challengeId, this.#look(action), this.nowMs);
  }
}

const GARBAGE: AuthorityReply = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: encodeUtf8('<h1>It works!</h1>'),
};
