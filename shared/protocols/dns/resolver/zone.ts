import { formatName } from '../name.ts';
import type { Delegation } from './delegation.ts';

/** A zone as far as its servers can be asked and their answers be judged. */
export interface Zone {
  readonly delegation: Delegation;
  readonly trust: Trust;
}

export type Trust =
  /** Nothing of it can be proven: that is proven, or no anchor is configured. */
  | { readonly kind: 'insecure' }
  /** Its keys are to be asked for: those that one of these DS records names. */
  | { readonly kind: 'keyless'; readonly ds: readonly Uint8Array[] }
  /** The data of its DNSKEY records. */
  | { readonly kind: 'keys'; readonly dnskeys: readonly Uint8Array[] };

export const INSECURE: Trust = { kind: 'insecure' };

export function formatZone({ delegation }: Zone): string {
  return delegation.apex.length === 0 ? 'the root zone' : `the zone ${formatName(delegation.apex)}`;
}
