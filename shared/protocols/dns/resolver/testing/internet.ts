import { viewOf } from '../../../../base/bytes.ts';
import { createStreamResponder } from '../../answer/stream-responder.ts';
import { name, send, SOURCE } from '../../answer/testing/ask.ts';
import type { PlaneShared } from '../../../../devices/udp.ts';
import { compileDirectory } from '../../compiled/compile-directory.ts';
import { compileZone } from '../../compiled/compile-zone.ts';
import { DIGEST_TYPE, digestKey } from '../../dnssec/delegation-signer.ts';
import { encodeDnskey } from '../../dnssec/dnskey.ts';
import { signZone, type SigningPolicy } from '../../dnssec/sign-zone.ts';
import { flattenSignatures, type SignedZone } from '../../dnssec/signed-zone.ts';
import type { SigningKey } from '../../dnssec/signing-key.ts';
import { decodeMessage, FLAG, TYPE } from '../../message.ts';
import { equalNames, formatName, isAtOrBelow, nameInWire, type Name } from '../../name.ts';
import { compareCanonical, type RRset, type Zone } from '../../rrset.ts';
import { parseAddress } from '../../../ip/address.ts';
import { readZone } from '../../zone-file/read-zone.ts';
import type { TrustAnchor } from '../root.ts';

/** When the zones were signed, in Unix seconds; the signatures hold for thirty days. */
export const SIGNED_AT_SECONDS = 1_800_000_000;
const SIGNED_FOR_SECONDS = 30 * 86_400;

export interface ZoneOptions {
  /** Absent: not signed. */
  readonly denial?: 'nsec' | 'nsec3';
  /** Signed, but with no DS at the parent. */
  readonly isIsland?: boolean;
  /** In place of what the parent should have. */
  readonly ds?: (right: Uint8Array) => Uint8Array;
  /** Name and address; a name outside of the zone has no glue. */
  readonly servers: readonly (readonly [name: string, address: string])[];
  readonly ttlSeconds?: number;
  /** What happens to the zone after it was signed. */
  readonly spoil?: (zone: SignedZone) => SignedZone;
  readonly policy?: Partial<SigningPolicy>;
}

interface Planned extends ZoneOptions {
  readonly apex: Name;
  /** In the form of a master file, without SOA and NS. */
  readonly text: string;
  readonly key: SigningKey;
}

/** Zones and their servers, as a world for resolvers. Delegations, glue and DS records are made from what the zones below say. */
export class Internet {
  readonly #planned: Planned[] = [];
  readonly #makeKey: () => SigningKey;
  readonly #servers = new Map<string, PlaneShared>();
  readonly #built: { readonly zone: Zone | SignedZone; readonly addresses: readonly string[] }[] = [];
  readonly #respond = createStreamResponder();

  constructor(makeKey: () => SigningKey) {
    this.#makeKey = makeKey;
  }

  zone(apex: string, text: string, options: ZoneOptions): this {
    this.#planned.push({ ...options, apex: name(apex), text, key: this.#makeKey() });
    return this;
  }

  /** The zones that the server at an address has, with their signatures as records. */
  zonesAt(address: string): Zone[] {
    return this.#built
      .filter(({ addresses }) => addresses.includes(address))
      .map(({ zone }) => ('denial' in zone ? flattenSignatures(zone) : zone));
  }

