/** Implementation constants of the kept zones. */

/**
 * Between two versions of a zone at least. What comes meanwhile becomes one version. With it, a serial of a snapshot tells how far later ones
 * may have gone: see `serialAtStart`. 20 ms are a good flash's time for a sync, and keep serials good for 497 days of standing still.
 */
export const VERSION_INTERVAL_MS = 20;

/** Changes that wait for the next version: more come from somebody who does not wait for answers. */
export const CHANGES_WAITING_MAX = 1_000;

/** A journal that is larger than this and than twice what it would be written anew is written anew: it is read at each start. */
export const JOURNAL_COMPACT_BYTES = 1024 * 1024;

/** Versions that secondaries may follow by differences: one that was away for longer fetches the zone whole. */
export const VERSIONS_KEPT_MAX = 100;

/** And of their differences together, so that they do not cost more than a transfer would (RFC 1995 §5); small zones get this many. */
export const DIFFERENCE_RRSETS_MIN = 1_000;

/** RRsets in one record of a journal: a large zone is written and read in pieces. */
export const RECORD_RRSETS_MAX = 4_096;

/** Compiling takes the main thread at most one part in so many. */
export const COMPILE_SHARE = 5;
