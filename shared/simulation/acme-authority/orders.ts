import { parseAddress } from '../../protocols/ip/address.ts';
import { base64Url, identifierKey } from './issuing.ts';
import type { Ledger } from './ledger.ts';
import { malformed, Problem } from './problem.ts';
import type { Profile } from './profiles.ts';
import { registeredDomain } from './rate-limits.ts';
import type { Account, Authorization, ChallengeType, Identifier, IssuedCertificate, Order } from './state.ts';

const DAY_MS = 86_400_000;
/** As Let's Encrypt has it. */
const ORDER_LIFETIME_MS = 7 * DAY_MS;
const PENDING_LIFETIME_MS = 7 * DAY_MS;
const TOKEN_BYTES = 32;

type Json = Readonly<Record<string, unknown>>;

/** RFC 8555 §7.4. @throws Problem */
export function createOrder(ledger: Ledger, account: Account, payload: Json, nowMs: number): Order {
  const identifiers = readIdentifiers(payload);
  const { name, profile } = chooseProfile(ledger, payload['profile'], nowMs);
  checkProfile(name, profile, identifiers);
  // RFC 8555 §7.4: an authority that will not keep to the times asked for must say so.
  if ('notBefore' in payload || 'notAfter' in payload)
    throw malformed('this authority sets the times itself');
  const replaces = readReplaced(ledger, account, payload['replaces'], identifiers);
  checkLimits(ledger, account, identifiers, { nowMs, isRenewal: replaces !== undefined });
  const order: Order = {
    id: ledger.nextId(),
    account,
    identifiers,
    profile: name,
    authorizations: identifiers.map(each => authorizationFor(ledger, account, each, { profile, nowMs })),
    createdMs: nowMs,
    expiresMs: nowMs + ORDER_LIFETIME_MS,
    ...(replaces === undefined ? {} : { replaces }),
    status: 'pending',
  };
  ledger.addOrder(order);
  if (replaces !== undefined) replaces.replacedBy = order;
  return order;
}

const DNS_NAME = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function readIdentifiers(payload: Json): Identifier[] {
  const listed = payload['identifiers'];
  if (!Array.isArray(listed) || listed.length === 0) throw malformed("an order has 'identifiers'");
  const identifiers = listed.map(each => {
    const { type, value } = each as Json;
    if (type === 'dns' && typeof value === 'string' && DNS_NAME.test(value)) return { type, value } as const;
    // RFC 8738 §3.
    if (type === 'ip' && typeof value === 'string' && parseAddress(value) !== undefined)
      return { type, value } as const;
    throw new Problem('rejectedIdentifier', 400, `${JSON.stringify(each)} is nothing to be certified`);
  });
  if (new Set(identifiers.map(({ value }) => value)).size < identifiers.length)
    throw malformed('an identifier is there twice');
  return identifiers;
}

function chooseProfile(ledger: Ledger, asked: unknown, nowMs: number): { name: string; profile: Profile } {
  const profiles = ledger.profiles(nowMs);
  const name = asked ?? Object.keys(profiles)[0];
  const profile = typeof name === 'string' && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  // draft-ietf-acme-profiles §4.
  if (profile === undefined)
    throw new Problem('invalidProfile', 400, `there is no profile ${JSON.stringify(asked)}`);
  return { name: name as string, profile };
}

function checkProfile(name: string, profile: Profile, identifiers: readonly Identifier[]): void {
  if (identifiers.length > profile.namesMax)
    throw malformed(`'${name}' takes ${profile.namesMax} identifiers`);
  if (!profile.takesAddresses && identifiers.some(({ type }) => type === 'ip'))
    throw new Problem('rejectedIdentifier', 400, `'${name}' takes no addresses`);
}

