import type { KeyObject } from 'node:crypto';
import type { ProblemDocument } from './problem.ts';

export interface Identifier {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

export interface Account {
  readonly url: string;
  readonly key: KeyObject;
  readonly thumbprint: string;
  status: 'valid' | 'deactivated';
  contact: readonly string[];
}

export type ChallengeType = 'http-01' | 'tls-alpn-01' | 'dns-01' | 'dns-persist-01';

export interface Challenge {
  readonly id: string;
  readonly type: ChallengeType;
  readonly token: string;
  readonly authorization: Authorization;
  status: 'pending' | 'processing' | 'valid' | 'invalid';
  validatedMs?: number;
  error?: ProblemDocument;
}

export interface Authorization {
  readonly id: string;
  readonly account: Account;
  /** For a wildcard the name without `*.`: RFC 8555 §7.1.4. */
  readonly identifier: Identifier;
  readonly isWildcard: boolean;
  readonly reuseMs: number;
  readonly challenges: Challenge[];
  status: 'pending' | 'valid' | 'invalid';
  expiresMs: number;
}

export interface Order {
  readonly id: string;
  readonly account: Account;
  readonly identifiers: readonly Identifier[];
  readonly profile: string;
  readonly authorizations: readonly Authorization[];
  readonly createdMs: number;
  readonly expiresMs: number;
  /** RFC 9773 §5: the certificate that this one takes the place of. */
  readonly replaces?: IssuedCertificate;
  status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  error?: ProblemDocument;
  /** A certificate that is being made, and when it will be there. */
  certificate?: IssuedCertificate;
  readyAtMs?: number;
}

export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

export interface IssuedCertificate {
  readonly serial: string;
  /** RFC 9773 §4.1. */
  readonly certificateId: string;
  readonly account: Account;
  readonly identifiers: readonly Identifier[];
  readonly profile: string;
  readonly issuedMs: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly chainPem: string;
  /** Where the authority wants another window than the usual one. */
  movedWindow?: TimeWindow;
  replacedBy?: Order;
  revokedMs?: number;
}
