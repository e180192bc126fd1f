import { afterEach, describe, expect, it } from 'vitest';
import { decodeDnskey, keyTag } from '../../../shared/protocols/dns/dnssec/dnskey.ts';
import { decodeRrsig } from '../../../shared/protocols/dns/dnssec/signature.ts';
import type { SignedZone } from '../../../shared/protocols/dns/dnssec/signed-zone.ts';
import { TYPE } from '../../../shared/protocols/dns/message.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServiceConfiguration, type ZoneConfiguration } from '../config.ts';
import { keyRows } from './key-rows.ts';
import { openKeeper } from './open-keeper.ts';
import type { ParentSight } from './parent-view.ts';
import { readHere } from './zone-files.ts';
import type { ZoneKeeper } from './zone-keeper.ts';

const FILE = '$TTL 1h\n@ SOA ns hostmaster 7 1h 10m 4w 5m\n@ NS ns\nns A 192.0.2.1\n';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let running: AsyncDisposable | undefined;
afterEach(async () => await running?.[Symbol.asyncDispose]());

/** A zone and a parent that reads its CDS records when it is told to. */
function setUp() {
  const world = new World('rolls');
  const host = world.host('server');
  const { clock } = world.host('bystander').devices;
  running = world.start();
  let ds: readonly Uint8Array[] = [];
  async function open(zone: Partial<ZoneConfiguration> = {}): Promise<ZoneKeeper> {
    const [configuration] = dnsServiceConfiguration.parse({ zones: [{ name: 'example', ...zone }] }).zones;
    const { devices } = host;
    const serve = (): Promise<void> => Promise.resolve();
    const keeper = await openKeeper(configuration!, {
      read: readHere(() => FILE),
      devices,
      signatureDays: 14,
      serve,
    });
    await keeper.begin();
    return keeper;
  }
  /** Lets days pass; the parent looks each day where it does, and is looked at. */
  async function live(keeper: ZoneKeeper, days: number, { readsCds = true } = {}): Promise<void> {
    for (let quarter = 0; quarter < 4 * days; quarter++) {
      await clock.sleep(DAY_MS / 4);
      await keeper.advance();
      if (readsCds && quarter % 4 === 3) ds = cds(keeper) ?? ds;
      await keeper.seeParent({ kind: 'seen', parent: 'test', ds, ttlSeconds: 3_600 } satisfies ParentSight);
      if (keeper.isRenewalDue(host.devices.clock.now() / 1_000)) await keeper.renew();
    }
  }
  return { host, clock, open, live, atParent: () => ds.map(data => ((data[0] ?? 0) << 8) | (data[1] ?? 0)) };
}

function data({ served }: ZoneKeeper, type: number): readonly Uint8Array[] {
  return served.rrsets.find(rrset => rrset.type === type)?.data ?? [];
}

/** undefined: it says nothing. RFC 8078 §4: algorithm 0 asks for no DS. */
function cds(keeper: ZoneKeeper): readonly Uint8Array[] | undefined {
  const records = data(keeper, TYPE.CDS);
  if (records.length === 0) return undefined;
  return records.filter(record => record[2] !== 0);
}

function shown(keeper: ZoneKeeper): number[] {
  return data(keeper, TYPE.DNSKEY).map(keyTag);
}

/** The tags of the keys that sign an RRset of the apex. */
function signers({ served }: ZoneKeeper, type: number): number[] {
  const rrset = (served as SignedZone).rrsets.find(one => one.type === type);
  return (rrset?.signatures ?? []).flatMap(signature => decodeRrsig(signature)?.keyTag ?? []);
}

