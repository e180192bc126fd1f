import { describeProblem, type Problem } from './problem.ts';
import type { OrderRun } from './order-run.ts';

/** Why a run ended without a certificate. */
export type Failure =
  /** The authority cannot be reached or has trouble of its own. The order, if there is one, waits. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: 'rateLimited'; readonly problem: Problem; readonly retryAfterMs?: number }
  /** It refused a request: the same request again will hardly please it. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** It did not find a proof: the order is over. */
  | { readonly kind: 'validation'; readonly problems: readonly Problem[] }
  /** The proof could not be put in place; the authority was not told. */
  | { readonly kind: 'proof'; readonly reason: string }
  /** No way to prove that both sides know. */
  | { readonly kind: 'noChallenge'; readonly reason: string }
  /** The stored order is over or unknown. */
  | { readonly kind: 'orderLost'; readonly problem: Problem }
  /** The order did not come to its end in time; it waits. */
  | { readonly kind: 'stuck'; readonly reason: string }
  /** An answer that is not what RFC 8555 says. */
  | { readonly kind: 'malformed'; readonly reason: string };

export function failedBy(run: OrderRun, failure: Failure): OrderRun {
  return { ...run, failure };
}

/** Whether the order is over, so that the next attempt must make another one. */
export function endsOrder({ kind }: Failure): boolean {
  return kind === 'validation' || kind === 'orderLost' || kind === 'refused' || kind === 'noChallenge';
}

/** A sentence for people, without its full stop. */
export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case 'unreachable':
      return `the authority cannot be reached: ${failure.reason}`;
    case 'rateLimited':
      return `the authority asks for patience: ${describeProblem(failure.problem)}`;
    case 'refused':
      return `the authority refuses: ${describeProblem(failure.problem)}`;
    case 'validation':
      return `the authority could not check that the names are yours: ${failure.problems.map(describeProblem).join('; ')}`;
    case 'proof':
      return `the proof could not be put in place: ${failure.reason}`;
    case 'noChallenge':
      return failure.reason;
    case 'orderLost':
      return `the authority does not know the order any more: ${describeProblem(failure.problem)}`;
    case 'stuck':
      return failure.reason;
    case 'malformed':
      return `the authority answers with something that is no ACME: ${failure.reason}`;
  }
}
