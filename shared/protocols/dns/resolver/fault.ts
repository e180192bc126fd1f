/** RFC 8914 §4: why there is no answer, by IANA's number; those that this resolver tells. */
export const EDE = {
  OTHER: 0,
  DNSSEC_BOGUS: 6,
  SIGNATURE_EXPIRED: 7,
  SIGNATURE_NOT_YET_VALID: 8,
  DNSKEY_MISSING: 9,
  RRSIGS_MISSING: 10,
  NSEC_MISSING: 12,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
} as const;

/** Why a question has no answer: the rcode is SERVFAIL for all of them. */
export interface Fault {
  /** {@link EDE} */
  readonly code: number;
  /** A sentence for people, which names the zone or server. */
  readonly text: string;
}

export function fault(code: number, text: string): Fault {
  return { code, text };
}
