import { afterEach, describe, expect, it } from 'vitest';
import { applyDifference } from '../../../shared/protocols/dns/changes/difference.ts';
import { ZoneDraft } from '../../../shared/protocols/dns/changes/zone-draft.ts';
import { flattenSignatures, type SignedZone } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatName, parseName, type Name } from '../../../shared/protocols/dns/name.ts';
import type { Zone } from '../../../shared/protocols/dns/rrset.ts';
import { formatZoneFault } from '../../../shared/protocols/dns/zone-file/fault.ts';
import { formatZone } from '../../../shared/protocols/dns/zone-file/format-zone.ts';
import { readZone, type ReadZone } from '../../../shared/protocols/dns/zone-file/read-zone.ts';
import { Prng } from '../../../shared/simulation/prng.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServiceConfiguration } from '../config.ts';
import { openKeeper } from './open-keeper.ts';
import { readHere } from './zone-files.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

const FILE = '$TTL 60\n@ SOA ns hostmaster 7 1d 2h 4w 5m\n@ NS ns\nns A 192.0.2.1\n';

let running: AsyncDisposable | undefined;
afterEach(async () => await running?.[Symbol.asyncDispose]());

function setUp(seed = 'keeper') {
  const world = new World(seed);
  const host = world.host('server');
  running = world.start();
  async function open({ file = FILE, sign = false } = {}): Promise<ZoneKeeper> {
    const [configuration] = dnsServiceConfiguration.parse({ zones: [{ name: 'example', sign }] }).zones;
    const { devices } = host;
    const serve = (): Promise<void> => Promise.resolve();
    const keeper = await openKeeper(configuration!, {
      read: readHere(() => file),
      devices,
      signatureDays: 14,
      serve,
    });
    await keeper.begin();
    return keeper;
  }
  return { world, host, open, clock: world.host('bystander').devices.clock };
}

function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Adds the address record of a name. */
function add(label: string) {
  return (content: Zone) => {
    const draft = new ZoneDraft(content);
    const owner = name(`${label}.example`);
    draft.put({ owner, type: TYPE.A, ttlSeconds: 60, data: [Uint8Array.of(192, 0, 2, 9)] });
    return { next: draft.finish(), result: label };
  };
}

function hosts({ content }: ZoneKeeper): string[] {
  return content.rrsets
    .filter(({ type }) => type === TYPE.A)
    .map(({ owner }) => formatName(owner.slice(0, -1)))
    .sort();
}

function read(file: string): ReadZone {
  const zone = readZone({ file: 'example.zone', read: () => file, origin: name('example') });
  if (!zone.ok) throw new Error(zone.error.errors.map(formatZoneFault).join());
  return zone.value;
}

describe('a newer file', () => {
  it('is taken over while the zone is served, under a later serial; no change is lost by it', async () => {
    const { open } = setUp();
    const keeper = await open();
    await keeper.change(add('dynamic'));
    const { serial } = keeper;
    expect(await keeper.takeFile(read(FILE.replace('ns A', 'www A 192.0.2.2\nns A')))).toBe(true);
    expect(hosts(keeper)).toEqual(['dynamic', 'ns', 'www']);
    expect(keeper.serial).toBeGreaterThan(serial);
  });

  it('that says the same makes no version', async () => {
    const { open } = setUp();
    const keeper = await open();
    expect([await keeper.takeFile(read(FILE)), keeper.serial]).toEqual([false, 7]);
  });

  it.each([true, false])('is what the next start began with (changed otherwise: %s)', async isChanged => {
    const { host, open } = setUp();
    const before = await open();
    if (isChanged) await before.change(add('dynamic'));
    const newer = FILE.replace('ns A', 'www A 192.0.2.2\nns A');
    await before.takeFile(read(newer));
    const { serial } = before;
    host.crash();
    host.restart();
    const after = await open({ file: newer.replace('www', 'mail') });
    expect(hosts(after)).toEqual(isChanged ? ['dynamic', 'mail', 'ns'] : ['mail', 'ns']);
    expect(after.serial).toBeGreaterThan(serial);
  });

  it('that does not fit what came otherwise is refused, and all stays', async () => {
    const { open } = setUp();
    const keeper = await open();
    await keeper.change(add('below.cut'));
    const cut = read(`${FILE}cut.example. DNAME elsewhere.example.\n`);
    expect(() => keeper.tryFile(cut)).toThrow('does not fit its records that came otherwise');
    await expect(keeper.takeFile(cut)).rejects.toThrow('does not fit');
    expect(hosts(keeper)).toEqual(['below.cut', 'ns']);
    await keeper.takeFile(read(FILE.replace('ns A', 'www A 192.0.2.2\nns A')));
    expect(hosts(keeper)).toEqual(['below.cut', 'ns', 'www']);
  });
});

