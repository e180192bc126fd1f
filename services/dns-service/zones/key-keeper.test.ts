import { describe, expect, it } from 'vitest';
import type { KeyValue } from '../../../shared/devices/key-value.ts';
import { dnsServiceConfiguration } from '../config.ts';
import { KeyKeeper } from './key-keeper.ts';
import { keyWishes } from './key-wishes.ts';

const DAY = 86_400;
const times = {
  propagationSeconds: 3_600,
  signingSeconds: 60,
  dnskeyTtlSeconds: 3_600,
  zoneTtlMaxSeconds: 3_600,
  parentPropagationSeconds: 3_600,
  dsTtlSeconds: DAY,
};

/** A store that fails to write while `isFull`. */
function setUp() {
  const values = new Map<string, Uint8Array>();
  const store = { isFull: false, puts: 0 };
  const keyValue: Pick<KeyValue, 'get' | 'put'> = {
    get: key => Promise.resolve(values.get(key)?.slice()),
    put: (key, value) => {
      if (store.isFull) return Promise.reject(new Error('full'));
      store.puts++;
      values.set(key, value);
      return Promise.resolve();
    },
  };
  const [zone] = dnsServiceConfiguration.parse({ zones: [{ name: 'example' }] }).zones;
  const open = async () =>
    (await KeyKeeper.open('example', keyWishes(zone!), { keyValue: keyValue as KeyValue, times }))!;
  return { store, open };
}

describe('the keeper of keys', () => {
  it('keeps private halves before their keys are shown', async () => {
    const { store, open } = setUp();
    const keys = await open();
    expect((await keys.propose({ times, nowSeconds: 0 }))?.kept.keys).toHaveLength(2);
    expect(store.puts).toBe(1);
    // Nothing of it was served: the next start makes the step once more.
    expect((await open()).state.keys).toEqual([]);
  });

  it('takes no second step before the first is kept', async () => {
    const { store, open } = setUp();
    const keys = await open();
    keys.use((await keys.propose({ times, nowSeconds: 0 }))!);
    store.isFull = true;
    await expect(keys.keep()).rejects.toThrow('full');
    await expect(keys.propose({ times, nowSeconds: 3 * DAY })).rejects.toThrow('full');
    store.isFull = false;
    expect(await keys.propose({ times, nowSeconds: 3 * DAY })).toBeDefined();
    expect((await open()).state).toEqual(keys.state);
  });
});
