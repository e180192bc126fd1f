import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateUses, LIMIT, NEW_ORDER, noteUses, orderAllowedAtMs, type Ledger } from './limits.ts';
import {
  dueAtMs,
  NOTHING_HELD,
  step,
  type HeldCertificate,
  type RenewalEvent,
  type RenewalState,
} from './renewal.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const THREE_YEARS_MS = 3 * 365 * DAY_MS;
const START_MS = Date.UTC(2026, 10, 23);
const LIFETIMES_MS = [160 * HOUR_MS, 45 * DAY_MS, 64 * DAY_MS, 90 * DAY_MS];

/** Pseudo-random numbers from 0 to 1, good enough to spread things (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface World {
  readonly lifetimeMs: number;
  /** Whether the authority answers at that time. */
  readonly isUp: (nowMs: number, authority: number) => boolean;
  /** The window that the authority tells for a certificate issued then; undefined: it has no renewal information. */
  readonly windowOf?: (issuedMs: number, nowMs: number) => { startMs: number; endMs: number };
  readonly authorities?: number;
  readonly random: () => number;
}

interface Outcome {
  readonly expiredMs: number;
  readonly ordersAtMs: readonly number[];
  readonly authorities: readonly number[];
  readonly steps: number;
}

/** Three years of one certificate: what the component does, without its devices. */
function live(world: World): Outcome {
  const endMs = START_MS + THREE_YEARS_MS;
  const { lifetimeMs, isUp, windowOf, random, authorities = 1 } = world;
  const names = ['lares.test'];
  let state = NOTHING_HELD;
  let ledger: Ledger = [];
  let nowMs = START_MS;
  let confirmed = false;
  let expiredMs = 0;
  const ordersAtMs: number[] = [];
  const givers: number[] = [];
  let steps = 0;
  const pass = (untilMs: number): void => {
    const validMs = state.held?.notAfterMs ?? Number.POSITIVE_INFINITY;
    expiredMs += Math.max(0, untilMs - Math.max(nowMs, validMs));
    nowMs = untilMs;
  };
  const fail = (authority: number): RenewalEvent => {
    pass(nowMs + 30_000);
    return { kind: 'failed', authority, failure: { kind: 'unreachable' }, random: random() };
  };
  for (;;) {
    if (nowMs >= endMs) return { expiredMs, ordersAtMs, authorities: givers, steps };
    steps++;
    const next = step(state, { kind: 'tick', timeConfirmed: confirmed }, authorities, nowMs);
    state = next.state;
    const { action } = next;
    let event: RenewalEvent | undefined;
    switch (action.kind) {
      case 'sleep':
        pass(Math.min(action.untilMs, endMs));
        confirmed = random() < 0.9;
        break;
      case 'confirmTime':
        confirmed = isUp(nowMs, action.authority);
        if (!confirmed) event = fail(action.authority);
        break;
      case 'askWindow': {
        const window = isUp(nowMs, action.authority)
          ? windowOf?.((state.held?.notBeforeMs ?? 0) + HOUR_MS, nowMs)
          : undefined;
        event = window === undefined ? { kind: 'noWindow' } : { kind: 'window', window, random: random() };
        break;
      }
      case 'order': {
        const untilMs = orderAllowedAtMs(ledger, names, nowMs);
        if (untilMs > nowMs) event = { kind: 'limited', authority: action.authority, untilMs };
        else if (!isUp(nowMs, action.authority)) event = fail(action.authority);
        else {
          pass(nowMs + 20_000);
          ledger = noteUses(ledger, [NEW_ORDER, ...certificateUses(names)], nowMs);
          ordersAtMs.push(nowMs);
          givers.push(action.authority);
          const held = { notBeforeMs: nowMs - HOUR_MS, notAfterMs: nowMs - HOUR_MS + lifetimeMs };
          event = {
            kind: 'held',
            held: { ...held, authority: action.authority, certificateId: `c${ordersAtMs.length}` },
            random: random(),
          };
        }
      }
    }
    if (event !== undefined) state = step(state, event, authorities, nowMs).state;
  }
}

/** Outages of up to `longestMs`, at least a week from the end of one to the next. */
function outages(random: () => number, longestMs: number): World['isUp'] {
  const away: [number, number][] = [];
  for (let at = START_MS + 7 * DAY_MS; at < START_MS + 3 * 366 * DAY_MS;) {
    const end = at + random() * longestMs;
    away.push([at, end]);
    at = end + (7 + random() * 30) * DAY_MS;
  }
  return nowMs => !away.some(([from, to]) => from <= nowMs && nowMs < to);
}

function mostWithin(timesMs: readonly number[], windowMs: number): number {
  return Math.max(0, ...timesMs.map(from => timesMs.filter(at => at >= from && at < from + windowMs).length));
}

