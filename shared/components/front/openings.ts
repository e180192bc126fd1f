import { concatBytes } from '../../base/bytes.ts';
import type { Clock } from '../../devices/clock.ts';
import type { Flow } from '../../devices/tcp.ts';
import type { ClaimTable } from '../../protocols/front/claims.ts';
import { route, type Route } from '../../protocols/front/route.ts';
import type { FrontEvents } from './front.ts';
import { OPENING_MAX_MS, OPENINGS_MAX } from './limits.ts';

const NOTHING = new Uint8Array(0);

type Decided = Exclude<Route, 'more'>;

/** The flows whose first bytes are awaited. */
export class Openings {
  readonly #table: ClaimTable;
  readonly #clock: Clock;
  readonly #refused: FrontEvents['refused'];
  /** In order of arrival, with what gives each of them up. */
  readonly #pending = new Map<Flow, () => void>();

  constructor(table: ClaimTable, clock: Clock, refused: FrontEvents['refused']) {
    this.#table = table;
    this.#clock = clock;
    this.#refused = refused;
  }

  /**
   * Reads until the table decides, puts all bytes back and tells the decision with the time that is left of {@link OPENING_MAX_MS}.
   * A flow that is too slow, or ends before, is closed and only counted.
   */
  read(flow: Flow, onDecided: (route: Decided, leftMs: number) => void): void {
    this.#makeRoom();
    const deadlineMs = this.#clock.monotonic() + OPENING_MAX_MS;
    let seen = NOTHING;
    const stop = (): void => {
      timer.cancel();
      this.#pending.delete(flow);
      flow.off('readable', look);
      flow.off('end', giveUp);
      flow.off('close', giveUp);
    };
    const giveUp = (): void => {
      stop();
      this.#refused('unfinished');
      flow.destroy();
    };
    const look = (): void => {
      const chunk = flow.read();
      if (chunk === null) return;
      seen = seen.length === 0 ? chunk : concatBytes([seen, chunk]);
      const decided = route(this.#table, seen);
      if (decided === 'more') return;
      stop();
      flow.unshift(seen);
      onDecided(decided, Math.max(1, deadlineMs - this.#clock.monotonic()));
    };
    const timer = this.#clock.timer(OPENING_MAX_MS, giveUp);
    this.#pending.set(flow, giveUp);
    flow.on('readable', look);
    flow.on('end', giveUp);
    flow.on('close', giveUp);
  }

  #makeRoom(): void {
    if (this.#pending.size < OPENINGS_MAX) return;
    const giveUp = this.#pending.values().next().value;
    giveUp?.();
  }
}
