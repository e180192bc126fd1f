/** No Lares machine ran before this: a clock that says so has lost its time. Moved on with each release. */
export const EARLIEST_MS: number = Date.UTC(2026, 10, 1);

/** A server that says so much later is wrong, or this image is older than any certificate authority it knows. */
export const LATEST_MS: number = EARLIEST_MS + 20 * 365.25 * 86_400_000;
