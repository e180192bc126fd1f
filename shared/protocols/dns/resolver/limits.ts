// Specification constants.

/** RFC 9156 §2.3: MAX_MINIMISE_COUNT and MINIMISE_ONE_LAB. */
export const MINIMISE_MAX = 10;
export const MINIMISE_ONE_LABEL = 4;

/** RFC 2308 §5: one to three hours have been found to work well as the longest time for what is not there. */
export const NEGATIVE_TTL_MAX_SECONDS: number = 3 * 60 * 60;

/** RFC 9520 §3.2: failures are kept for at least a second, for longer as they repeat, and MUST NOT be kept for more than five minutes. */
export const FAILURE_MIN_MS = 5_000;
export const FAILURE_MAX_MS: number = 5 * 60 * 1_000;

/** RFC 9276 §3.2: what asks for more iterations may be treated as insecure; 50 is what BIND and Knot Resolver allow. */
export const NSEC3_ITERATIONS_MAX = 50;

// Constants of this implementation.

/** RFC 8767 §4 has a cap of seven days; with one day a change of servers or keys is seen the day after at the latest. */
export const TTL_MAX_SECONDS: number = 24 * 60 * 60;

/** What is kept of the world: a household asks for some thousand names, at some hundred bytes each. */
export const CACHE_MAX_BYTES: number = 16 * 1024 * 1024;
/** Answers that wait for proof, of the questions that are open. */
export const UNPROVED_MAX_BYTES: number = 4 * 1024 * 1024;
export const DELEGATIONS_MAX = 5_000;
export const SERVERS_MAX = 5_000;

/** Questions that are open at one time; the next one is refused at once. */
export const QUESTIONS_MAX = 1_000;

/**
 * Queries sent for one question (CVE-2020-8616, NXNSAttack). A name four zones deep, all signed and none of them known yet, takes about
 * twenty; BIND stops at 50.
 */
export const QUERIES_PER_QUESTION_MAX = 64;
/** Servers of one delegation whose addresses are looked up, and at one time (same attack): glue serves nearly all the others. */
export const SERVER_NAMES_LOOKED_UP_MAX = 6;
export const SERVER_NAMES_AT_ONCE = 2;
/** Servers of a delegation that are remembered; the root has 13. */
export const SERVER_NAMES_MAX = 16;
/** Names of servers that are found only by asking servers whose names have to be found, and so on. */
export const SERVER_DEPTH_MAX = 4;

/** Aliases in a row; resolvers stop at 8 to 16, and a loop must end. */
export const ALIASES_MAX = 12;

/** Signatures looked at for one question, and for one message of it (CVE-2023-50387, KeyTrap). A message has five sets at most that matter. */
export const VERIFICATIONS_PER_QUESTION_MAX = 200;
export const VERIFICATIONS_PER_MESSAGE_MAX = 24;
/** Of one set of records; two algorithms and a roll of keys make four. */
export const VERIFICATIONS_PER_RRSET_MAX = 6;
/** DS records, keys and signatures of one set that are matched to each other, which takes a digest or a sum each. */
export const DS_MAX = 12;
export const DNSKEYS_MAX = 24;
export const SIGNATURES_MAX = 24;
/** Rounds of SHA-1 for one message (CVE-2023-50868): thirty names with 50 iterations. */
export const HASH_ROUNDS_PER_MESSAGE_MAX = 1_500;

/** Answers that cannot be proven, after which a question is given up: another server may tell the truth. */
export const DOUBTS_PER_QUESTION_MAX = 3;

/** What one fetch sends, to one server and in all; a server is asked again where it was silent, not where it was wrong. */
export const SENDS_PER_SERVER_MAX = 3;
export const SENDS_PER_FETCH_MAX = 8;

/** The first wait for a server that is not known; RFC 6298 §2 has a second, and answers of DNS are rarely slower than half of it. */
export const TIMEOUT_FIRST_MS = 500;
export const TIMEOUT_MIN_MS = 100;
export const TIMEOUT_MAX_MS = 3_000;
export const TCP_TIMEOUT_MS = 4_000;
/** Servers at most so much slower than the fastest are taken by chance: RFC 5452 §9.2 wants the choice hard to guess. */
export const SERVER_BAND_MS = 100;
/** How long a server that answered wrongly is asked after the others. */
export const PENALTY_MS = 60_000;
/** How long a server that refused EDNS is asked without it. */
export const NO_EDNS_MS: number = 15 * 60 * 1_000;

// RFC 9715 §3.2: no more than 1,400 bytes, so that answers are not fragmented; 1,232 is what IPv6's least MTU leaves.
export const UDP_PAYLOAD_BYTES = 1_232;
