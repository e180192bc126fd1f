/**
 * One certificate from first request to last (RFC 8555 §7.4), as a fold over events: `step` takes what happened and gives the
 * one thing to do next. What the authority says an order's state is decides, so a run that begins anew over a stored order
 * goes on wherever the last one stopped.
 */
import type { ChallengeType, Proof } from './challenge.ts';
import { readNonce, readRetryAfterMs, type AcmeAnswer, type AcmeRequest } from './exchange.ts';
import { failedBy, type Failure } from './failure.ts';
import type { Identifier } from './identifier.ts';
import type { AcmeSigner, ExternalAccount } from './jws.ts';
import type { Authorization, Directory, Order } from './objects.ts';
import { plan } from './order-plan.ts';
import { takeAnswer, takeNotReady, takeTold } from './order-answers.ts';
import { decodeProblem, type Problem } from './problem.ts';

/** What stays the same for a whole run. */
export interface OrderTerms {
  readonly directory: Directory;
  readonly identifiers: readonly Identifier[];
  /** The certification request (RFC 2986), DER. */
  readonly csr: Uint8Array;
  /** Asked for where the authority offers it. */
  readonly profile?: string;
  /** RFC 9773 §5: the certificate that this one takes the place of. */
  readonly replaces?: string;
  /** How names can be proved here, the preferred way first. */
  readonly challengeTypes: readonly ChallengeType[];
  /** `mailto:` URLs (RFC 8555 §7.3). */
  readonly contacts: readonly string[];
  readonly externalAccount?: ExternalAccount;
}

/** What must survive a restart, so that the same order goes on and no other is made. */
export interface OrderMemory {
  readonly accountUrl?: string;
  /** An order was, or may have been, asked for: after a restart it is looked for before another one is made. */
  readonly ordering?: boolean;
  readonly orderUrl?: string;
}

export type Purpose =
  | 'nonce'
  | 'newAccount'
  | 'account'
  | 'orders'
  | 'candidate'
  | 'newOrder'
  | 'order'
  | 'authorization'
  | 'challenge'
  | 'finalize'
  | 'certificate';

export interface Asked {
  readonly purpose: Purpose;
  readonly url: string;
}

export interface OrderRun {
  readonly terms: OrderTerms;
  readonly memory: OrderMemory;
  /** What `memory` was when it was last stored. */
  readonly stored: OrderMemory;
  readonly nonce?: string;
  /** Orders of the account that may be the one that was asked for before a restart; undefined while not yet asked. */
  readonly candidates?: readonly string[];
  readonly ordersUrl?: string;
  readonly order?: Order;
  readonly authorizations: ReadonlyMap<string, Authorization>;
  /** URLs of challenges whose proof is in place, and of those that the authority was told of. */
  readonly inPlace: ReadonlySet<string>;
  readonly told: ReadonlySet<string>;
  /** Fields of newOrder that this authority refused. */
  readonly refused: ReadonlySet<'profile' | 'replaces'>;
  readonly certificatePem?: string;
  readonly failure?: Failure;
  /** The request that waits for its answer. */
  readonly asked?: Asked;
  /** The wait before the same thing is asked again. */
  readonly pauseMs?: number;
  readonly counts: RunCounts;
}

/** Everything that could go on for ever is counted. */
export interface RunCounts {
  readonly badNonces: number;
  /** Requests in a row that got no usable answer. */
  readonly troubles: number;
  readonly accounts: number;
  /** Time spent in waiting, and polls of one state in a row. */
  readonly waitedMs: number;
  readonly polls: number;
}

export type OrderEvent =
  | { readonly kind: 'begin' }
  | { readonly kind: 'answer'; readonly answer: AcmeAnswer }
  /** No answer came: `reason` is a sentence for people. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'saved' }
  | { readonly kind: 'inPlace' }
  | { readonly kind: 'notInPlace'; readonly reason: string }
  | { readonly kind: 'waited' };

export type OrderAction =
  | { readonly kind: 'send'; readonly request: AcmeRequest }
  /** Store it durably, then say `saved`. */
  | { readonly kind: 'save'; readonly memory: OrderMemory }
  /** Put the proofs where the authority will look, then say `inPlace`. */
  | { readonly kind: 'prove'; readonly proofs: readonly Proof[] }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'done'; readonly certificatePem: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface OrderStep {
  readonly run: OrderRun;
  readonly action: OrderAction;
}

/** An authority that refuses 15 of 100 nonces refuses 20 in a row once in 10^16 requests. */
const BAD_NONCES_MAX = 20;
/** A request is repeated so often before the run ends; the scheduler then has longer pauses. */
const TROUBLES_MAX = 3;
const TROUBLE_PAUSE_MS = 3_000;
/** An authority that asks for more patience than this within a run is come back to later. */
const RETRY_AFTER_IN_RUN_MAX_MS = 30_000;

export function beginOrder(terms: OrderTerms, memory: OrderMemory): OrderRun {
  return {
    terms,
    memory,
    stored: memory,
    authorizations: new Map(),
    inPlace: new Set(),
    told: new Set(),
    refused: new Set(),
    counts: { badNonces: 0, troubles: 0, accounts: 0, waitedMs: 0, polls: 0 },
  };
}

/** Never throws on anything that an authority sends. */
export function step(run: OrderRun, event: OrderEvent, signer: AcmeSigner): OrderStep {
  return plan(take(run, event), signer);
}

