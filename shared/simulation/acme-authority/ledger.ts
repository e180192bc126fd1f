import type { AuthorityOptions } from './options.ts';
import { problemDocument, type ProblemDocument } from './problem.ts';
import { letsEncryptProfiles, type Profiles } from './profiles.ts';
import { RateLimits } from './rate-limits.ts';
import type { Account, Authorization, Challenge, IssuedCertificate, Order } from './state.ts';

/** All that an authority remembers. */
export class Ledger {
  readonly options: AuthorityOptions;
  readonly limits = new RateLimits();
  readonly accounts = new Map<string, Account>();
  readonly accountsByThumbprint = new Map<string, Account>();
  readonly orders = new Map<string, Order>();
  readonly authorizations = new Map<string, Authorization>();
  readonly challenges = new Map<string, Challenge>();
  readonly certificates = new Map<string, IssuedCertificate>();
  readonly certificatesById = new Map<string, IssuedCertificate>();
  #ids = 0;

  constructor(options: AuthorityOptions) {
    this.options = options;
  }

  nextId(): string {
    return String(++this.#ids);
  }

  profiles(nowMs: number): Profiles {
    return (this.options.profiles ?? letsEncryptProfiles)(nowMs);
  }

  validAuthorization(
    account: Account,
    value: string,
    isWildcard: boolean,
    nowMs: number,
  ): Authorization | undefined {
    // The newest are the ones that may still be good.
    return [...this.authorizations.values()].findLast(
      each =>
        each.account === account &&
        each.status === 'valid' &&
        each.identifier.value === value &&
        each.isWildcard === isWildcard &&
        nowMs < each.expiresMs,
    );
  }

  /** RFC 8555 §7.1.6: what time and validations have made of the order. */
  refresh(order: Order, nowMs: number): Order {
    const { authorizations } = order;
    if (order.status === 'pending' || order.status === 'ready') {
      const failed = authorizations.find(({ status }) => status === 'invalid');
      if (failed !== undefined) fail(order, failureOf(failed));
      else if (nowMs >= order.expiresMs)
        fail(order, problemDocument('malformed', 400, 'the order has expired'));
      else if (authorizations.every(each => each.status === 'valid' && nowMs < each.expiresMs))
        order.status = 'ready';
    }
    if (order.status === 'processing' && nowMs >= (order.readyAtMs ?? Infinity)) order.status = 'valid';
    return order;
  }
}

function fail(order: Order, error: ProblemDocument): void {
  order.status = 'invalid';
  order.error = error;
}

function failureOf({ challenges, identifier }: Authorization): ProblemDocument {
  const error = challenges.find(({ error }) => error !== undefined)?.error;
  return error ?? problemDocument('unauthorized', 403, `${identifier.value} was not validated`);
}
