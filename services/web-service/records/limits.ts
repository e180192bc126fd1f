/** Implementation constants of access log and counters: what bounds them, and why that much. */

/** Counts go to the metrics this often: nobody asks for them oftener, and adding up costs a hundredth of a label's look-up. */
export const FLUSH_AFTER_MS = 1_000;

/**
 * Durations that are put into the histogram between two flushes. More would cost the loop 1 µs each and tell nothing: passing
 * over some leaves the shape as it is, and how many there were stands in the counter.
 */
export const DURATIONS_PER_FLUSH_MAX = 2_000;

/** Upper ends of the histogram, seconds: memory answers below the first, a slow reader of a large file reaches the last. */
export const DURATION_BUCKETS_SECONDS: readonly number[] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

/** What may be logged at once before the day's measure counts: an hour's visits to a small site, a quarter of the log in memory. */
export const BURST_BYTES = 256 * 1024;

/** Of the day's measure so much is kept for answers that tell of a fault of ours (5xx), whatever else comes in. */
export const FAULT_SHARE = 1 / 8;

/** A line as it stands on the data volume, without what varies in length. */
export const LINE_BYTES = 160;

/** What was left out is told this often. */
export const PASSED_OVER_EVERY_MS = 60_000;

/** A referrer or user agent beyond this length is a fingerprint or an attack; the beginning tells what it is. */
export const FIELD_MAX_CHARS = 128;
