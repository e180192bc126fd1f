/**
 * Sends messages over a connection that comes and goes (TCP, TLS): what waits, when to try again, and what is lost.
 * A fold over events; the shell connects, writes and sets one timer.
 */
export interface SenderState {
  readonly link: 'idle' | 'connecting' | 'open' | 'waiting';
  readonly queue: readonly Uint8Array[];
  /** Frames that were handed to the connection and not yet confirmed as written. */
  readonly writing: number;
  readonly failures: number;
  /** Messages dropped since the last report. */
  readonly dropped: number;
}

export type SenderEvent =
  | { readonly kind: 'message'; readonly frame: Uint8Array }
  | { readonly kind: 'connected' }
  /** The oldest frame handed over is with the system. */
  | { readonly kind: 'written' }
  /** The attempt or the connection failed. `random` is in [0, 1): it spreads the retries. */
  | { readonly kind: 'failed'; readonly random: number }
  | { readonly kind: 'retry' };

export type SenderAction =
  | { readonly kind: 'connect' }
  | { readonly kind: 'write'; readonly frame: Uint8Array }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'report-dropped'; readonly count: number };

/** About two megabytes at most: an hour of a busy household while the receiver is away. */
export const SENDER_QUEUE_MAX = 1_000;
/** Frames in flight: enough to fill a link, few to send twice after a break. */
export const SENDER_WRITING_MAX = 32;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 300_000;

export const INITIAL_SENDER: SenderState = { link: 'idle', queue: [], writing: 0, failures: 0, dropped: 0 };

export function step(
  state: SenderState,
  event: SenderEvent,
): { readonly state: SenderState; readonly actions: readonly SenderAction[] } {
  switch (event.kind) {
    case 'message':
      return take(state, event.frame);
    case 'connected':
      return write({ ...state, link: 'open', failures: 0 }, reportDropped(state));
    case 'written':
      return write({ ...state, queue: state.queue.slice(1), writing: state.writing - 1 }, []);
    case 'failed':
      return fail(state, event.random);
    case 'retry':
      if (state.link !== 'waiting') return { state, actions: [] };
      return { state: { ...state, link: 'connecting' }, actions: [{ kind: 'connect' }] };
  }
}

function take(state: SenderState, frame: Uint8Array): ReturnType<typeof step> {
  // The newest is dropped, not the oldest: what began the trouble is worth most.
  if (state.queue.length >= SENDER_QUEUE_MAX)
    return { state: { ...state, dropped: state.dropped + 1 }, actions: [] };
  const next = { ...state, queue: [...state.queue, frame] };
  if (state.link === 'idle')
    return { state: { ...next, link: 'connecting' }, actions: [{ kind: 'connect' }] };
  return write(next, []);
}

function write(state: SenderState, before: readonly SenderAction[]): ReturnType<typeof step> {
  if (state.link !== 'open') return { state, actions: before };
  const ready = state.queue.slice(state.writing, SENDER_WRITING_MAX);
  const writing = state.writing + ready.length;
  const writes = ready.map(frame => ({ kind: 'write', frame }) as const);
  return { state: { ...state, writing, dropped: 0 }, actions: [...before, ...writes] };
}

function reportDropped(state: SenderState): readonly SenderAction[] {
  return state.dropped === 0 ? [] : [{ kind: 'report-dropped', count: state.dropped }];
}

/** Frames in flight are sent again: RFC 6587 §3 gives no acknowledgement, so a line twice is better than a line lost. */
function fail(state: SenderState, random: number): ReturnType<typeof step> {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(state.failures, 20));
  const ms = ceiling / 2 + (random * ceiling) / 2;
  const next: SenderState = { ...state, link: 'waiting', writing: 0, failures: state.failures + 1 };
  return { state: next, actions: [{ kind: 'wait', ms }] };
}
