/** Tokens live about a minute; a thousand log-ins a minute is nobody's household. */
const NONCES_MAX = 1_000;

export interface ReplayGuard {
  /** Takes a nonce for the first time ('fresh'), again ('used'), or cannot remember it ('busy': refuse as well). */
  take(nonce: string, expiresMs: number, nowMs: number): 'fresh' | 'used' | 'busy';
}

/** Remembers every nonce until the token that carries it has expired. */
export function createReplayGuard(): ReplayGuard {
  const expiries = new Map<string, number>();
  return {
    take(nonce, expiresMs, nowMs) {
      if (expiries.has(nonce)) return 'used';
      for (const [known, expiry] of expiries) if (expiry <= nowMs) expiries.delete(known);
      if (expiries.size >= NONCES_MAX) return 'busy';
      expiries.set(nonce, expiresMs);
      return 'fresh';
    },
  };
}
