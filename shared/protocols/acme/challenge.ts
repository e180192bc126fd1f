import { createHash } from 'node:crypto';
import type { Identifier } from './identifier.ts';
import type { Authorization, Challenge } from './objects.ts';

export type ChallengeType = 'http-01' | 'tls-alpn-01' | 'dns-01' | 'dns-persist-01';

/** A proof to be put in place before the authority is told to look. */
export interface Proof {
  readonly type: ChallengeType;
  /** For a wildcard: the name without `*.`. */
  readonly identifier: Identifier;
  readonly token: string;
  /** RFC 8555 §8.1: `token.thumbprint`; empty for dns-persist-01, which has no token. */
  readonly keyAuthorization: string;
  /** dns-persist-01: the text of the standing record. */
  readonly persistentRecord?: string;
}

/** The challenge to answer: the first of `types` that the authority offers, unless one was answered already. */
export function chooseChallenge(
  authorization: Authorization,
  types: readonly ChallengeType[],
): (Challenge & { readonly type: ChallengeType }) | undefined {
  const known = authorization.challenges.filter(isKnown).filter(isAnswerable);
  // An authority takes one challenge of an authorization: one that is under way since before a restart is gone on with.
  const underWay = known.find(({ status }) => status === 'processing');
  return (
    underWay ?? types.map(type => known.find(each => each.type === type)).find(each => each !== undefined)
  );
}

/** RFC 8555 §8.1. */
export function keyAuthorizationOf(token: string, thumbprint: string): string {
  return `${token}.${thumbprint}`;
}

/** RFC 8555 §8.4: the text of the TXT record at `_acme-challenge.<name>`. */
export function dnsChallengeValue(keyAuthorization: string): string {
  return createHash('sha256').update(keyAuthorization).digest('base64url');
}

/**
 * The text of the standing record at `_validation-persist.<name>` (draft-ietf-acme-dns-persist §3.1), in the form of a
 * CAA issue-value; `policy=wildcard` lets it stand for names below, too.
 */
export function persistentRecord(issuerDomainName: string, accountUrl: string, wildcard: boolean): string {
  return `${issuerDomainName}; accounturi=${accountUrl}${wildcard ? '; policy=wildcard' : ''}`;
}

export const DNS_CHALLENGE_LABEL = '_acme-challenge';
export const PERSISTENT_LABEL = '_validation-persist';

const TYPES: readonly string[] = ['http-01', 'tls-alpn-01', 'dns-01', 'dns-persist-01'];

function isKnown(challenge: Challenge): challenge is Challenge & { readonly type: ChallengeType } {
  return TYPES.includes(challenge.type);
}

function isAnswerable({ type, token, issuerDomainNames }: Challenge): boolean {
  return type === 'dns-persist-01' ? issuerDomainNames.length > 0 : token !== undefined;
}
