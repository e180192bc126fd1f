import type { Endpoint } from '../../../devices/tcp.ts';
import type { Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { Cache } from './cache.ts';
import { Delegations, forwarders, rootHints } from './delegation.ts';
import { Draw } from './draw.ts';
import type { Fault } from './fault.ts';
import type { Fetch } from './fetch.ts';
import { CACHE_MAX_BYTES, UNPROVED_MAX_BYTES } from './limits.ts';
import { outcomeBytes, unprovedBytes, type Outcome, type Unproved } from './outcome.ts';
import type { RootServer, TrustAnchor } from './root.ts';
import { ServerMemory } from './server-memory.ts';

export interface ResolverSettings {
  /** Resolvers that are asked about everything; absent: the root's servers are, and whom they refer to. */
  readonly forwarders?: readonly Endpoint[];
  readonly rootServers: readonly RootServer[];
  /** Without one for the root, or for a zone above a name, nothing of that name is secure. */
  readonly anchors: readonly TrustAnchor[];
  /** Where servers listen whose names or addresses are learnt: 53. */
  readonly port: number;
  /** A or AAAA, in the order in which they are looked up for servers; the second only where there is none of the first. */
  readonly addressTypes: readonly number[];
  /** 32 unpredictable bytes, from which ids and letter cases are drawn. */
  readonly seed: Uint8Array;
}

export interface Moment {
  /** For waiting and for TTLs: never jumps. */
  readonly monotonicMs: number;
  /** For the validity of signatures: Unix time. */
  readonly wallMs: number;
}

/** A question that waits for its answer, with what it may still spend. */
export interface OpenQuestion {
  readonly number: number;
  readonly name: Name;
  readonly type: number;
  readonly startedMs: number;
  readonly deadlineMs: number;
  queriesLeft: number;
  verificationsLeft: number;
  doubtsLeft: number;
  /** Keys of fetches. */
  waitingFor: ReadonlySet<string>;
}

export type Resolution =
  | {
      readonly kind: 'answered';
      /** The CNAMEs that were followed, in their order. */
      readonly aliases: readonly RRset[];
      /** Of the name at their end; undefined where it has none of the type. */
      readonly rrset: RRset | undefined;
      /** Whether that name exists. */
      readonly exists: boolean;
      /** All of it is proven up to a trust anchor. */
      readonly secure: boolean;
      readonly ttlSeconds: number;
    }
  /** SERVFAIL, and why. */
  | { readonly kind: 'failed'; readonly fault: Fault }
  | { readonly kind: 'timed-out'; readonly fault: Fault };

/** All that the resolver knows. {@link step} changes it in place: a cache is not copied for each datagram. */
export interface ResolverState {
  readonly settings: ResolverSettings;
  readonly cache: Cache<Outcome>;
  /** Answers that are not proven yet: of use to the questions that are open. */
  readonly unproved: Cache<Unproved>;
  readonly delegations: Delegations;
  readonly servers: ServerMemory;
  readonly draw: Draw;
  readonly questions: Map<number, OpenQuestion>;
  readonly fetches: Map<string, Fetch>;
  /** The fetch that each open query is for. */
  readonly queries: Map<number, Fetch>;
  nextQuery: number;
}

export function createResolverState(settings: ResolverSettings): ResolverState {
  const root =
    settings.forwarders === undefined
      ? rootHints(settings.rootServers, settings.port)
      : forwarders(settings.forwarders);
  return {
    settings,
    cache: new Cache(CACHE_MAX_BYTES, outcomeBytes),
    unproved: new Cache(UNPROVED_MAX_BYTES, unprovedBytes),
    delegations: new Delegations(root),
    servers: new ServerMemory(),
    draw: new Draw(settings.seed),
    questions: new Map(),
    fetches: new Map(),
    queries: new Map(),
    nextQuery: 1,
  };
}
