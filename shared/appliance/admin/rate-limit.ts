/** Networks remembered at one time; beyond it the longest unseen one is forgotten. */
const NETWORKS_MAX = 4_096;

export interface RateLimit {
  /** Whether this network may ask once more now. */
  take(network: string, nowMs: number): boolean;
}

/** A token bucket for each network: `burst` at once, then `perMinute`. */
export function createRateLimit(limit: { readonly burst: number; readonly perMinute: number }): RateLimit {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take(network, nowMs) {
      const known = buckets.get(network) ?? { tokens: limit.burst, atMs: nowMs };
      const gained = ((nowMs - known.atMs) * limit.perMinute) / 60_000;
      const tokens = Math.min(limit.burst, known.tokens + Math.max(0, gained));
      // Taken out and put in again: the map's order is then by last use.
      buckets.delete(network);
      buckets.set(network, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
      const oldest = buckets.keys().next();
      if (buckets.size > NETWORKS_MAX && !oldest.done) buckets.delete(oldest.value);
      return tokens >= 1;
    },
  };
}