/** RFC 9773 §5: the account's own certificate, with a name in common, that nothing replaces yet. */
function readReplaced(
  ledger: Ledger,
  account: Account,
  asked: unknown,
  identifiers: readonly Identifier[],
): IssuedCertificate | undefined {
  if (asked === undefined) return undefined;
  const replaced = typeof asked === 'string' ? ledger.certificatesById.get(asked) : undefined;
  if (replaced === undefined) throw malformed("'replaces' names no certificate of this authority");
  if (replaced.account !== account) throw new Problem('unauthorized', 403, 'that certificate is not yours');
  const values = new Set(identifiers.map(({ value }) => value));
  if (!replaced.identifiers.some(({ value }) => values.has(value)))
    throw malformed('the certificate to be replaced has no name in common');
  if (replaced.replacedBy !== undefined && replaced.replacedBy.status !== 'invalid')
    throw new Problem('alreadyReplaced', 409, 'another order replaces that certificate already');
  return replaced;
}

function checkLimits(
  { limits }: Ledger,
  account: Account,
  identifiers: readonly Identifier[],
  { nowMs, isRenewal }: { nowMs: number; isRenewal: boolean },
): void {
  for (const { value } of identifiers)
    limits.check('failed validations per identifier and account', `${account.url} ${value}`, nowMs);
  // https://letsencrypt.org/docs/rate-limits/: renewals coordinated by ARI are exempt from all limits.
  if (isRenewal) return;
  limits.check('new orders per account', account.url, nowMs);
  limits.spend('new orders per account', account.url, nowMs);
  for (const domain of registeredDomains(identifiers))
    limits.check('certificates per registered domain', domain, nowMs);
  limits.check('certificates per exact set of identifiers', identifierKey(identifiers), nowMs);
}

/** What an issued certificate counts for: the same exemption as above. */
export function countCertificate({ limits }: Ledger, order: Order, nowMs: number): void {
  if (order.replaces !== undefined) return;
  for (const domain of registeredDomains(order.identifiers))
    limits.spend('certificates per registered domain', domain, nowMs);
  limits.spend('certificates per exact set of identifiers', identifierKey(order.identifiers), nowMs);
}

function registeredDomains(identifiers: readonly Identifier[]): Set<string> {
  return new Set(identifiers.map(({ value }) => registeredDomain(value)));
}

/** One that is valid still, or a new one: RFC 8555 §7.4. */
function authorizationFor(
  ledger: Ledger,
  account: Account,
  identifier: Identifier,
  { profile, nowMs }: { profile: Profile; nowMs: number },
): Authorization {
  const isWildcard = identifier.value.startsWith('*.');
  const value = isWildcard ? identifier.value.slice(2) : identifier.value;
  const known = ledger.validAuthorization(account, value, isWildcard, nowMs);
  if (known !== undefined) return known;
  const authorization: Authorization = {
    id: ledger.nextId(),
    account,
    identifier: { ...identifier, value },
    isWildcard,
    reuseMs: profile.reuseMs,
    challenges: [],
    status: 'pending',
    expiresMs: nowMs + PENDING_LIFETIME_MS,
  };
  for (const type of challengeTypes(identifier.type, isWildcard)) addChallenge(ledger, authorization, type);
  ledger.authorizations.set(authorization.id, authorization);
  return authorization;
}

/** RFC 8738 §7: no DNS for addresses. RFC 8555 §8.3 and RFC 8737 §3: nothing but DNS proves a wildcard. */
function challengeTypes(type: Identifier['type'], isWildcard: boolean): readonly ChallengeType[] {
  if (type === 'ip') return ['http-01', 'tls-alpn-01'];
  return isWildcard ? ['dns-01', 'dns-persist-01'] : ['http-01', 'tls-alpn-01', 'dns-01', 'dns-persist-01'];
}

function addChallenge(ledger: Ledger, authorization: Authorization, type: ChallengeType): void {
  // RFC 8555 §8.1: at least 128 bits.
  const token = base64Url(ledger.options.random.bytes(TOKEN_BYTES));
  const challenge = { id: ledger.nextId(), type, token, authorization, status: 'pending' } as const;
  authorization.challenges.push(challenge);
  ledger.challenges.set(challenge.id, authorization.challenges.at(-1)!);
}
