import { describe, expect, it } from 'vitest';
import {
  unsignedZone,
  type KeyRole,
  type KeyRollState,
} from '../../../shared/protocols/dns/key-roll/state.ts';
import { step, type KeyRollEvent } from '../../../shared/protocols/dns/key-roll/step.ts';
import { rollTo } from '../zones/key-wishes.ts';
import { rollKeys, type RollingZone } from './roll-keys.ts';

const HOUR = 3_600;
const times = {
  propagationSeconds: HOUR,
  signingSeconds: 60,
  dnskeyTtlSeconds: HOUR,
  zoneTtlMaxSeconds: HOUR,
  parentPropagationSeconds: HOUR,
  dsTtlSeconds: HOUR,
};

const key = (id: string, role: KeyRole) => ({ id, role, algorithm: 13 });

/** A zone whose time goes on by its events alone. */
class Zone implements RollingZone {
  readonly configuration = { name: 'example.org' };
  readonly signer: { keys: { state: KeyRollState } } = { keys: { state: unsignedZone(times) } };
  #nowSeconds = 0;

  constructor(...roles: KeyRole[]) {
    this.happens({ type: 'roll', keys: roles.map(role => key(`${role}1`, role)) });
    this.happens({ type: 'prepare', keys: roles.map(role => key(`${role}2`, role)) });
  }

  happens(event: KeyRollEvent): void {
    this.signer.keys.state = step(this.signer.keys.state, event, this.#nowSeconds).state;
  }

  waits(hours: number): void {
    for (let hour = 0; hour < hours; hour++) {
      this.#nowSeconds += HOUR;
      this.happens({ type: 'tick' });
    }
  }

  /** The parent does what it is asked. */
  parentFollows(): void {
    this.happens({ type: 'ds-seen', keys: this.signer.keys.state.dsAsked.at(-1) ?? [] });
    this.waits(10);
  }

  async roll(roles: readonly KeyRole[]): Promise<void> {
    const event = rollTo(this.signer.keys.state, roles);
    if (event !== undefined) this.happens(event);
  }
}

describe('rollKeys()', () => {
  it('begins no second roll until the parent has the key of the first one', async () => {
    const zone = new Zone('csk');
    zone.waits(10);
    zone.parentFollows();
    expect(await rollKeys(zone, 'csk')).toEqual({ ok: true, value: expect.stringContaining('DS of csk2') });
    zone.happens({ type: 'prepare', keys: [key('csk3', 'csk')] });
    zone.waits(100);
    expect(await rollKeys(zone, 'csk')).toEqual({
      ok: false,
      error: expect.stringMatching(/^example\.org: a roll is under way: waiting for the DS of csk2/),
    });
    zone.parentFollows();
    expect((await rollKeys(zone, 'csk')).ok).toBe(true);
  });

  it('begins no second roll of a ZSK while the first one waits for caches', async () => {
    const zone = new Zone('ksk', 'zsk');
    zone.waits(10);
    zone.parentFollows();
    expect((await rollKeys(zone, 'zsk')).ok).toBe(true);
    // The key after it is new to resolvers, which validate: it cannot sign yet.
    zone.happens({ type: 'prepare', keys: [key('zsk3', 'zsk')] });
    expect((await rollKeys(zone, 'zsk')).ok).toBe(true);
    zone.happens({ type: 'prepare', keys: [key('zsk4', 'zsk')] });
    expect(await rollKeys(zone, 'zsk')).toEqual({
      ok: false,
      error: expect.stringMatching(/a roll is under way: wait until/),
    });
    zone.waits(10);
    expect((await rollKeys(zone, 'zsk')).ok).toBe(true);
  });

  it('says what is lacking', async () => {
    const zone = new Zone('ksk', 'zsk');
    expect(await rollKeys(zone, 'csk')).toEqual({
      ok: false,
      error: 'example.org: there is no CSK; what is in use: KSK, ZSK',
    });
    await zone.roll(['zsk']);
    expect(await rollKeys(zone, 'zsk')).toEqual({
      ok: false,
      error: expect.stringContaining('next key is not there yet'),
    });
    expect(
      await rollKeys(
        { configuration: zone.configuration, signer: undefined, roll: () => zone.roll([]) },
        'zsk',
      ),
    ).toEqual({
      ok: false,
      error: 'example.org is not signed here: it has no keys',
    });
  });
});
