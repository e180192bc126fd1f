import type { Identifier } from './identifier.ts';
import { isObject, readArray, readString, readUrl, readUrls } from './json.ts';
import { readIdentifier, readProblem, type Problem } from './problem.ts';

/** RFC 8555 §7.1.1: where to send what. */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** RFC 9773 §3: where to ask when to renew. */
  readonly renewalInfo?: string;
  /** Names of the profiles that may be asked for (draft-aaron-acme-profiles §3). */
  readonly profiles: readonly string[];
  readonly externalAccountRequired: boolean;
  /** The names by which CAA records mean this authority (RFC 8555 §7.1.1, RFC 8659 §4.2). */
  readonly caaIdentities: readonly string[];
}

export type OrderStatus = 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';

/** RFC 8555 §7.1.3. */
export interface Order {
  readonly status: OrderStatus;
  readonly identifiers: readonly Identifier[];
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: Problem;
}

/** RFC 8555 §7.1.4. */
export interface Authorization {
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  /** For a wildcard: the name without `*.`. */
  readonly identifier: Identifier;
  readonly wildcard: boolean;
  readonly challenges: readonly Challenge[];
}

/** RFC 8555 §8. */
export interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly status: 'pending' | 'processing' | 'valid' | 'invalid';
  /** Absent in dns-persist-01, which proves nothing fresh. */
  readonly token?: string;
  /** dns-persist-01: the names of the authority, one of which stands in the record. */
  readonly issuerDomainNames: readonly string[];
  readonly error?: Problem;
}

export function readDirectory(value: unknown): Directory | undefined {
  if (!isObject(value)) return undefined;
  const newNonce = readUrl(value, 'newNonce');
  const newAccount = readUrl(value, 'newAccount');
  const newOrder = readUrl(value, 'newOrder');
  if (newNonce === undefined || newAccount === undefined || newOrder === undefined) return undefined;
  const renewalInfo = readUrl(value, 'renewalInfo');
  const meta = isObject(value['meta']) ? value['meta'] : {};
  return {
    newNonce,
    newAccount,
    newOrder,
    ...(renewalInfo === undefined ? {} : { renewalInfo }),
    profiles: isObject(meta['profiles']) ? Object.keys(meta['profiles']) : [],
    externalAccountRequired: meta['externalAccountRequired'] === true,
    caaIdentities: strings(readArray(meta, 'caaIdentities')),
  };
}

const ORDER_STATUSES: readonly string[] = ['pending', 'ready', 'processing', 'valid', 'invalid'];

export function readOrder(value: unknown): Order | undefined {
  if (!isObject(value)) return undefined;
  const status = readString(value, 'status');
  const finalize = readUrl(value, 'finalize');
  if (status === undefined || !ORDER_STATUSES.includes(status) || finalize === undefined) return undefined;
  const certificate = readUrl(value, 'certificate');
  const error = readProblem(value['error']);
  return {
    status: status as OrderStatus,
    identifiers: readArray(value, 'identifiers').flatMap(each => readIdentifier(each) ?? []),
    authorizations: readUrls(value, 'authorizations'),
    finalize,
    ...(certificate === undefined ? {} : { certificate }),
    ...(error === undefined ? {} : { error }),
  };
}

const AUTHORIZATION_STATUSES: readonly string[] = [
  'pending',
  'valid',
  'invalid',
  'deactivated',
  'expired',
  'revoked',
];

export function readAuthorization(value: unknown): Authorization | undefined {
  if (!isObject(value)) return undefined;
  const status = readString(value, 'status');
  const identifier = readIdentifier(value['identifier']);
  if (status === undefined || !AUTHORIZATION_STATUSES.includes(status) || identifier === undefined)
    return undefined;
  return {
    status: status as Authorization['status'],
    identifier,
    wildcard: value['wildcard'] === true,
    challenges: readArray(value, 'challenges').flatMap(each => readChallenge(each) ?? []),
  };
}

const CHALLENGE_STATUSES: readonly string[] = ['pending', 'processing', 'valid', 'invalid'];
// RFC 8555 §8.3: a token has at least 128 bits of base64url and no other characters; it becomes a path and a file name.
const TOKEN = /^[A-Za-z0-9_-]{1,256}$/;

function readChallenge(value: unknown): Challenge | undefined {
  if (!isObject(value)) return undefined;
  const type = readString(value, 'type');
  const url = readUrl(value, 'url');
  const status = readString(value, 'status') ?? 'pending';
  if (type === undefined || url === undefined || !CHALLENGE_STATUSES.includes(status)) return undefined;
  const token = readString(value, 'token');
  const error = readProblem(value['error']);
  return {
    type,
    url,
    status: status as Challenge['status'],
    ...(token !== undefined && TOKEN.test(token) ? { token } : {}),
    issuerDomainNames: strings(readArray(value, 'issuer-domain-names')),
    ...(error === undefined ? {} : { error }),
  };
}

function strings(values: readonly unknown[]): string[] {
  return values.filter(value => typeof value === 'string');
}
