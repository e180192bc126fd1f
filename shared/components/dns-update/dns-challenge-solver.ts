/** The TXT record that proves control of a name by DNS: RFC 8555 §8.4. */
export interface ChallengeRecord {
  /** The whole owner name, `_acme-challenge.example.org`, without a final dot. */
  readonly name: string;
  readonly value: string;
}

/** Puts challenge records into a zone and takes them out again. Both calls may be repeated, also after a restart. */
export interface DnsChallengeSolver {
  /**
   * Adds the value beside those that others put there, and resolves when every authoritative server of the zone shows it.
   * @throws DnsUpdateError; the signal's reason when aborted.
   */
  present(record: ChallengeRecord, signal?: AbortSignal): Promise<void>;

  /** Removes exactly that value; an absent one is fine. @throws DnsUpdateError; the signal's reason when aborted. */
  remove(record: ChallengeRecord, signal?: AbortSignal): Promise<void>;
}
