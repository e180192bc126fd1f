import { describe, expect, it } from 'vitest';
import { rollsDue } from './lifetimes.ts';
import { nextStep } from './next-step.ts';
import { phaseOf } from './phase.ts';
import { signingPlan } from './signing-plan.ts';
import { unsignedZone, type KeyRole, type KeyRollState, type RollTimes } from './state.ts';
import { step } from './step.ts';
import { DAY, HOUR } from './testing/world.ts';

const times: RollTimes = {
  propagationSeconds: HOUR,
  signingSeconds: 60,
  dnskeyTtlSeconds: 2 * HOUR,
  zoneTtlMaxSeconds: DAY,
  parentPropagationSeconds: HOUR,
  dsTtlSeconds: 2 * DAY,
};

const key = (id: string, role: KeyRole, algorithm = 13) => ({ id, role, algorithm });

/** A zone with KSK k1 and ZSK z1, long since signed and its DS at the parent. */
function settled(): KeyRollState {
  let { state } = step(unsignedZone(times), { type: 'roll', keys: [key('k1', 'ksk'), key('z1', 'zsk')] }, 0);
  ({ state } = step(state, { type: 'tick' }, 30 * DAY));
  ({ state } = step(state, { type: 'ds-seen', keys: ['k1'] }, 31 * DAY));
  return step(state, { type: 'tick' }, 60 * DAY).state;
}

const START = 100 * DAY;

describe('the first keys', () => {
  it('are not shown to the parent before no cache has the unsigned zone', () => {
    const first = step(unsignedZone(times), { type: 'roll', keys: [key('c1', 'csk')] }, 0);
    expect(signingPlan(first.state)).toEqual({
      published: ['c1'],
      dnskeySigners: ['c1'],
      zoneSigners: ['c1'],
    });
    const unsignedUntil = DAY + HOUR + 60;
    expect(nextStep(first.state)).toEqual({
      words: 'wait until all caches can follow, then ask the parent for the DS record of the new key',
      atSeconds: unsignedUntil,
    });
    const early = step(first.state, { type: 'tick' }, unsignedUntil - 1);
    expect(signingPlan(early.state).atParent).toBeUndefined();
    const later = step(early.state, { type: 'tick' }, unsignedUntil);
    expect(signingPlan(later.state).atParent).toEqual(['c1']);
    expect(nextStep(later.state)).toEqual({ words: 'waiting for the DS of c1 at the parent' });
  });
});

describe('a ZSK roll (RFC 7583 §3.2.1, pre-publication)', () => {
  it('shows the key, then signs with it, then takes the old one out', () => {
    const shown = step(settled(), { type: 'roll', keys: [key('z2', 'zsk')] }, START);
    expect(signingPlan(shown.state)).toMatchObject({ published: ['k1', 'z1', 'z2'], zoneSigners: ['z1'] });
    const ready = START + HOUR + 2 * HOUR;
    expect(shown.wakeAtSeconds).toBe(ready);
    expect(signingPlan(step(shown.state, { type: 'tick' }, ready - 1).state).zoneSigners).toEqual(['z1']);
    const active = step(shown.state, { type: 'tick' }, ready);
    expect(signingPlan(active.state)).toMatchObject({ published: ['k1', 'z1', 'z2'], zoneSigners: ['z2'] });
    const dead = ready + 60 + HOUR + DAY;
    expect(signingPlan(step(active.state, { type: 'tick' }, dead - 1).state).published).toContain('z1');
    const removed = step(active.state, { type: 'tick' }, dead);
    expect(signingPlan(removed.state).published).toEqual(['k1', 'z2']);
    expect(removed.actions).toEqual([]);
    const gone = step(removed.state, { type: 'tick' }, dead + 3 * HOUR);
    expect(gone.actions).toEqual([{ type: 'forget-key', id: 'z1' }]);
    expect(gone.wakeAtSeconds).toBeUndefined();
    expect(nextStep(gone.state)).toBeUndefined();
  });
});

describe('a KSK roll (RFC 7583 §3.3.1, double KSK)', () => {
  it('shows both, has the DS changed, and waits for the old DS to be out of caches', () => {
    let { state } = step(settled(), { type: 'roll', keys: [key('k2', 'ksk')] }, START);
    expect(signingPlan(state)).toEqual({
      published: ['k1', 'z1', 'k2'],
      dnskeySigners: ['k1', 'k2'],
      zoneSigners: ['z1'],
      atParent: ['k1'],
    });
    ({ state } = step(state, { type: 'tick' }, START + 3 * HOUR));
    expect(signingPlan(state).atParent).toEqual(['k2']);
    // A parent that does nothing for a year is waited for.
    ({ state } = step(state, { type: 'tick' }, START + 365 * DAY));
    expect(signingPlan(state).published).toContain('k1');
    const seenAt = START + 366 * DAY;
    ({ state } = step(state, { type: 'ds-seen', keys: ['k2'] }, seenAt));
    const retired = seenAt + HOUR + 2 * DAY;
    expect(nextStep(state)).toEqual({
      words: 'wait until all caches can follow, then take the old key out of the DNSKEY records',
      atSeconds: retired,
    });
    ({ state } = step(state, { type: 'tick' }, retired - 1));
    expect(signingPlan(state).published).toContain('k1');
    ({ state } = step(state, { type: 'tick' }, retired));
    expect(signingPlan(state)).toMatchObject({ published: ['z1', 'k2'], dnskeySigners: ['k2'] });
  });

  it('keeps the old key while the parent may still take what it was asked for before', () => {
    let { state } = step(settled(), { type: 'roll', keys: [key('k2', 'ksk')] }, START);
    ({ state } = step(state, { type: 'tick' }, START + DAY));
    ({ state } = step(state, { type: 'roll', keys: [key('k3', 'ksk')] }, START + 2 * DAY));
    ({ state } = step(state, { type: 'tick' }, START + 300 * DAY));
    expect(signingPlan(state)).toMatchObject({ published: ['k1', 'z1', 'k2', 'k3'], atParent: ['k3'] });
  });
});

