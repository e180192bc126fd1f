import { createRateLimit, type RateLimit } from '../../../shared/appliance/admin/rate-limit.ts';
import { parseScryptHash, type ScryptHash } from '../../../shared/components/passwords/scrypt-hash.ts';
import { PasswordVerifier } from '../../../shared/components/passwords/verifier.ts';
import type { Clock } from '../../../shared/devices/clock.ts';
import type { SecureRandom } from '../../../shared/devices/random.ts';
import { fieldOf, type Request } from '../../../shared/protocols/http/message.ts';
import { networkOf } from '../../../shared/protocols/ip/network-of.ts';
import { formatChallenge, parseBasic } from '../../../shared/components/passwords/basic.ts';
import { splitUser, type PasswordFolder } from './configuration.ts';

/** Passwords that one network may try: a person mistypes a few times, a machine guesses thousands. */
const ATTEMPTS = { burst: 10, perMinute: 4 } as const;

/** What a visitor who may not enter is told. */
export interface Refusal {
  readonly status: 401 | 429 | 503;
  readonly fields: readonly string[];
}

export interface GateDevices {
  readonly clock: Clock;
  readonly secureRandom: SecureRandom;
}

/** The doors of one site's password folders. */
export class PasswordGate {
  readonly #clock: Clock;
  readonly #doors: readonly { readonly verifier: PasswordVerifier; readonly challenge: string }[];
  readonly #attempts: RateLimit = createRateLimit(ATTEMPTS);

  constructor(folders: readonly PasswordFolder[], devices: GateDevices) {
    this.#clock = devices.clock;
    this.#doors = folders.map(folder => ({
      verifier: new PasswordVerifier(usersOf(folder), devices),
      challenge: formatChallenge(folder.folder),
    }));
  }

  /** Whether this request may enter folder number `index`: undefined where it may. */
  async refusalOf(index: number, request: Request, client: string | undefined): Promise<Refusal | undefined> {
    const door = this.#doors[index];
    // RFC 7235 §3.1, now RFC 9110 §15.5.2: 401 carries a challenge. The same for a wrong password as for an unknown user.
    const ask: Refusal = { status: 401, fields: ['www-authenticate', door?.challenge ?? 'Basic realm=""'] };
    const credentials = parseBasic(fieldOf(request, 'authorization'));
    if (door === undefined || credentials === undefined) return ask;
    const named = { ...credentials, user: credentials.user.normalize('NFC') };
    if (door.verifier.isRemembered(named)) return undefined;
    const mayTry = (): boolean => this.#attempts.take(networkOf(client), this.#clock.monotonic());
    const verdict = await door.verifier.verify(named, mayTry);
    // RFC 6585 §4.
    if (verdict === 'limited')
      return { status: 429, fields: ['retry-after', String(60 / ATTEMPTS.perMinute)] };
    if (verdict === 'busy') return { status: 503, fields: ['retry-after', '10'] };
    return verdict === 'right' ? undefined : ask;
  }
}

function usersOf({ users }: PasswordFolder): ReadonlyMap<string, ScryptHash> {
  const hashes = users.map(line => {
    const [user, text] = splitUser(line);
    const hash = parseScryptHash(text);
    return hash.ok ? ([user, hash.value] as const) : undefined;
  });
  return new Map(hashes.filter(each => each !== undefined));
}
