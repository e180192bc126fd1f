/** Where an appliance is in its life. `degraded` answers, but something is wrong: the reasons say what. */
export type HealthState = 'starting' | 'ready' | 'degraded' | 'stopping';

export interface HealthReason {
  readonly key: string;
  /** A sentence for people. */
  readonly reason: string;
  readonly sinceMs: number;
}

export interface HealthView {
  readonly phase: 'starting' | 'running' | 'stopping';
  readonly reasons: readonly HealthReason[];
}

export type HealthEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'degrade'; readonly key: string; readonly reason: string }
  | { readonly kind: 'recover'; readonly key: string };

export type HealthAction =
  | { readonly kind: 'degraded'; readonly reason: HealthReason }
  | { readonly kind: 'recovered'; readonly reason: HealthReason };

export const INITIAL_HEALTH: HealthView = { phase: 'starting', reasons: [] };

/** A service with more troubles than this has one: whoever reads the page needs the first ones. */
export const REASONS_MAX = 100;

/** A repeated `degrade` with the same sentence says nothing new; with another one it replaces it and keeps its time. */
export function step(
  health: HealthView,
  event: HealthEvent,
  nowMs: number,
): { readonly health: HealthView; readonly actions: readonly HealthAction[] } {
  switch (event.kind) {
    case 'started':
      return { health: { ...health, phase: 'running' }, actions: [] };
    case 'stopping':
      return { health: { ...health, phase: 'stopping' }, actions: [] };
    case 'degrade':
      return degrade(health, event, nowMs);
    case 'recover':
      return recover(health, event.key);
  }
}

export function stateOf(health: HealthView): HealthState {
  if (health.phase !== 'running')
    return health.phase === 'stopping' ? 'stopping' : troubled(health, 'starting');
  return troubled(health, 'ready');
}

function troubled(health: HealthView, otherwise: HealthState): HealthState {
  return health.reasons.length > 0 ? 'degraded' : otherwise;
}

function degrade(
  health: HealthView,
  { key, reason }: { readonly key: string; readonly reason: string },
  nowMs: number,
): ReturnType<typeof step> {
  const known = health.reasons.find(each => each.key === key);
  if (known?.reason === reason || (known === undefined && health.reasons.length >= REASONS_MAX))
    return { health, actions: [] };
  const next = { key, reason, sinceMs: known?.sinceMs ?? nowMs };
  const others = health.reasons.filter(each => each.key !== key);
  const actions = known === undefined ? [{ kind: 'degraded', reason: next } as const] : [];
  return { health: { ...health, reasons: [...others, next] }, actions };
}

function recover(health: HealthView, key: string): ReturnType<typeof step> {
  const known = health.reasons.find(each => each.key === key);
  if (known === undefined) return { health, actions: [] };
  const reasons = health.reasons.filter(each => each !== known);
  return { health: { ...health, reasons }, actions: [{ kind: 'recovered', reason: known }] };
}
