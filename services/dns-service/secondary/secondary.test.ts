import { afterEach, describe, expect, it } from 'vitest';
import type { Service } from '../../../shared/appliance/service.ts';
import { encodeUtf8 } from '../../../shared/base/bytes.ts';
import { exchange } from '../../../shared/components/dns-update/exchange.ts';
import { sendUpdate } from '../../../shared/components/dns-update/server.ts';
import { name } from '../../../shared/protocols/dns/answer/testing/ask.ts';
import { encodeQuery } from '../../../shared/protocols/dns/encode-message.ts';
import { CLASS_IN, formatRcode, RCODE, TYPE } from '../../../shared/protocols/dns/message.ts';
import type { TsigKey } from '../../../shared/protocols/dns/tsig-mac.ts';
import { addRecord } from '../../../shared/protocols/dns/update.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServiceConfiguration } from '../config.ts';
import { dnsServicePlanes } from '../planes.ts';
import { createDnsService } from '../service.ts';

const APEX = name('example');
const ZONE = '$TTL 60\n@ SOA ns hostmaster 7 3600 600 86400 60\n@ NS ns\nns A 192.0.2.1\n';
const HOUR_MS = 3_600_000;
const key: TsigKey = { name: name('pair'), algorithm: 'hmac-sha256', secret: encodeUtf8('of both') };

let running: AsyncDisposable | undefined;
afterEach(async () => await running?.[Symbol.asyncDispose]());

/** A primary with a signed zone, a secondary of it, and who asks both. */
async function setUp(file = ZONE) {
  const world = new World('dns-secondary');
  const content = new Map([['/content/dns-service/zones/example.zone', encodeUtf8(file)]]);
  const first = world.host('first', { planes: dnsServicePlanes, content });
  // Who has no zone of a file needs no folder of files.
  const second = world.host('second', { planes: dnsServicePlanes });
  const client = world.host('client').devices;
  running = world.start();
  const conditions = new Map<string, string>();
  const start = async (host: typeof first, zone: object): Promise<Service> => {
    const keys = [{ name: 'pair', secret: 'pair' }];
    const config = dnsServiceConfiguration.parse({ keys, zones: [{ name: 'example', ...zone }] });
    const service = createDnsService(config, host.devices, {
      health: {
        degrade: (what: string, reason: string) => void conditions.set(what, reason),
        recover: (what: string) => void conditions.delete(what),
      },
      contentFolder: '/content',
      secret: async () => Buffer.from(key.secret).toString('base64'),
    });
    await service.start(new AbortController().signal);
    return service;
  };
  const startFirst = (more: object = {}): Promise<Service> =>
    start(first, {
      ...more,
      'transfer-to': [{ key: 'pair' }],
      notify: [{ address: second.address, key: 'pair' }],
      update: [{ key: 'pair' }],
    });
  const startSecond = (): Promise<Service> =>
    start(second, { sign: false, primaries: [{ address: first.address, key: 'pair' }] });
  /** What a server answers, names and all; the rcode where it has no answer. */
  const ask = async (host: typeof first, owner: string, type: number): Promise<string | undefined> => {
    const question = { name: name(owner), type, class: CLASS_IN };
    const query = encodeQuery({ id: 1, question, udpPayloadBytes: 1_232 });
    const answer = await exchange({ host: host.address, port: 53 }, query, client);
    const [record] = answer.answers;
    if (answer.rcode !== RCODE.NOERROR) return formatRcode(answer.rcode);
    return record && answer.bytes.slice(record.dataStart, record.dataEnd).toHex();
  };
  const update = (owner: string): Promise<void> => {
    const record = { name: name(owner), type: TYPE.A, data: Uint8Array.of(192, 0, 2, 9) };
    const zoneUpdate = { zone: APEX, key, changes: [addRecord(record, 60)] };
    const devices = { ...client, random: client.secureRandom };
    return sendUpdate({ host: first.address, port: 53 }, zoneUpdate, devices);
  };
  const isSame = async (): Promise<boolean> =>
    (await ask(first, 'example', TYPE.SOA)) === (await ask(second, 'example', TYPE.SOA));
  return { first, second, clock: client.clock, conditions, startFirst, startSecond, ask, update, isSame };
}