describe('three years of renewals', () => {
  it.each(LIFETIMES_MS.map(lifetimeMs => [lifetimeMs / DAY_MS, lifetimeMs] as const))(
    'never let a certificate of %d days expire, with outages of up to 48 hours, and keep the limits (50 seeds)',
    (_days, lifetimeMs) => {
      for (let seed = 1; seed <= 50; seed++) {
        const random = seeded(seed);
        const { expiredMs, ordersAtMs } = live({ lifetimeMs, random, isUp: outages(random, 48 * HOUR_MS) });
        expect({ seed, expiredMs }).toEqual({ seed, expiredMs: 0 });
        expect(mostWithin(ordersAtMs, LIMIT.nameSet.windowMs)).toBeLessThan(LIMIT.nameSet.count);
        // Neither too seldom nor hastily: a certificate is used for at least two fifths of its life.
        expect(ordersAtMs.length).toBeLessThan(THREE_YEARS_MS / (lifetimeMs * 0.4));
      }
    },
  );

  it('follow the windows that the authority tells, and come at once when all are revoked', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seeded(seed);
      const lifetimeMs = 90 * DAY_MS;
      const revokedMs = START_MS + 400 * DAY_MS;
      const { expiredMs, ordersAtMs } = live({
        lifetimeMs,
        random,
        isUp: outages(random, 48 * HOUR_MS),
        windowOf: (issuedMs, nowMs) =>
          issuedMs < revokedMs && nowMs >= revokedMs
            ? { startMs: revokedMs - DAY_MS, endMs: revokedMs }
            : { startMs: issuedMs + 40 * DAY_MS, endMs: issuedMs + 42 * DAY_MS },
      });
      expect(expiredMs).toBe(0);
      // Asked every six hours; an outage may lie in between.
      const after = ordersAtMs.find(at => at >= revokedMs) ?? Number.POSITIVE_INFINITY;
      expect(after - revokedMs).toBeLessThan(55 * HOUR_MS);
      for (const [index, at] of ordersAtMs.entries()) {
        const previous = ordersAtMs[index - 1];
        if (previous === undefined || at === after) continue;
        expect(at - previous).toBeGreaterThanOrEqual(40 * DAY_MS);
        expect(at - previous).toBeLessThan(45 * DAY_MS);
      }
    }
  });

  it('fall back to the next authority, and return to the first', () => {
    const awayUntilMs = START_MS + 10 * DAY_MS;
    const { authorities, ordersAtMs } = live({
      lifetimeMs: 160 * HOUR_MS,
      authorities: 2,
      random: seeded(1),
      isUp: (nowMs, authority) => authority === 1 || nowMs > awayUntilMs,
    });
    expect(authorities[0]).toBe(1);
    expect((ordersAtMs[0] ?? 0) - START_MS).toBeLessThan(HOUR_MS);
    expect(authorities.at(-1)).toBe(0);
    for (const [index, at] of ordersAtMs.entries()) expect(authorities[index]).toBe(at > awayUntilMs ? 0 : 1);
  });

  it('cost few steps', () => {
    const random = seeded(7);
    const { steps } = live({ lifetimeMs: 90 * DAY_MS, random, isUp: () => true });
    // Little but the four questions a day about the window.
    expect(steps).toBeLessThan(3 * 365 * 10);
  });
});

const held = {
  notBeforeMs: START_MS,
  notAfterMs: START_MS + 90 * DAY_MS,
  authority: 0,
  certificateId: 'a.b',
};
const holding = step(NOTHING_HELD, { kind: 'held', held, random: 0.5 }, 1, START_MS).state;
const told = (startMs: number, endMs: number, random = 0.5): RenewalState =>
  step(holding, { kind: 'window', window: { startMs, endMs }, random }, 1, START_MS).state;

describe('the moment of renewal', () => {
  it('is at two thirds of the lifetime, at half of a short one, spread', () => {
    for (const [lifetimeMs, from, to] of [
      [90 * DAY_MS, 0.62, 0.68],
      [160 * HOUR_MS, 0.45, 0.52],
    ] as const)
      for (const random of [0, 0.3, 0.999]) {
        const own = { notBeforeMs: START_MS, notAfterMs: START_MS + lifetimeMs, authority: 0 };
        const due = dueAtMs(step(NOTHING_HELD, { kind: 'held', held: own, random }, 1, START_MS).state);
        expect(due).toBeGreaterThanOrEqual(START_MS + from * lifetimeMs);
        expect(due).toBeLessThan(START_MS + to * lifetimeMs);
      }
  });

  it('lies in the window told, but leaves time for an outage of two days', () => {
    expect(dueAtMs(told(START_MS + 10 * DAY_MS, START_MS + 12 * DAY_MS))).toBe(START_MS + 11 * DAY_MS);
    expect(dueAtMs(told(START_MS + 89 * DAY_MS, START_MS + 90 * DAY_MS))).toBe(START_MS + 75 * DAY_MS);
  });

  it('is drawn once for a window, and anew for another', () => {
    const first = told(START_MS + 10 * DAY_MS, START_MS + 12 * DAY_MS, 0.25);
    const window = { startMs: START_MS + 10 * DAY_MS, endMs: START_MS + 12 * DAY_MS };
    const again = step(first, { kind: 'window', window, random: 0.9 }, 1, START_MS);
    expect(dueAtMs(again.state)).toBe(dueAtMs(first));
    const other = { ...window, endMs: window.endMs + DAY_MS };
    const moved = step(first, { kind: 'window', window: other, random: 0.9 }, 1, START_MS);
    expect(dueAtMs(moved.state)).toBe(window.startMs + 0.9 * 3 * DAY_MS);
  });

  it('is now when the window is over, and the order says what it replaces', () => {
    const late = told(START_MS - 2 * DAY_MS, START_MS - DAY_MS);
    expect(step(late, { kind: 'tick', timeConfirmed: true }, 1, START_MS).action).toEqual({
      kind: 'order',
      authority: 0,
      replaces: 'a.b',
    });
  });
});

