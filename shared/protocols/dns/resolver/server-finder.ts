import type { Endpoint } from '../../../devices/tcp.ts';
import { formatAddress } from '../../ip/address.ts';
import type { Name } from '../name.ts';
import type { Delegation, NameServer } from './delegation.ts';
import { SERVER_DEPTH_MAX, SERVER_NAMES_AT_ONCE, SERVER_NAMES_LOOKED_UP_MAX } from './limits.ts';
import type { Outcome } from './outcome.ts';
import { serverKey } from './server-memory.ts';
import type { ResolverSettings } from './state.ts';

type Conclude = (name: Name, type: number) => Outcome | undefined;
type Tries = ReadonlyMap<string, number>;

/** Finds the addresses of a zone's servers: by glue, and where that is not enough by looking for their names. */
export class ServerFinder {
  readonly #conclude: Conclude;
  readonly #settings: Pick<ResolverSettings, 'addressTypes' | 'port'>;
  #depth = 0;

  constructor(conclude: Conclude, settings: Pick<ResolverSettings, 'addressTypes' | 'port'>) {
    this.#conclude = conclude;
    this.#settings = settings;
  }

  /** Servers that were not tried yet. Empty: there are none; undefined: something is wanted first. */
  find({ servers }: Delegation, tries: Tries = new Map()): readonly Endpoint[] | undefined {
    const isUntried = (server: Endpoint): boolean => !tries.has(serverKey(server));
    const known = servers.flatMap(({ addresses }) => addresses).filter(isUntried);
    if (known.length > 0) return known;
    // CVE-2020-8616: what is named without an address costs queries, which its owner does not pay.
    const named = servers.filter(({ addresses }) => addresses.length === 0);
    if (this.#depth === SERVER_DEPTH_MAX) return [];
    this.#depth++;
    const found = this.#lookUp(named.slice(0, SERVER_NAMES_LOOKED_UP_MAX), isUntried);
    this.#depth--;
    return found;
  }

  #lookUp(servers: readonly NameServer[], isUntried: (server: Endpoint) => boolean): Endpoint[] | undefined {
    const found: Endpoint[] = [];
    let waiting = 0;
    for (const { name } of servers) {
      const addresses = name === undefined ? [] : this.#addressesOf(name);
      if (addresses !== undefined) found.push(...addresses.filter(isUntried));
      else if (++waiting === SERVER_NAMES_AT_ONCE) break;
    }
    return found.length === 0 && waiting > 0 ? undefined : found;
  }

  #addressesOf(name: Name): Endpoint[] | undefined {
    const { addressTypes, port } = this.#settings;
    for (const type of addressTypes) {
      const outcome = this.#conclude(name, type);
      if (outcome === undefined) return undefined;
      // RFC 2181 §10.3: the name of a server is no alias.
      if (outcome.kind === 'found' && outcome.rrset.type === type)
        return outcome.rrset.data.map(data => ({ host: formatAddress(data), port }));
    }
    return [];
  }
}
