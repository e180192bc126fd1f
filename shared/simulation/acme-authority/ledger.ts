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
  readonly orders: Order[] = [];
  readonly ordersById = new Map<string, Order>();
  readonly authorizations = new Map<string, Authorization>();
  readonly challenges = new Map<string, Challenge>();
  readonly certificates: IssuedCertificate[] = [];
  readonly certificatesBySerial = new Map<string, IssuedCertificate>();
  readonly certificatesById = new Map<string, IssuedCertificate>();
  /** The newest of each account and identifier. */
  readonly #valid = new Map<string, Authorization>();
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

  addOrder(order: Order): void {
    this.orders.push(order);
    this.ordersById.set(order.id, order);
  }

  addCertificate(certificate: IssuedCertificate): void {
    this.certificates.push(certificate);
    this.certificatesBySerial.set(certificate.serial, certificate);
    this.certificatesById.set(certificate.certificateId, certificate);
  }

  noteValid(authorization: Authorization): void {
    const { account, identifier, isWildcard } = authorization;
    this.#valid.set(validKey(account, identifier.value, isWildcard), authorization);
  }

  /** One that serves for a further order: RFC 8555 §7.4 lets an authority reuse what it has validated. */
  validAuthorization(
    account: Account,
    value: string,
    isWildcard: boolean,
    nowMs: number,
  ): Authorization | undefined {
    const found = this.#valid.get(validKey(account, value, isWildcard));
    return found !== undefined && nowMs < found.expiresMs ? found : undefined;
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

function validKey({ url }: Account, value: string, isWildcard: boolean): string {
  return `${url} ${value} ${isWildcard}`;
}

function fail(order: Order, error: ProblemDocument): void {
  order.status = 'invalid';
  order.error = error;
}

function failureOf({ challenges, identifier }: Authorization): ProblemDocument {
  const error = challenges.find(({ error }) => error !== undefined)?.error;
  return error ?? problemDocument('unauthorized', 403, `${identifier.value} was not validated`);
}