describe('the keys of a zone', () => {
  it('are one in use and one to come; the parent is asked when no cache has the zone unsigned', async () => {
    const { open, live, atParent } = setUp();
    const keeper = await open();
    expect(shown(keeper)).toHaveLength(2);
    const [csk] = signers(keeper, TYPE.SOA);
    expect(signers(keeper, TYPE.DNSKEY)).toContain(csk);
    expect(cds(keeper)).toBeUndefined();
    await live(keeper, 2);
    expect(atParent()).toEqual([csk]);
    const rows = new Map(keyRows(keeper));
    expect(rows.get('Next step')).toBe('none: all is as it shall be');
    expect(rows.get('DS record for the parent')).toMatch(new RegExp(`^example\\. IN DS ${csk} 13 2 `));
  });

  it('are rolled on request, and each step outlives a power cut', async () => {
    const { host, open, live, atParent } = setUp();
    let keeper = await open();
    await live(keeper, 2);
    const [before] = atParent();
    await keeper.roll(['csk']);
    for (let day = 0; day < 5; day++) {
      host.crash();
      host.restart();
      keeper = await open();
      await live(keeper, 1);
    }
    const [after] = atParent();
    expect(after).not.toBe(before);
    expect(signers(keeper, TYPE.SOA)).toEqual([after]);
    expect(signers(keeper, TYPE.DNSKEY)).not.toContain(before);
    // Former, in use, to come.
    expect(shown(keeper)).toHaveLength(3);
    expect(shown(keeper)).toContain(before);
  });

  it('are not rolled by themselves where people change the DS records, and a roll on request waits for them', async () => {
    const { open, live, atParent } = setUp();
    const keeper = await open({ 'ksk-days': 30 });
    await live(keeper, 2);
    const before = atParent();
    await live(keeper, 40);
    expect(atParent()).toEqual(before);
    await keeper.roll(['csk']);
    await live(keeper, 30, { readsCds: false });
    expect(signers(keeper, TYPE.DNSKEY)).toEqual(expect.arrayContaining(before));
    expect(new Map(keyRows(keeper)).get('Next step')).toMatch(
      /^waiting for the DS of \d+ at the parent; .* 2 h/,
    );
  });

  it('are rolled by age where the parent reads CDS', async () => {
    const { open, live, atParent } = setUp();
    const keeper = await open({ parent: 'reads-cds', 'ksk-days': 30 });
    await live(keeper, 2);
    const before = atParent();
    await live(keeper, 35);
    expect(atParent()).not.toEqual(before);
  });

  it('are a KSK and a ZSK where asked, and the ZSK rolls without the parent', async () => {
    const { open, live, atParent } = setUp();
    const keeper = await open({ keys: 'ksk-zsk', 'zsk-days': 30 });
    await live(keeper, 2);
    const [ksk] = atParent();
    const [zsk] = signers(keeper, TYPE.SOA);
    expect(zsk).not.toBe(ksk);
    await live(keeper, 35);
    expect(signers(keeper, TYPE.SOA)).not.toContain(zsk);
    expect(atParent()).toEqual([ksk]);
  });

  it('are of another algorithm when the configuration says so', async () => {
    const { open, live, atParent } = setUp();
    await live(await open(), 2);
    const keeper = await open({ algorithm: 15 });
    await live(keeper, 10);
    const algorithms = data(keeper, TYPE.DNSKEY).map(one => decodeDnskey(one)?.algorithm);
    expect(algorithms).toEqual([15, 15]);
    expect(signers(keeper, TYPE.SOA)).toEqual(atParent());
  });

  it('go when the zone shall not be signed, after the parent has no DS any more', async () => {
    const { host, open, live, atParent } = setUp();
    await live(await open(), 2);
    const keeper = await open({ sign: false });
    expect(signers(keeper, TYPE.SOA)).toHaveLength(1);
    await live(keeper, 10);
    expect(atParent()).toEqual([]);
    expect(shown(keeper)).toEqual([]);
    expect(await host.devices.keyValue.list('dns-service/keys-')).toEqual([]);
    expect((await open({ sign: false })).signer).toBeUndefined();
  });

  it('stay as they are while the disk is full', async () => {
    const { host, open, live, atParent } = setUp();
    const keeper = await open();
    await live(keeper, 2);
    const { served } = keeper;
    host.disk.totalBytes = host.disk.usedBytes;
    await expect(keeper.roll(['csk'])).rejects.toThrow('full');
    expect(keeper.served).toBe(served);
    expect(signers(keeper, TYPE.SOA)).toEqual(atParent());
  });

  it('follow the parent when a snapshot from before the roll is restored', async () => {
    const { host, open, live, atParent } = setUp();
    let keeper = await open();
    await live(keeper, 2);
    const [before] = atParent();
    const kept = await Array.fromAsync(host.devices.keyValue.snapshot());
    await keeper.roll(['csk']);
    await live(keeper, 10);
    const [after] = atParent();
    for (const [place, value] of kept) await host.devices.keyValue.put(place, value);
    keeper = await open();
    // What it had, and what the parent has, both lead to the zone.
    expect(signers(keeper, TYPE.SOA)).toEqual([before]);
    expect(signers(keeper, TYPE.DNSKEY)).toEqual(expect.arrayContaining([before, after]));
    await live(keeper, 1, { readsCds: false });
    expect(signers(keeper, TYPE.SOA)).toEqual([after]);
    expect(cds(keeper)).toHaveLength(1);
    expect(atParent()).toEqual([after]);
  });
});
