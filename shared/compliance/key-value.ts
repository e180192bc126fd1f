import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../base/assert.ts';
import { decodeUtf8, encodeUtf8 } from '../base/bytes.ts';
import { VALUE_MAX_BYTES, type KeyValue } from '../devices/key-value.ts';
import { collect, type MakeStore, type StoreFixture } from './store-fixture.ts';

/** What every {@link KeyValue} must do. */
export function describeKeyValue(name: string, makeStore: MakeStore<KeyValue>): void {
  const withStore = async (test: (fixture: StoreFixture<KeyValue>) => Promise<void>): Promise<void> => {
    await using fixture = await makeStore();
    await test(fixture);
  };
  const check = (title: string, test: (fixture: StoreFixture<KeyValue>) => Promise<void>): void =>
    it(title, () => withStore(test));

  describe(`${name} keeps values`, () => describeValues(check));
  describe(`${name} keeps order`, () => describeOrder(check));
  describe(`${name} gives snapshots`, () => describeSnapshots(check));
  it(`${name} behaves like a map that survives crashes`, () => behavesLikeMap(makeStore), 60_000);
}

type Check = (title: string, test: (fixture: StoreFixture<KeyValue>) => Promise<void>) => void;

function describeValues(check: Check): void {
  check('get() gives undefined for a key never put', async ({ store }) => {
    expect(await store.get('absent')).toBeUndefined();
  });

  check('get() gives a copy of what was put', async ({ store }) => {
    const value = encodeUtf8('first');
    await store.put('key', value);
    value.fill(0);
    const got = await store.get('key');
    got?.fill(0);
    expect(await textOf(store, 'key')).toBe('first');
  });

  check('put() takes an empty value and one of the greatest size', async ({ store }) => {
    const largest = new Uint8Array(VALUE_MAX_BYTES).fill(7);
    await store.put('empty', new Uint8Array(0));
    await store.put('largest', largest);
    expect((await store.get('empty'))?.length).toBe(0);
    expect(Buffer.from((await store.get('largest'))!).equals(largest)).toBe(true);
  });

  check('put() refuses a larger value and keeps the old one', async ({ store }) => {
    await store.put('key', encodeUtf8('old'));
    await expect(store.put('key', new Uint8Array(VALUE_MAX_BYTES + 1))).rejects.toMatchObject({
      kind: 'too-large',
    });
    expect(await textOf(store, 'key')).toBe('old');
  });

  check('a key and one below it are two keys', async ({ store }) => {
    await store.put('a', encodeUtf8('1'));
    await store.put('a/b', encodeUtf8('2'));
    await store.delete('a');
    expect(await textOf(store, 'a/b')).toBe('2');
    expect(await store.list('')).toEqual(['a/b']);
  });

  check('keys of the greatest length and of every letter work', async ({ store }) => {
    const keys = ['k'.repeat(200), 'A.z_0-9/Z', '-', '_.'];
    for (const key of keys) await store.put(key, encodeUtf8(key));
    for (const key of keys) expect(await textOf(store, key)).toBe(key);
    expect(await store.list('')).toEqual(keys.toSorted());
  });

  check('other keys fail an assertion', async ({ store }) => {
    for (const key of ['', '/', 'a/', '/a', 'a//b', '.a', 'a/.b', '..', 'a b', 'ä', 'a\0', 'k'.repeat(201)]) {
      await expect(store.get(key), key).rejects.toBeInstanceOf(AssertionError);
      await expect(store.put(key, encodeUtf8('x')), key).rejects.toBeInstanceOf(AssertionError);
      await expect(store.delete(key), key).rejects.toBeInstanceOf(AssertionError);
    }
    expect(await store.list('')).toEqual([]);
  });

  check('delete() removes, and an absent key is fine', async ({ store }) => {
    await store.put('key', encodeUtf8('x'));
    await store.delete('key');
    await store.delete('key');
    expect(await store.get('key')).toBeUndefined();
  });

  check('list() gives the keys with a prefix in code-unit order', async ({ store }) => {
    for (const key of ['b', 'a/2', 'a/10', 'B', 'a-', 'a/1']) await store.put(key, encodeUtf8(key));
    expect(await store.list('a/')).toEqual(['a/1', 'a/10', 'a/2']);
    expect(await store.list('')).toEqual(['B', 'a-', 'a/1', 'a/10', 'a/2', 'b']);
    expect(await store.list('c')).toEqual([]);
  });

  check('acknowledged puts and deletes are there after a crash', async fixture => {
    await fixture.store.put('kept', encodeUtf8('new'));
    await fixture.store.put('gone', encodeUtf8('x'));
    await fixture.store.delete('gone');
    const store = await fixture.reopen();
    expect(await store.list('')).toEqual(['kept']);
    expect(await textOf(store, 'kept')).toBe('new');
  });
}