describe('a secondary', () => {
  it('has what its primary has, signatures too, and hears of a change at once', async () => {
    const { first, second, clock, startFirst, startSecond, ask, update, isSame } = await setUp();
    await startFirst();
    await startSecond();
    await clock.sleep(1_000);
    expect(await isSame()).toBe(true);
    const key = await ask(second, 'example', TYPE.DNSKEY);
    expect(key).toBe(await ask(first, 'example', TYPE.DNSKEY));
    expect(key).not.toBeUndefined();
    await update('new.example');
    await clock.sleep(5_000);
    expect(await ask(second, 'new.example', TYPE.A)).toBe('c0000209');
    expect(await isSame()).toBe(true);
  });

  it('answers over a power cut from what it has, though no primary is there, until that expires', async () => {
    const { first, second, clock, conditions, startFirst, startSecond, ask, isSame } = await setUp();
    await startFirst();
    await startSecond();
    await clock.sleep(1_000);
    const before = await ask(second, 'example', TYPE.SOA);
    first.crash();
    second.crash();
    second.restart();
    await startSecond();
    expect(await ask(second, 'example', TYPE.SOA)).toBe(before);
    await clock.sleep(23 * HOUR_MS);
    expect(await ask(second, 'example', TYPE.SOA)).toBe(before);
    await clock.sleep(2 * HOUR_MS);
    expect(await ask(second, 'example', TYPE.SOA)).toBe('SERVFAIL');
    expect(conditions.get('dns-secondary-example')).toContain('No primary of the zone example has answered');
    first.restart();
    await startFirst();
    await clock.sleep(HOUR_MS);
    expect(await isSame()).toBe(true);
    expect(conditions.has('dns-secondary-example')).toBe(false);
  });

  it('starts with nothing where its primary is not there yet', async () => {
    const { second, clock, startFirst, startSecond, ask, isSame } = await setUp();
    await startSecond();
    expect(await ask(second, 'example', TYPE.SOA)).toBe('SERVFAIL');
    await startFirst();
    await clock.sleep(600_000);
    expect(await isSame()).toBe(true);
  });

  it('takes what its digest fits, after changes too', async () => {
    const { second, clock, startFirst, startSecond, ask, update, isSame } = await setUp();
    await startFirst({ zonemd: true });
    await startSecond();
    await clock.sleep(1_000);
    const digest = await ask(second, 'example', TYPE.ZONEMD);
    await update('new.example');
    await clock.sleep(5_000);
    expect(await isSame()).toBe(true);
    expect(await ask(second, 'example', TYPE.ZONEMD)).not.toBe(digest);
    expect(digest).toMatch(/^[0-9a-f]{8}0101[0-9a-f]{96}$/);
  });

  it('takes nothing that its digest does not fit', async () => {
    const { second, clock, startFirst, startSecond, ask } = await setUp(
      `${ZONE}@ ZONEMD 7 1 1 ${'00'.repeat(48)}\n`,
    );
    await startFirst({ sign: false });
    await startSecond();
    await clock.sleep(HOUR_MS);
    expect(await ask(second, 'example', TYPE.SOA)).toBe('SERVFAIL');
  });

  it('is as its primaries have it: nothing is signed or changed here', () => {
    const zone = { name: 'example', primaries: [{ address: '192.0.2.1' }] };
    const parse = (more: object) =>
      dnsServiceConfiguration.safeParse({ zones: [{ ...zone, ...more }] }).success;
    expect([parse({}), parse({ sign: false })]).toEqual([false, true]);
  });
});

describe('an update', () => {
  it('that was acknowledged survives every power cut', async () => {
    const { first, clock, startFirst, ask, update } = await setUp();
    await startFirst();
    let total = 0;
    for (let cut = 0; cut < 10; cut++) {
      const acknowledged: string[] = [];
      for (const owner of [`a${cut}.example`, `b${cut}.example`])
        void update(owner).then(
          () => acknowledged.push(owner),
          () => undefined,
        );
      await clock.sleep(40 * cut);
      first.crash();
      first.restart();
      await startFirst();
      for (const owner of acknowledged) expect(await ask(first, owner, TYPE.A)).toBe('c0000209');
      total += acknowledged.length;
    }
    // Some cuts come before the acknowledgement, and some after.
    expect(total).toBeGreaterThan(4);
    expect(total).toBeLessThan(20);
  });
});
