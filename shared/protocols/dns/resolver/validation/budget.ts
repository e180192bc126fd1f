import {
  HASH_ROUNDS_PER_MESSAGE_MAX,
  VERIFICATIONS_PER_MESSAGE_MAX,
  VERIFICATIONS_PER_RRSET_MAX,
} from '../limits.ts';

/** What may still be spent on one message, so that nobody makes validating dear: CVE-2023-50387 and CVE-2023-50868. */
export class Budget {
  #verifications: number;
  #hashRounds = HASH_ROUNDS_PER_MESSAGE_MAX;
  #spent = 0;

  /** `verifications`: what the question has left. */
  constructor(verifications: number) {
    this.#verifications = Math.min(verifications, VERIFICATIONS_PER_MESSAGE_MAX);
  }

  /** Signatures looked at. */
  get spent(): number {
    return this.#spent;
  }

  /** Whether one more signature may be looked at, the `tried`th of its set. */
  mayVerify(tried: number): boolean {
    if (this.#verifications <= 0 || tried >= VERIFICATIONS_PER_RRSET_MAX) return false;
    this.#verifications--;
    this.#spent++;
    return true;
  }

  mayHash(rounds: number): boolean {
    this.#hashRounds -= rounds;
    return this.#hashRounds >= 0;
  }
}