describe('a certificate of an authority that is not in the list any more', () => {
  const { authority: _authority, ...ofAnother } = held;
  const after = START_MS + HOUR_MS;

  it('is replaced at once by the first one in the list, which is not told of it', () => {
    const state = step(NOTHING_HELD, { kind: 'held', held: ofAnother, random: 0.5 }, 1, after).state;
    const { action } = step(state, { kind: 'tick', timeConfirmed: true }, 1, after);
    expect(action).toEqual({ kind: 'order', authority: 0 });
  });

  it('makes one order, however often the machine restarts', () => {
    let state = NOTHING_HELD;
    let orders = 0;
    let certificate: HeldCertificate = ofAnother;
    for (let restart = 0; restart < 100; restart++) {
      const nowMs = after + restart * 60_000;
      state = step(state, { kind: 'held', held: certificate, random: 0.5 }, 1, nowMs).state;
      if (step(state, { kind: 'tick', timeConfirmed: true }, 1, nowMs).action.kind !== 'order') continue;
      orders++;
      certificate = { ...held, notBeforeMs: nowMs, notAfterMs: nowMs + 90 * DAY_MS, certificateId: 'c.d' };
    }
    expect(orders).toBe(1);
  });

  it('is shown on while the next one is refused, with the pauses of any failure', () => {
    const holds = step(NOTHING_HELD, { kind: 'held', held: ofAnother, random: 0.5 }, 1, after).state;
    const failure = { kind: 'refused' } as const;
    const refused = step(holds, { kind: 'failed', authority: 0, failure, random: 0.5 }, 1, after).state;
    const again = step(refused, { kind: 'held', held: ofAnother, random: 0.5 }, 1, after).state;
    const { action } = step(again, { kind: 'tick', timeConfirmed: true }, 1, after);
    expect(action).toEqual({ kind: 'sleep', untilMs: after + 15 * 60_000 });
  });
});

describe('a clock that is wrong', () => {
  const asked = step(holding, { kind: 'noWindow' }, 1, START_MS).state;

  it('makes no order: an authority is asked for the time first', () => {
    const aheadMs = START_MS + 20 * 365 * DAY_MS;
    const settled = step(asked, { kind: 'noWindow' }, 1, aheadMs).state;
    expect(step(settled, { kind: 'tick', timeConfirmed: false }, 1, aheadMs).action).toEqual({
      kind: 'confirmTime',
      authority: 0,
    });
  });

  it('leaves nothing behind that would be waited for when it is right again', () => {
    const aheadMs = START_MS + 20 * 365 * DAY_MS;
    const failure = { kind: 'unreachable' } as const;
    const failed = step(asked, { kind: 'failed', authority: 0, failure, random: 0 }, 1, aheadMs).state;
    const due = { ...failed, askWindowAtMs: START_MS + 80 * DAY_MS };
    expect(
      step(due, { kind: 'tick', timeConfirmed: true }, 1, START_MS + 80 * DAY_MS - 1_000).action.kind,
    ).toBe('order');
  });
});

it('never throws, and always says what to do, whatever happens in whatever order', () => {
  const time = fc.integer({ min: 0, max: 4e12 });
  const random = fc.double({ min: 0, max: 0.999, noNaN: true });
  const authority = fc.integer({ min: 0, max: 2 });
  const retryAfterMs = fc.integer({ min: 0, max: 1e10 });
  const event: fc.Arbitrary<RenewalEvent> = fc.oneof(
    fc.record({ kind: fc.constant('tick' as const), timeConfirmed: fc.boolean() }),
    fc.record({
      kind: fc.constant('held' as const),
      held: fc.record({ notBeforeMs: time, notAfterMs: time, authority, certificateId: fc.string() }),
      random,
    }),
    fc.record({
      kind: fc.constant('failed' as const),
      authority,
      failure: fc.record({ kind: fc.constantFrom('unreachable', 'validation', 'rateLimited'), retryAfterMs }),
      random,
    }),
    fc.record({ kind: fc.constant('limited' as const), authority, untilMs: time }),
    fc.record({
      kind: fc.constant('window' as const),
      window: fc.record({ startMs: time, endMs: time }),
      random,
    }),
    fc.record({ kind: fc.constant('noWindow' as const), retryAfterMs }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(event, time)), history => {
      let state = NOTHING_HELD;
      for (const [each, nowMs] of history) {
        const next = step(state, each, 3, nowMs);
        state = next.state;
        if (next.action.kind === 'sleep') expect(next.action.untilMs).toBeGreaterThan(nowMs);
      }
    }),
  );
});
