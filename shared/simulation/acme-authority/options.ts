import type { KeyObject } from 'node:crypto';
import type { Profiles } from './profiles.ts';
import type { ExternalAccountKey } from './signed-request.ts';

/** Chance, as the world deals it out. */
export interface Chance {
  bytes(count: number): Uint8Array;
  chance(probability: number): boolean;
}

export interface AuthorityOptions {
  /** `https://` and host, without a slash at its end. */
  readonly baseUrl: string;
  readonly name: string;
  /** Signs everything: Ed25519 where the same seed must give the same bytes. */
  readonly key: KeyObject;
  readonly random: Chance;
  /** What it offers at a time; the first is the default. Let's Encrypt's where absent. */
  readonly profiles?: (nowMs: number) => Profiles;
  /** How often a good nonce is refused, 0 to 1: clients must take it (RFC 8555 §6.5). */
  readonly nonceRejection?: number;
  /** Present: a binding to one of these is wanted. */
  readonly externalAccounts?: readonly ExternalAccountKey[];
  /** Between two looks at a renewal window; the default is 6 h, as Let's Encrypt says. */
  readonly renewalRetryAfterMs?: number;
  /** How long a certificate is in the making; the default is none. */
  readonly issueDelayMs?: number;
  /** Kinds of keys that are certified; the default is those of public authorities. */
  readonly keyTypes?: readonly string[];
}
