import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  INITIAL_HEALTH,
  REASONS_MAX,
  stateOf,
  step,
  type HealthEvent,
  type HealthView,
} from './health-core.ts';

function run(...events: HealthEvent[]): { health: HealthView; said: string[] } {
  let health = INITIAL_HEALTH;
  const said: string[] = [];
  for (const [now, event] of events.entries()) {
    const next = step(health, event, now);
    health = next.health;
    said.push(...next.actions.map(action => `${action.kind} ${action.reason.key}`));
  }
  return { health, said };
}
const degrade = (key: string, reason = 'r'): HealthEvent => ({ kind: 'degrade', key, reason });
const recover = (key: string): HealthEvent => ({ kind: 'recover', key });

describe('health', () => {
  it('goes from starting to ready, degraded with reasons, and back', () => {
    expect(stateOf(run().health)).toBe('starting');
    expect(stateOf(run({ kind: 'started' }).health)).toBe('ready');
    const troubled = run({ kind: 'started' }, degrade('disk'), degrade('dns'), recover('disk'));
    expect(stateOf(troubled.health)).toBe('degraded');
    expect(troubled.said).toEqual(['degraded disk', 'degraded dns', 'recovered disk']);
    expect(stateOf(run({ kind: 'started' }, degrade('a'), recover('a')).health)).toBe('ready');
    expect(stateOf(run(degrade('a')).health)).toBe('degraded');
    expect(stateOf(run({ kind: 'stopping' }, degrade('a')).health)).toBe('stopping');
  });

  it('says a thing once, and keeps the time it began when the sentence changes', () => {
    const { health, said } = run(degrade('disk', '10 %'), degrade('disk', '10 %'), degrade('disk', '5 %'));
    expect(said).toEqual(['degraded disk']);
    expect(health.reasons).toEqual([{ key: 'disk', reason: '5 %', sinceMs: 0 }]);
  });

  it('is ready after any history whose every trouble recovered, with bounded reasons', () => {
    const keys = fc.constantFrom(...Array.from({ length: 2 * REASONS_MAX }, (_, index) => `k${index}`));
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 400 }), troubles => {
        const { health } = run({ kind: 'started' }, ...troubles.map(key => degrade(key)));
        expect(health.reasons.length).toBeLessThanOrEqual(REASONS_MAX);
        const healed = run(
          { kind: 'started' },
          ...troubles.map(key => degrade(key)),
          ...troubles.map(recover),
        );
        expect(stateOf(healed.health)).toBe('ready');
      }),
    );
  });
});