  /** Signs everything; from then on servers answer. */
  open(): this {
    for (const plan of this.#planned)
      this.#built.push({ zone: this.#build(plan), addresses: plan.servers.map(([, address]) => address) });
    for (const address of new Set(this.#built.flatMap(({ addresses }) => addresses))) {
      const here = this.#built.filter(({ addresses }) => addresses.includes(address));
      this.#servers.set(address, compileDirectory(here.map(({ zone }) => compileZone(zone))));
    }
    return this;
  }

  anchor(apex: string): TrustAnchor {
    const plan = this.#planned.find(one => equalNames(one.apex, name(apex)));
    if (plan === undefined) throw new Error(`no zone ${apex}`);
    return { apex: plan.apex, ds: [dsOf(plan)] };
  }

  rootServers(): { name: Name; addresses: string[] }[] {
    const root = this.#planned.find(({ apex }) => apex.length === 0);
    return (root?.servers ?? []).map(([text, address]) => ({ name: name(text), addresses: [address] }));
  }

  /** What the server there answers; undefined: nobody is there, or it is silent. */
  answer(address: string, transport: 'udp' | 'tcp', query: Uint8Array): Uint8Array | undefined {
    const shared = this.#servers.get(address);
    if (shared === undefined) return undefined;
    const reply =
      transport === 'udp'
        ? send(shared, query)
        : this.#respond(shared, { message: query, source: SOURCE }, 0);
    return reply instanceof Uint8Array ? reply : undefined;
  }

  /** As a resolver would that looks no further than the first alias: by the servers of the zone that has the name. */
  recurse(query: Uint8Array): Uint8Array | undefined {
    const message = decodeMessage(query);
    const [question] = message.ok ? message.value.questions : [];
    if (question === undefined) return undefined;
    const from = question.type === TYPE.DS ? question.name.slice(1) : question.name;
    const [, address] = this.#closest(from).servers[0] ?? [];
    const reply = address === undefined ? undefined : this.answer(address, 'tcp', query);
    if (reply === undefined) return undefined;
    const flags = viewOf(reply).getUint16(2);
    viewOf(reply).setUint16(2, (flags & ~FLAG.AA) | FLAG.RA);
    return reply;
  }

  #closest(from: Name): Planned {
    const above = this.#planned.filter(({ apex }) => isAtOrBelow(from, apex));
    const [closest] = above.toSorted((left, right) => right.apex.length - left.apex.length);
    if (closest === undefined) throw new Error('no root');
    return closest;
  }

  #build(plan: Planned): Zone | SignedZone {
    const { apex, denial, key, policy = {}, spoil = (zone: SignedZone): SignedZone => zone } = plan;
    const zone = { apex, rrsets: sorted([...this.#content(plan), ...this.#delegations(plan)]) };
    if (denial === undefined) return zone;
    const signed = signZone(
      zone,
      { ksk: [key], zsk: [key] },
      {
        inceptionSeconds: SIGNED_AT_SECONDS,
        expirationSeconds: () => SIGNED_AT_SECONDS + SIGNED_FOR_SECONDS,
        renewBeforeSeconds: SIGNED_AT_SECONDS,
        denial,
        dnskeyTtlSeconds: 3_600,
        zonemd: false,
        ...policy,
      },
    );
    return spoil(signed);
  }

  #content({ apex, text, servers, ttlSeconds = 3_600 }: Planned): RRset[] {
    const origin = apex.length === 0 ? '.' : `${formatName(apex)}.`;
    const file = [
      `$ORIGIN ${origin}`,
      `$TTL ${ttlSeconds}`,
      `@ SOA ns hostmaster 1 3600 900 604800 300`,
      ...servers.map(([server]) => `@ NS ${server}.`),
      text,
      ...addressLines(apex, servers),
    ].join('\n');
    const read = readZone({ file: 'zone', read: () => file, origin: apex });
    if (!read.ok) throw new Error(JSON.stringify(read.error.errors));
    return [...read.value.zone.rrsets];
  }

  /** What stands in this zone of those right below it. */
  #delegations(parent: Planned): RRset[] {
    return this.#planned
      .filter(child => this.#parentOf(child) === parent)
      .flatMap(child => {
        const { apex, servers, denial, isIsland = false, ds = (right: Uint8Array) => right } = child;
        const rrsets: RRset[] = [
          {
            owner: apex,
            type: TYPE.NS,
            ttlSeconds: 3_600,
            data: servers.map(([text]) => nameInWire(name(text))),
          },
        ];
        for (const [text, address] of servers) {
          const owner = name(text);
          const bytes = parseAddress(address) as Uint8Array;
          // Glue: names in another zone's authority are that one's own matter.
          if (isAtOrBelow(owner, apex))
            rrsets.push({ owner, type: TYPE.A, ttlSeconds: 3_600, data: [bytes] });
        }
        if (denial !== undefined && !isIsland)
          rrsets.push({ owner: apex, type: TYPE.DS, ttlSeconds: 3_600, data: [ds(dsOf(child))] });
        return rrsets;
      });
  }

  #parentOf({ apex }: Planned): Planned | undefined {
    return this.#planned
      .filter(other => other.apex.length < apex.length && isAtOrBelow(apex, other.apex))
      .toSorted((left, right) => right.apex.length - left.apex.length)[0];
  }
}

function addressLines(apex: Name, servers: ZoneOptions['servers']): string[] {
  return servers
    .filter(([server]) => isAtOrBelow(name(server), apex))
    .map(([server, address]) => `${server}. A ${address}`);
}

function dsOf({ apex, key }: Planned): Uint8Array {
  return digestKey(apex, encodeDnskey(key.dnskey), DIGEST_TYPE.SHA256);
}

function sorted(rrsets: readonly RRset[]): RRset[] {
  return rrsets.toSorted(
    (left, right) => compareCanonical(left.owner, right.owner) || left.type - right.type,
  );
}
