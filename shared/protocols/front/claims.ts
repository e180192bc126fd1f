import { err, ok, type Result } from '../../base/result.ts';
import type { Opening } from './openings.ts';

/** In a claim, as a name or a protocol: everything that nobody claims more exactly, also a client that sends none. */
export const ANY = '*';
/** In a claim, as a name or a protocol: a client that sends none. (No name and no protocol on the wire is empty.) */
export const NONE = '';

/** TLS connections for these names that speak one of these protocols. */
export interface TlsClaim {
  readonly owner: string;
  /** `example.org`, `*.example.org` (one label), {@link ANY} or {@link NONE}; lower case. */
  readonly names: readonly string[];
  /** Protocols of ALPN as {@link ClientHello} gives them, {@link ANY} or {@link NONE}. */
  readonly alpnProtocols: readonly string[];
}

/** Connections that are not TLS and begin so. */
export interface OpeningClaim {
  readonly owner: string;
  readonly opening: Opening;
}

export type Claim = TlsClaim | OpeningClaim;

/** Which claim (by its place in the list) takes what, by name or pattern, then by protocol: plain data that can be posted to a worker. */
export interface ClaimTable {
  /** Of each claim. */
  readonly owners: readonly string[];
  readonly tls: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly openings: ReadonlyMap<Opening, number>;
}

/** Two claims to the same connections. */
export interface DuplicateClaim {
  readonly owners: readonly [first: string, second: string];
  /** What both claim, for people: `example.org with h2`, `connections that begin as http`. */
  readonly claimed: string;
}

/** The table of these claims, or the first pair of them that cannot both be right. */
export function claimTable(claims: readonly Claim[]): Result<ClaimTable, DuplicateClaim> {
  const tls = new Map<string, Map<string, number>>();
  const openings = new Map<Opening, number>();
  const owners = claims.map(({ owner }) => owner);
  for (const [index, claim] of claims.entries()) {
    const taken = 'opening' in claim ? enterOpening(openings, claim, index) : enterTls(tls, claim, index);
    if (taken === undefined) continue;
    return err({ owners: [owners[taken.by] ?? '', claim.owner], claimed: taken.claimed });
  }
  return ok({ owners, tls, openings });
}

interface Taken {
  readonly by: number;
  readonly claimed: string;
}

function enterOpening(
  openings: Map<Opening, number>,
  { opening }: OpeningClaim,
  index: number,
): Taken | undefined {
  const by = openings.get(opening);
  if (by !== undefined) return { by, claimed: `connections that begin as ${opening}` };
  openings.set(opening, index);
  return undefined;
}

function enterTls(
  tls: Map<string, Map<string, number>>,
  { names, alpnProtocols }: TlsClaim,
  index: number,
): Taken | undefined {
  for (const name of names) {
    const protocols = tls.get(name) ?? new Map<string, number>();
    tls.set(name, protocols);
    for (const protocol of alpnProtocols) {
      const by = protocols.get(protocol);
      if (by !== undefined) return { by, claimed: describe(name, protocol) };
      protocols.set(protocol, index);
    }
  }
  return undefined;
}

function describe(name: string, protocol: string): string {
  const names = name === ANY ? 'any name' : name === NONE ? 'no name' : name;
  const protocols = protocol === ANY ? 'any protocol' : protocol === NONE ? 'no protocol' : protocol;
  return `${names} with ${protocols}`;
}
