import { OperationalError } from '../../base/operational-error.ts';
import type { Devices } from '../../devices/devices.ts';
import type { Flow } from '../../devices/tcp.ts';
import type { TlsFlow, TlsServerOptions } from '../../devices/tls.ts';
import { claimTable, type Claim, type ClaimTable, type TlsClaim } from '../../protocols/front/claims.ts';
import type { Refusal } from '../../protocols/front/route.ts';
import { Handler } from './handler.ts';
import { OPENING_MAX_MS } from './limits.ts';
import { Openings } from './openings.ts';
import { refuse } from './refuse.ts';

/** The front ends TLS itself; `accept` gets what is inside. ALPN offers the claim's protocols, in its order. */
export type TerminatingClaim<Context> = TlsClaim & {
  readonly terminate: {
    /** See {@link TlsServerOptions}; undefined refuses the name. */
    readonly credentialsFor: TlsServerOptions['credentialsFor'];
    readonly accept: (flow: TlsFlow, context: Context) => void;
  };
};

/** The owner gets the flow as it came, its first byte first. */
export type PassingClaim<Context> = Claim & {
  readonly pass: (flow: Flow, context: Context) => void;
};

export type FrontClaim<Context> = TerminatingClaim<Context> | PassingClaim<Context>;

export interface FrontEvents {
  /**
   * Nobody got it, and it is closed: port scans, old clients, wrong names. 'unfinished': the first bytes never were complete;
   * 'handshake': TLS failed, and has told the peer.
   */
  readonly refused: (reason: Refusal | 'unfinished' | 'handshake') => void;
  /** A bug: an owner threw at its connection, which is closed. */
  readonly fault: (owner: string, error: unknown) => void;
}

/** Hands every connection of one port to whoever claimed it. */
export interface Front<Context> {
  /** For workers that decide alike; see `route`. */
  readonly table: ClaimTable;
  /** Takes over a flow of which nothing was read. `context` is given to the owner with it. */
  accept(flow: Flow, context: Context): void;
}

/** Two owners claim the same connections. */
export class DuplicateClaimError extends OperationalError {
  override name = 'DuplicateClaimError';
}

/** @throws DuplicateClaimError naming both owners and what both claim. */
export function createFront<Context>(
  claims: readonly FrontClaim<Context>[],
  devices: Pick<Devices, 'clock' | 'tls'>,
  events: FrontEvents,
): Front<Context> {
  const table = tableOf(claims);
  const handler = new Handler<Context>(devices.tls, events);
  const only = claims.length === 1 ? claims[0] : undefined;
  // TLS itself refuses names and protocols, so that a single claim costs nothing.
  if (only !== undefined && 'terminate' in only)
    return {
      table,
      accept: (flow, context) => handler.hand(only, { flow, context, leftMs: OPENING_MAX_MS }),
    };
  const openings = new Openings(table, devices.clock, events.refused);
  return {
    table,
    accept(flow, context) {
      openings.read(flow, (route, leftMs) => {
        const claim = 'claim' in route ? claims[route.claim] : undefined;
        if (claim !== undefined) return handler.hand(claim, { flow, context, leftMs });
        if ('refusal' in route) {
          refuse(flow, route.refusal, devices.clock);
          events.refused(route.refusal);
        }
      });
    },
  };
}

function tableOf(claims: readonly Claim[]): ClaimTable {
  const table = claimTable(claims);
  if (table.ok) return table.value;
  const [first, second] = table.error.owners;
  throw new DuplicateClaimError(
    `${first} and ${second} both claim ${table.error.claimed}: one of them must have another name or protocol`,
  );
}
