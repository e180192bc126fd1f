import type { Endpoint } from '../../../devices/tcp.ts';
import type { Draw } from './draw.ts';
import {
  NO_EDNS_MS,
  PENALTY_MS,
  SERVER_BAND_MS,
  SERVERS_MAX,
  TIMEOUT_FIRST_MS,
  TIMEOUT_MAX_MS,
  TIMEOUT_MIN_MS,
} from './limits.ts';

interface Remembered {
  /** RFC 6298 §2: smoothed round-trip time and its variation. */
  smoothedMs: number;
  variationMs: number;
  /** Queries in a row that were not answered. */
  silences: number;
  noEdnsUntilMs: number;
  keepsCase: boolean;
  penaltyUntilMs: number;
}

/** What was seen of each server: how fast it is, and what it cannot do. */
export class ServerMemory {
  readonly #servers = new Map<string, Remembered>();

  /** The wait for its next answer: RFC 6298 §2, doubled for each silence (§5.5). */
  timeoutMs(server: Endpoint): number {
    const known = this.#servers.get(serverKey(server));
    if (known === undefined) return TIMEOUT_FIRST_MS;
    const { smoothedMs, variationMs, silences } = known;
    const waitMs = Math.max(TIMEOUT_MIN_MS, smoothedMs + 4 * variationMs);
    return Math.min(TIMEOUT_MAX_MS, waitMs * 2 ** Math.min(silences, 10));
  }

  answered(server: Endpoint, tookMs: number): void {
    const known = this.#get(server);
    const isFirst = known.smoothedMs === TIMEOUT_FIRST_MS && known.variationMs === 0;
    known.variationMs = isFirst
      ? tookMs / 2
      : (3 * known.variationMs + Math.abs(known.smoothedMs - tookMs)) / 4;
    known.smoothedMs = isFirst ? tookMs : (7 * known.smoothedMs + tookMs) / 8;
    known.silences = 0;
  }

  wasSilent(server: Endpoint): void {
    this.#get(server).silences++;
  }

  /** It answered wrongly: others come before it for a while. */
  penalise(server: Endpoint, nowMs: number): void {
    this.#get(server).penaltyUntilMs = nowMs + PENALTY_MS;
  }

  knowsEdns(server: Endpoint, nowMs: number): boolean {
    return (this.#servers.get(serverKey(server))?.noEdnsUntilMs ?? 0) <= nowMs;
  }

  /** RFC 6891 §6.2.2: not for ever, since servers are replaced. */
  refusedEdns(server: Endpoint, nowMs: number): void {
    this.#get(server).noEdnsUntilMs = nowMs + NO_EDNS_MS;
  }

  keepsCase(server: Endpoint): boolean {
    return this.#servers.get(serverKey(server))?.keepsCase ?? true;
  }

  /** Seen on a connection, where nobody could have forged the answer. */
  changedCase(server: Endpoint): void {
    this.#get(server).keepsCase = false;
  }

  /** One of the fastest, by chance: RFC 5452 §9.2. */
  choose(servers: readonly Endpoint[], draw: Draw, nowMs: number): Endpoint | undefined {
    const costs = servers.map(server => this.#costMs(server, nowMs));
    const best = Math.min(...costs);
    const near = servers.filter((_, at) => (costs[at] as number) <= best + SERVER_BAND_MS);
    return near[draw.below(Math.max(1, near.length))];
  }

  #costMs(server: Endpoint, nowMs: number): number {
    const known = this.#servers.get(serverKey(server));
    // A server that nobody has asked yet is tried before one that is slow.
    if (known === undefined) return 0;
    const penaltyMs = known.penaltyUntilMs > nowMs ? PENALTY_MS : 0;
    return penaltyMs + (known.silences > 0 ? this.timeoutMs(server) + SERVER_BAND_MS : known.smoothedMs);
  }

  #get(server: Endpoint): Remembered {
    const key = serverKey(server);
    const known = this.#servers.get(key) ?? {
      smoothedMs: TIMEOUT_FIRST_MS,
      variationMs: 0,
      silences: 0,
      noEdnsUntilMs: 0,
      keepsCase: true,
      penaltyUntilMs: 0,
    };
    this.#servers.delete(key);
    this.#servers.set(key, known);
    if (this.#servers.size > SERVERS_MAX) {
      const [oldest] = this.#servers.keys();
      if (oldest !== undefined) this.#servers.delete(oldest);
    }
    return known;
  }
}

/** The same for the same address and port. */
export function serverKey({ host, port }: Endpoint): string {
  return `${port} ${host}`;
}