function describeOrder(check: Check): void {
  check('calls for one key take effect in the order made', async ({ store }) => {
    const calls: Promise<unknown>[] = [];
    for (let count = 0; count < 30; count++) calls.push(store.put('key', encodeUtf8(`value ${count}`)));
    const between = store.get('key');
    calls.push(store.delete('key'), store.put('key', encodeUtf8('last')));
    await Promise.all(calls);
    expect(decodeUtf8((await between)!)).toBe('value 29');
    expect(await textOf(store, 'key')).toBe('last');
  });

  check('a hundred keys are written side by side', async fixture => {
    const keys = Array.from({ length: 100 }, (_, index) => `key/${index}`);
    await Promise.all(keys.map(key => fixture.store.put(key, encodeUtf8(`value of ${key}`))));
    const store = await fixture.reopen();
    expect(await store.list('key/')).toEqual(keys.toSorted());
    for (const key of keys) expect(await textOf(store, key)).toBe(`value of ${key}`);
  });

  check('a failed call does not hold up the next one for its key', async ({ store }) => {
    const refused = store.put('key', new Uint8Array(VALUE_MAX_BYTES + 1));
    const next = store.put('key', encodeUtf8('next'));
    await expect(refused).rejects.toMatchObject({ kind: 'too-large' });
    await next;
    expect(await textOf(store, 'key')).toBe('next');
  });
}

function describeSnapshots(check: Check): void {
  check('a snapshot is of the moment it began, whatever is written meanwhile', async ({ store }) => {
    for (const key of ['a', 'b', 'c']) await store.put(key, encodeUtf8('old'));
    const snapshot = store.snapshot()[Symbol.asyncIterator]();
    const first = await snapshot.next();
    await store.put('b', encodeUtf8('new'));
    await store.delete('c');
    await store.put('d', encodeUtf8('new'));
    const rest = await collect({ [Symbol.asyncIterator]: () => snapshot });
    const all = [first.value!, ...rest].map(([key, value]) => [key, decodeUtf8(value)]);
    expect(all.toSorted()).toEqual([
      ['a', 'old'],
      ['b', 'old'],
      ['c', 'old'],
    ]);
    expect(await store.list('')).toEqual(['a', 'b', 'd']);
  });

  check('a snapshot never shows a later write without the earlier one', async ({ store }) => {
    const stop = new AbortController();
    const writer = (async () => {
      for (let count = 1; !stop.signal.aborted; count++) {
        await store.put('x', encodeUtf8(String(count)));
        await store.put('y', encodeUtf8(String(count)));
      }
    })();
    for (let round = 0; round < 10; round++) {
      const seen = new Map((await collect(store.snapshot())).map(([key, value]) => [key, decodeUtf8(value)]));
      const ahead = Number(seen.get('x') ?? 0) - Number(seen.get('y') ?? 0);
      expect([0, 1]).toContain(ahead);
    }
    stop.abort();
    await writer;
  });

  check('two snapshots may run at once and one may be left early', async ({ store }) => {
    for (const key of ['a', 'b']) await store.put(key, encodeUtf8('1'));
    const whole = store.snapshot()[Symbol.asyncIterator]();
    await whole.next();
    for await (const [key] of store.snapshot()) {
      expect(key).toBeDefined();
      break;
    }
    expect((await whole.next()).done).toBe(false);
    expect((await whole.next()).done).toBe(true);
    await store.put('a', encodeUtf8('2'));
    expect(await textOf(store, 'a')).toBe('2');
  });
}

const KEYS = ['a', 'b', 'a/b', 'a/c', 'zone/example.org'];
type Step =
  | { kind: 'put'; key: string; value: string }
  | { kind: 'delete'; key: string }
  | { kind: 'get'; key: string }
  | { kind: 'list'; prefix: string }
  | { kind: 'snapshot' }
  | { kind: 'reopen' };

const key = fc.constantFrom(...KEYS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), key, value: fc.string() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  {
    arbitrary: fc.record({ kind: fc.constant('list' as const), prefix: fc.constantFrom('', 'a', 'a/') }),
    weight: 1,
  },
  { arbitrary: fc.constant({ kind: 'snapshot' as const }), weight: 1 },
  { arbitrary: fc.constant({ kind: 'reopen' as const }), weight: 1 },
);

async function behavesLikeMap(makeStore: MakeStore<KeyValue>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
      await using fixture = await makeStore();
      let store = fixture.store;
      const model = new Map<string, string>();
      for (const next of steps) {
        if (next.kind === 'reopen') store = await fixture.reopen();
        else await compareStep(store, model, next);
      }
    }),
    { numRuns: 40 },
  );
}

async function compareStep(store: KeyValue, model: Map<string, string>, next: Step): Promise<void> {
  const prefix = next.kind === 'list' ? next.prefix : '';
  const keys = [...model.keys()].filter(known => known.startsWith(prefix)).toSorted();
  switch (next.kind) {
    case 'put':
      await store.put(next.key, encodeUtf8(next.value));
      model.set(next.key, decodeUtf8(encodeUtf8(next.value)));
      break;
    case 'delete':
      await store.delete(next.key);
      model.delete(next.key);
      break;
    case 'get':
      expect(await textOf(store, next.key)).toBe(model.get(next.key));
      break;
    case 'list':
      expect(await store.list(prefix)).toEqual(keys);
      break;
    case 'snapshot': {
      const seen = await collect(store.snapshot());
      expect(new Map(seen.map(([known, value]) => [known, decodeUtf8(value)]))).toEqual(model);
      break;
    }
    case 'reopen':
      break;
  }
}

async function textOf(store: KeyValue, of: string): Promise<string | undefined> {
  const value = await store.get(of);
  return value === undefined ? undefined : decodeUtf8(value);
}