describe('a zone that is changed', () => {
  it('tells what each change gave, and serves one version for those that come together', async () => {
    const { open } = setUp();
    const keeper = await open({ sign: true });
    let versions = 0;
    keeper.onServed(() => versions++);
    const before = keeper.serial;
    const labels = ['a', 'b', 'c'];
    expect(await Promise.all(labels.map(label => keeper.change(add(label))))).toEqual(labels);
    expect([versions, keeper.serial]).toEqual([1, before + 1]);
    expect(await keeper.change(() => ({ next: undefined, result: 'nothing' }))).toBe('nothing');
    expect(versions).toBe(1);
  });

  it('gives the fault of an edit to whom it belongs', async () => {
    const keeper = await setUp().open();
    const fault = keeper.change(() => {
      throw new Error('no');
    });
    const fine = keeper.change(add('a'));
    await expect(fault).rejects.toThrow('no');
    expect(await fine).toBe('a');
  });

  it('tells how served versions differ, signatures and all', async () => {
    const keeper = await setUp().open({ sign: true });
    const before = { serial: keeper.serial, served: flattenSignatures(keeper.served as SignedZone) };
    await keeper.change(add('a'));
    await keeper.change(add('b'));
    let zone = before.served;
    for (const difference of keeper.differencesSince(before.serial) ?? []) {
      const applied = applyDifference(zone, difference);
      if (!applied.ok) throw new Error(applied.error);
      zone = applied.value;
    }
    const records = (version: Zone): string[] => formatZone(version).split('\n').sort();
    expect(records(zone)).toEqual(records(flattenSignatures(keeper.served as SignedZone)));
    expect(keeper.differencesSince(keeper.serial)).toEqual([]);
    expect(keeper.differencesSince(before.serial - 1)).toBeUndefined();
  });

  it('stays as it was where the disk is full, and goes on when there is room', async () => {
    const { host, open } = setUp();
    const keeper = await open({ sign: true });
    await keeper.change(add('a'));
    const { serial, served } = keeper;
    host.disk.totalBytes = host.disk.usedBytes;
    await expect(keeper.change(add('b'))).rejects.toThrow('full');
    expect([keeper.serial, keeper.served, hosts(keeper)]).toEqual([serial, served, ['a', 'ns']]);
    host.disk.totalBytes *= 100;
    await keeper.change(add('c'));
    expect(hosts(keeper)).toEqual(['a', 'c', 'ns']);
    expect(hosts(await open({ sign: true }))).toEqual(['a', 'c', 'ns']);
  });

  it('takes over the edits of its file and keeps the rest', async () => {
    const { open } = setUp();
    const keeper = await open({ file: `${FILE}x A 192.0.2.2\n` });
    await keeper.change(add('a'));
    const { serial } = keeper;
    const later = await open({ file: `${FILE}y A 192.0.2.3\n` });
    expect(hosts(later)).toEqual(['a', 'ns', 'y']);
    expect(later.serial).toBeGreaterThan(serial);
    // Once taken over, it is not edited again.
    await later.change(content => {
      const draft = new ZoneDraft(content);
      for (const rrset of draft.at(name('y.example'))) draft.remove(rrset);
      return { next: draft.finish(), result: undefined };
    });
    expect(hosts(await open({ file: `${FILE}y A 192.0.2.3\n` }))).toEqual(['a', 'ns']);
  });

  it('has the file where both cannot be, name by name', async () => {
    const { open } = setUp();
    const keeper = await open();
    await keeper.change(add('a'));
    await keeper.change(add('b'));
    const later = await open({ file: `${FILE}a CNAME ns\n` });
    expect(hosts(later)).toEqual(['b', 'ns']);
  });

  it('is as its file has it, serial and all, before it is changed, where it is not signed', async () => {
    const { host, open } = setUp();
    expect((await open()).serial).toBe(7);
    expect(host.disk.usedBytes).toBe(0);
  });
});

describe('a version taken from a primary', () => {
  it('has its serial where it is not signed here, and lasts', async () => {
    const { open } = setUp();
    const keeper = await open();
    const { next } = add('a')(keeper.content);
    await keeper.take(next);
    expect([keeper.serial, hosts(keeper)]).toEqual([7, ['a', 'ns']]);
    expect(hosts(await open())).toEqual(['a', 'ns']);
  });
});

describe('an older snapshot that was restored', () => {
  it('leads above every serial that was shown since', async () => {
    const { host, open, clock } = setUp();
    const keeper = await open({ sign: true });
    await keeper.change(add('a'));
    const files = new Map<string, Uint8Array>();
    for await (const { path, content } of host.devices.files.snapshot())
      files.set(path, Buffer.concat(await Array.fromAsync(content)));
    for (let count = 0; count < 50; count++) await keeper.change(add(`n${count}`));
    const { serial } = await open({ sign: true });
    for (const [path, content] of files) await host.devices.files.replace(path, content);
    await clock.sleep(20);
    const restored = await open({ sign: true });
    expect(hosts(restored)).toEqual(['a', 'ns']);
    expect(restored.serial).toBeGreaterThan(serial);
  });
});

describe('power cuts', () => {
  const seeds = Array.from({ length: 40 }, (_, index) => `cut ${index}`);

  it.each(seeds)('lose nothing that was acknowledged, and never lower the serial: %s', async seed => {
    const { host, open, clock } = setUp(seed);
    const prng = new Prng(seed);
    const acknowledged: string[] = [];
    const asked = new Set(['ns']);
    let shown = 0;
    for (let life = 0; life < 4; life++) {
      const keeper = await open({ sign: prng.chance(0.2) });
      for (const label of acknowledged) expect(hosts(keeper)).toContain(label);
      for (const label of hosts(keeper)) expect(asked).toContain(label);
      if (life > 0) expect(keeper.serial).toBeGreaterThan(shown);
      const isOver = clock.sleep(prng.between(0, 150));
      for (let count = 0; count < 8; count++) {
        const label = `n${life}-${count}`;
        asked.add(label);
        void keeper.change(add(label)).then(() => void acknowledged.push(label));
        if (prng.chance(0.5)) await clock.sleep(prng.between(0, 30));
      }
      await isOver;
      shown = keeper.serial;
      host.crash();
      host.restart();
    }
  });
});
