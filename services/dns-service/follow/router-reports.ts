import { createHash, timingSafeEqual } from 'node:crypto';
import { createRateLimit, type RateLimit } from '../../../shared/appliance/admin/rate-limit.ts';
import { encodeUtf8 } from '../../../shared/base/bytes.ts';
import { formatChallenge, parseBasic } from '../../../shared/components/passwords/basic.ts';
import type { Clock } from '../../../shared/devices/clock.ts';
import {
  isReport,
  readReport,
  type AddressReport,
  type Told,
} from '../../../shared/protocols/dyndns2/read-report.ts';
import { FAMILIES, type Family, type Sight } from '../../../shared/protocols/home-address/addresses.ts';
import { fieldOf, type Request, type Response } from '../../../shared/protocols/http/message.ts';
import { refuse } from '../../../shared/protocols/http/refuse.ts';
import { formatAddress } from '../../../shared/protocols/ip/address.ts';
import { networkOf } from '../../../shared/protocols/ip/network-of.ts';
import { isPublicAddress } from '../../../shared/protocols/ip/public-address.ts';
import { decodeSource } from '../../../shared/protocols/ip/source-address.ts';
import { addressBytes } from '../passed-on/stream-server.ts';
import type { Events } from '../events.ts';
import type { FollowedName } from './followed-name.ts';
import { REPORTS } from './limits.ts';

/** A name and the password with which its addresses are reported. */
export interface ReportedName {
  readonly followed: FollowedName;
  readonly password: string;
}

/** One line of an answer of the protocol. */
type Verdict = `good ${string}` | `nochg ${string}` | 'nohost' | '911';

/** Takes what routers report by dyndns2, as DynDNS.org once did and routers have spoken since. */
export class RouterReports {
  readonly #names: readonly { readonly followed: FollowedName; readonly digest: Uint8Array }[];
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #reports: RateLimit = createRateLimit(REPORTS);

  constructor(names: readonly ReportedName[], clock: Clock, events: Events) {
    this.#names = names.map(({ followed, password }) => ({ followed, digest: digestOf(password) }));
    this.#clock = clock;
    this.#events = events;
  }

  /** undefined: the request is none of these. `client` is the address that it came from. */
  answer(request: Request, client: string): Promise<Response> | undefined {
    if (!isReport(request)) return undefined;
    // On a socket for both families, IPv4 addresses come in the form of IPv6.
    return this.#judge(request, decodeSource(addressBytes({ host: client, port: 0 }), 0).host);
  }

  async #judge(request: Request, client: string): Promise<Response> {
    // Old routers report by POST as well, with the same target.
    if (request.method !== 'GET' && request.method !== 'POST') return refuse(405, ['allow', 'GET, POST']);
    const credentials = parseBasic(fieldOf(request, 'authorization'));
    // RFC 9110 §15.5.2: so a router learns that it has to say who it is.
    if (credentials === undefined) return this.#say(client, 401, 'badauth');
    // Before the password is looked at: whoever guesses does not learn of a right guess either.
    if (!this.#reports.take(networkOf(client), this.#clock.monotonic()))
      return this.#say(client, 429, 'abuse');
    const mine = this.#namesWith(credentials.password);
    if (mine.length === 0) return this.#say(client, 401, 'badauth');
    const report = readReport(request, client);
    if (!report.ok) return this.#say(client, 200, report.error);
    const { names, told } = report.value;
    const lines = await Promise.all(
      names.map(name =>
        this.#take(
          mine.find(each => each.configuration.name === name),
          told,
        ),
      ),
    );
    return this.#say(client, 200, lines.join('\n'));
  }

  /** The names with this password. All are compared, in a time that says nothing of where they differ. */
  #namesWith(password: string): readonly FollowedName[] {
    const digest = digestOf(password);
    return this.#names.filter(each => timingSafeEqual(each.digest, digest)).map(({ followed }) => followed);
  }

  async #take(followed: FollowedName | undefined, told: AddressReport['told']): Promise<Verdict> {
    if (followed === undefined) return 'nohost';
    const sight = sightOf(told, followed);
    if (sight === undefined) return '911';
    const reported = await followed.report('update', sight);
    if (reported === 'failed') return '911';
    const shown = FAMILIES.flatMap(family => sight[family] ?? []).join(',');
    return reported === 'same' ? `nochg ${shown}` : `good ${shown}`;
  }

  #say(client: string, status: number, text: string): Response {
    this.#events.reported(client, text);
    const body = encodeUtf8(`${text}\n`);
    const challenge = status === 401 ? ['www-authenticate', formatChallenge('addresses')] : [];
    const fields = ['content-type', 'text/plain; charset=utf-8', 'content-length', String(body.length)];
    return { status, fields: [...fields, 'cache-control', 'no-store', ...challenge], body: [body] };
  }
}

/** undefined: what is told leads nobody here, such as an address of a private network. */
function sightOf(told: AddressReport['told'], { configuration }: FollowedName): Sight | undefined {
  const sight: { [F in Family]?: readonly string[] } = {};
  for (const family of FAMILIES.filter(family => configuration.families.includes(family))) {
    const each = told[family];
    if (each === undefined) continue;
    if (!isUsable(each, configuration['ipv6-host'] !== undefined)) return undefined;
    sight[family] = each === 'none' ? [] : [formatAddress(each.address)];
  }
  return sight;
}

function isUsable(told: Told, hasHost: boolean): boolean {
  if (told === 'none') return true;
  return isPublicAddress(told.address) && (hasHost || !told.isNetwork);
}

function digestOf(password: string): Uint8Array {
  return createHash('sha256').update(password).digest();
}
