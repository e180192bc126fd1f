import type { AlertKind } from '../configuration/schema.ts';

/** Something to tell the owner. */
export interface Alert {
  readonly kind: AlertKind;
  /** The condition; a recovery has the key of its trouble. */
  readonly key: string;
  readonly reason: string;
  readonly timeMs: number;
}

/** What one web hook has still to be told. */
export interface AlertQueue {
  readonly waiting: readonly { readonly alert: Alert; readonly dueMs: number }[];
  readonly isSending: boolean;
  readonly failures: number;
  /** No attempt before this time. */
  readonly pauseUntilMs: number;
}

export type AlertEvent =
  | { readonly kind: 'raise'; readonly alert: Alert }
  | { readonly kind: 'tick' }
  | { readonly kind: 'sent' }
  /** The hook could not be reached or asked for later. `random` is in [0, 1). */
  | { readonly kind: 'failed'; readonly random: number };

export const EMPTY_QUEUE: AlertQueue = { waiting: [], isSending: false, failures: 0, pauseUntilMs: 0 };

/** More troubles than this are one trouble, and the first ones tell of it. */
export const ALERTS_MAX = 100;
/** What is over before anybody could look is not told. */
export const SETTLE_MS = 15_000;
/** News older than a day helps nobody. */
export const ALERT_AGE_MAX_MS = 86_400_000;
const RETRY_FIRST_MS = 5_000;
const RETRY_MAX_MS = 3_600_000;

/** `send` is the alert to post now; `wakeAtMs` is when to `tick` next, undefined for never. Both clocks are monotonic. */
export function step(
  queue: AlertQueue,
  event: AlertEvent,
  nowMs: number,
): { readonly queue: AlertQueue; readonly send: Alert | undefined; readonly wakeAtMs: number | undefined } {
  const changed = change(queue, event, nowMs);
  const head = changed.waiting[0];
  const readyAtMs = head === undefined ? undefined : Math.max(head.dueMs, changed.pauseUntilMs);
  if (head === undefined || changed.isSending || readyAtMs === undefined)
    return { queue: changed, send: undefined, wakeAtMs: undefined };
  if (readyAtMs > nowMs) return { queue: changed, send: undefined, wakeAtMs: readyAtMs };
  return { queue: { ...changed, isSending: true }, send: head.alert, wakeAtMs: undefined };
}

function change(queue: AlertQueue, event: AlertEvent, nowMs: number): AlertQueue {
  switch (event.kind) {
    case 'raise':
      return raise(queue, event.alert, nowMs);
    case 'tick':
      return queue;
    case 'sent':
      return { ...queue, waiting: queue.waiting.slice(1), isSending: false, failures: 0, pauseUntilMs: 0 };
    case 'failed':
      return fail(queue, event.random, nowMs);
  }
}

function raise(queue: AlertQueue, alert: Alert, nowMs: number): AlertQueue {
  const unsent = queue.waiting.findIndex(
    ({ alert: { key, kind } }, index) =>
      key === alert.key && kind !== 'recovered' && !(index === 0 && queue.isSending),
  );
  if (alert.kind === 'recovered' && unsent >= 0)
    return { ...queue, waiting: queue.waiting.toSpliced(unsent, 1) };
  if (queue.waiting.length >= ALERTS_MAX) return queue;
  const dueMs = alert.kind === 'recovered' ? nowMs : nowMs + SETTLE_MS;
  return { ...queue, waiting: [...queue.waiting, { alert, dueMs }] };
}

function fail(queue: AlertQueue, random: number, nowMs: number): AlertQueue {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(queue.failures, 20));
  return {
    waiting: queue.waiting.filter(({ dueMs }) => nowMs - dueMs < ALERT_AGE_MAX_MS),
    isSending: false,
    failures: queue.failures + 1,
    pauseUntilMs: nowMs + ceiling / 2 + (random * ceiling) / 2,
  };
}
