import type { Account, Authorization, Challenge, Order } from './state.ts';
import { formatTimestamp } from './timestamp.ts';

/** The objects of RFC 8555 §7.1 as clients see them. */
export interface ViewContext {
  readonly baseUrl: string;
  readonly issuerDomain: string;
}

export function viewAccount({ status, contact, url }: Account): object {
  return { status, contact, orders: `${url}/orders` };
}

export function viewOrder(order: Order, { baseUrl }: ViewContext): object {
  const url = `${baseUrl}/order/${order.id}`;
  const { status, certificate, error } = order;
  return {
    status,
    expires: formatTimestamp(order.expiresMs),
    identifiers: order.identifiers,
    profile: order.profile,
    ...(order.replaces === undefined ? {} : { replaces: order.replaces.certificateId }),
    authorizations: order.authorizations.map(({ id }) => `${baseUrl}/authorization/${id}`),
    finalize: `${url}/finalize`,
    ...(status === 'valid' ? { certificate: `${baseUrl}/certificate/${certificate?.serial}` } : {}),
    ...(error === undefined ? {} : { error }),
  };
}

export function viewAuthorization(authorization: Authorization, context: ViewContext): object {
  const { status, expiresMs, identifier, isWildcard, challenges } = authorization;
  // RFC 8555 §7.1.4: what led nowhere is left out once the authorization is decided.
  const shown = status === 'pending' ? challenges : challenges.filter(each => each.status !== 'pending');
  return {
    status,
    expires: formatTimestamp(expiresMs),
    identifier,
    ...(isWildcard ? { wildcard: true } : {}),
    challenges: shown.map(challenge => viewChallenge(challenge, context)),
  };
}

export function viewChallenge(challenge: Challenge, { baseUrl, issuerDomain }: ViewContext): object {
  const { id, type, status, token, validatedMs, error } = challenge;
  return {
    type,
    url: `${baseUrl}/challenge/${id}`,
    status,
    // draft-ietf-acme-dns-persist §3: no token, but the names that may stand in the record.
    ...(type === 'dns-persist-01' ? { 'issuer-domain-names': [issuerDomain] } : { token }),
    ...(validatedMs === undefined ? {} : { validated: formatTimestamp(validatedMs) }),
    ...(error === undefined ? {} : { error }),
  };
}
