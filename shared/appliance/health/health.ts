import type { Clock } from '../../devices/clock.ts';
import type { Log } from '../../devices/log.ts';
import type { Health } from '../service.ts';
import {
  INITIAL_HEALTH,
  stateOf,
  step,
  type HealthAction,
  type HealthEvent,
  type HealthReason,
  type HealthState,
} from './health-core.ts';

/** The appliance's health as its parts use it: services degrade and recover, the status page reads. */
export interface ApplianceHealth extends Health {
  started(): void;
  stopping(): void;
  state(): HealthState;
  /** The service answers, whatever else may be wrong. */
  isServing(): boolean;
  reasons(): readonly HealthReason[];
}

/** Every change is logged, then told to `onAction` (alerts). */
export function createHealth(
  devices: { readonly clock: Clock; readonly log: Log },
  onAction: (action: HealthAction) => void = () => {},
): ApplianceHealth {
  let health = INITIAL_HEALTH;
  const handle = (event: HealthEvent): void => {
    const next = step(health, event, devices.clock.now());
    health = next.health;
    for (const action of next.actions) {
      const { key, reason } = action.reason;
      if (action.kind === 'degraded') devices.log.warn({ condition: key, reason }, 'degraded');
      else devices.log.info({ condition: key, reason }, 'recovered');
      onAction(action);
    }
  };
  return {
    degrade: (key, reason) => handle({ kind: 'degrade', key, reason }),
    recover: key => handle({ kind: 'recover', key }),
    started: () => handle({ kind: 'started' }),
    stopping: () => handle({ kind: 'stopping' }),
    state: () => stateOf(health),
    isServing: () => health.phase === 'running',
    reasons: () => health.reasons,
  };
}