function take(run: OrderRun, event: OrderEvent): OrderRun {
  switch (event.kind) {
    case 'begin':
      return run;
    case 'saved':
      return { ...run, stored: run.memory };
    case 'waited': {
      const { pauseMs: _over, ...rest } = run;
      return rest;
    }
    case 'inPlace':
      return { ...run, inPlace: new Set(openChallenges(run)) };
    case 'notInPlace':
      return failedBy(run, { kind: 'proof', reason: event.reason });
    case 'unreachable':
      return trouble(answered(run), event.reason, undefined);
    case 'answer':
      return handleAnswer(run, event.answer);
  }
}

/** The challenges of every authorization that is still open: their proofs were all asked for together. */
function openChallenges(run: OrderRun): string[] {
  return [...run.authorizations.values()]
    .filter(({ status }) => status === 'pending')
    .flatMap(({ challenges }) => challenges.map(({ url }) => url));
}

function handleAnswer(run: OrderRun, answer: AcmeAnswer): OrderRun {
  const nonce = readNonce(answer);
  const { nonce: _used, ...unused } = answered(run);
  // RFC 8555 §6.5: every answer may bring the nonce for the next request; one that was used is never used again.
  const next: OrderRun = nonce === undefined ? unused : { ...unused, nonce };
  const { asked } = run;
  if (asked === undefined) return next;
  if (answer.status >= 200 && answer.status < 300) {
    // A nonce is had easily; only what it was for shows that the authority is well.
    const counts = asked.purpose === 'nonce' ? next.counts : { ...next.counts, badNonces: 0, troubles: 0 };
    return takeAnswer({ ...next, counts }, asked, answer);
  }
  return handleRefusal(next, asked, answer);
}

function handleRefusal(run: OrderRun, asked: Asked, answer: AcmeAnswer): OrderRun {
  const problem = decodeProblem(answer.status, answer.body);
  const retryAfterMs = readRetryAfterMs(answer);
  switch (problem.type) {
    // RFC 8555 §6.5: the answer brought a fresh nonce, with which the same request is tried again.
    case 'badNonce':
      return run.counts.badNonces < BAD_NONCES_MAX
        ? { ...run, counts: { ...run.counts, badNonces: run.counts.badNonces + 1 } }
        : failedBy(run, { kind: 'unreachable', reason: 'it takes no nonce' });
    // The authority has forgotten the account, as a test authority does at its restart; its orders are gone as well.
    case 'accountDoesNotExist':
      return run.counts.accounts === 0 && asked.purpose !== 'newAccount'
        ? withoutAccount(run)
        : failedBy(run, { kind: 'refused', problem });
    // RFC 9773 §5: the certificate was replaced already; an order without the field is an ordinary one.
    case 'alreadyReplaced':
      return { ...run, refused: new Set([...run.refused, 'replaces']) };
    // draft-aaron-acme-profiles §4.
    case 'invalidProfile':
      return { ...run, refused: new Set([...run.refused, 'profile']) };
    case 'rateLimited':
      return failedBy(run, {
        kind: 'rateLimited',
        problem,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
  }
  if (answer.status >= 500 || answer.status === 429) return trouble(run, problem.detail, retryAfterMs);
  return handleDenial(run, asked, answer, problem);
}

/** A refusal (4xx) whose meaning depends on what was asked. */
function handleDenial(run: OrderRun, asked: Asked, answer: AcmeAnswer, problem: Problem): OrderRun {
  switch (asked.purpose) {
    // Looking for an order is a courtesy: an authority that has no such list is not asked again.
    case 'account':
    case 'orders':
      return { ...run, candidates: [] };
    case 'candidate':
      return { ...run, candidates: (run.candidates ?? []).slice(1) };
    // RFC 8555 §7.5.1: it was told before a restart, and has decided meanwhile; its authorization says how.
    case 'challenge':
      return takeTold(run, asked.url, answer);
    case 'finalize':
      return problem.type === 'orderNotReady'
        ? takeNotReady(run, answer)
        : failedBy(run, { kind: 'refused', problem });
    case 'newOrder':
      return run.terms.replaces !== undefined && !run.refused.has('replaces')
        ? { ...run, refused: new Set([...run.refused, 'replaces']) }
        : failedBy(run, { kind: 'refused', problem });
    case 'order':
      return failedBy(run, {
        kind: answer.status === 404 || answer.status === 410 ? 'orderLost' : 'refused',
        problem,
      });
    default:
      return failedBy(run, { kind: 'refused', problem });
  }
}

/** No usable answer: the same is tried a few times, as long as the authority does not ask for more patience. */
function trouble(run: OrderRun, reason: string, retryAfterMs: number | undefined): OrderRun {
  const { troubles, waitedMs } = run.counts;
  const pauseMs = retryAfterMs ?? TROUBLE_PAUSE_MS * 2 ** troubles;
  if (troubles >= TROUBLES_MAX || pauseMs > RETRY_AFTER_IN_RUN_MAX_MS)
    return failedBy(run, {
      kind: 'unreachable',
      reason,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  // Whether newOrder had its effect is not known: then the order is looked for, as after a restart.
  const { candidates: _old, ...again } = run;
  const counts = { ...run.counts, troubles: troubles + 1, waitedMs: waitedMs + pauseMs };
  return { ...again, pauseMs, counts };
}

function withoutAccount(run: OrderRun): OrderRun {
  const { order: _order, candidates: _candidates, ordersUrl: _orders, ...rest } = run;
  return {
    ...rest,
    memory: {},
    authorizations: new Map(),
    counts: { ...run.counts, accounts: run.counts.accounts + 1 },
  };
}

function answered(run: OrderRun): OrderRun {
  const { asked: _asked, ...rest } = run;
  return rest;
}