describe('an algorithm roll (RFC 6781 §4.1.4)', () => {
  it('signs before it shows the keys, and shows none before the signatures are out', () => {
    const next = [key('k2', 'ksk', 15), key('z2', 'zsk', 15)];
    let { state } = step(settled(), { type: 'roll', keys: next }, START);
    const told: [number, string, string, string][] = [];
    for (let hours = 0; hours < 24 * 8; hours++) {
      const now = START + hours * HOUR;
      ({ state } = step(state, { type: 'tick' }, now));
      const { published, zoneSigners, atParent } = signingPlan(state);
      if (String(atParent) === 'k2' && state.dsAsked.length > 0)
        ({ state } = step(state, { type: 'ds-seen', keys: ['k2'] }, now));
      const line = [String(published), String(zoneSigners), String(atParent)] as const;
      if (String(told.at(-1)?.slice(1)) !== String(line)) told.push([hours, ...line]);
    }
    expect(told).toEqual([
      [0, 'k1,z1', 'z1,z2', 'k1'],
      // Dsgn + Dprp + TTLsig
      [26, 'k1,z1,k2,z2', 'z1,z2', 'k1'],
      // Dprp + TTLkey
      [29, 'k1,z1,k2,z2', 'z1,z2', 'k2'],
      // DprpP + TTLds
      [78, 'k2,z2', 'z1,z2', 'k2'],
      [81, 'k2,z2', 'z2', 'k2'],
    ]);
  });
});

describe('step()', () => {
  it('ends signing only when no cache has a DS (RFC 8078 §4)', () => {
    let { state } = step(settled(), { type: 'leave' }, START);
    expect(signingPlan(state)).toMatchObject({
      published: ['k1', 'z1'],
      zoneSigners: ['z1'],
      atParent: 'delete',
    });
    expect(nextStep(state)?.words).toBe('waiting for the parent to remove the DS records');
    ({ state } = step(state, { type: 'ds-seen', keys: [] }, START + DAY));
    expect(signingPlan(state).zoneSigners).toEqual(['z1']);
    const { state: after, actions } = step(state, { type: 'tick' }, START + DAY + 2 * DAY + HOUR);
    expect(signingPlan(after)).toEqual({ published: [], dnskeySigners: [], zoneSigners: [] });
    expect(actions).toEqual([]);
    expect(step(after, { type: 'tick' }, START + 10 * DAY).actions).toHaveLength(2);
  });

  it('is plain data: it goes on from what was stored', () => {
    const { state } = step(settled(), { type: 'roll', keys: [key('k2', 'ksk')] }, START);
    const stored = JSON.parse(JSON.stringify(state)) as KeyRollState;
    const later = START + 3 * HOUR;
    expect(step(stored, { type: 'tick' }, later)).toEqual(step(state, { type: 'tick' }, later));
  });
});

describe('phaseOf()', () => {
  const phases = (state: KeyRollState): string[] => state.keys.map(one => `${one.id} ${phaseOf(state, one)}`);

  it('tells the states of RFC 7583 §3.1 of a ZSK', () => {
    const told: string[] = [];
    let { state } = step(settled(), { type: 'roll', keys: [key('z2', 'zsk')] }, START);
    for (let hours = 0; hours < 40; hours++) {
      ({ state } = step(state, { type: 'tick' }, START + hours * HOUR));
      const line = phases(state).join(', ');
      if (told.at(-1) !== line) told.push(line);
    }
    expect(told).toEqual([
      'k1 active, z1 active, z2 published',
      'k1 active, z1 retired, z2 active',
      'k1 active, z1 dead, z2 active',
      'k1 active, z2 active',
    ]);
  });

  it('tells those of a KSK and of a new algorithm', () => {
    let { state } = step(settled(), { type: 'roll', keys: [key('c2', 'csk', 15)] }, START);
    expect(phases(state)).toEqual(['k1 active', 'z1 active', 'c2 active']);
    ({ state } = step(settled(), { type: 'roll', keys: [key('k2', 'ksk')] }, START));
    expect(phases(state)).toEqual(['k1 active', 'z1 active', 'k2 published']);
    ({ state } = step(state, { type: 'tick' }, START + DAY));
    expect(phases(state)).toEqual(['k1 active', 'z1 active', 'k2 ready']);
    ({ state } = step(state, { type: 'ds-seen', keys: ['k2'] }, START + 2 * DAY));
    expect(phases(state)).toEqual(['k1 retired', 'z1 active', 'k2 active']);
  });
});

describe('rollsDue()', () => {
  it('names roles whose keys are old, and none while a roll is on its way', () => {
    const lifetimes = { zsk: 90 * DAY };
    expect(rollsDue(settled(), lifetimes, 90 * DAY - 1)).toEqual([]);
    expect(rollsDue(settled(), lifetimes, 90 * DAY)).toEqual(['zsk']);
    const { state } = step(settled(), { type: 'roll', keys: [key('k2', 'ksk')] }, START);
    expect(rollsDue(state, lifetimes, START)).toEqual([]);
  });
});
