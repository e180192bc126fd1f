import { afterEach, describe, expect, it } from 'vitest';
import { concatBytes, encodeUtf8, viewOf } from '../../shared/base/bytes.ts';
import type { Service } from '../../shared/appliance/service.ts';
import { encodeQuery } from '../../shared/protocols/dns/encode-message.ts';
import { CLASS_IN, decodeMessage, TYPE, type Message } from '../../shared/protocols/dns/message.ts';
import { parseName } from '../../shared/protocols/dns/name.ts';
import { World } from '../../shared/simulation/world.ts';
import { dnsServiceConfiguration } from './config.ts';
import { dnsServicePlanes } from './planes.ts';
import { createDnsService } from './service.ts';

const DAY_MS = 86_400_000;

const ZONE = '$TTL 60\n@ SOA ns hostmaster 7 1d 2h 4w 5m\n@ NS ns\nns A 192.0.2.1\n';
const config = dnsServiceConfiguration.parse({
  zones: [{ name: 'example' }],
  'signature-days': 6,
  nsid: 'n1.example',
});

interface Seen {
  readonly serial: number;
  /** In seconds, of the SOA's signature. */
  readonly expiration: number;
  readonly inception: number;
}

let running: AsyncDisposable | undefined;
afterEach(async () => await running?.[Symbol.asyncDispose]());

function setUp() {
  const world = new World('dns-service');
  const content = new Map([['/content/dns-service/zones/example.zone', encodeUtf8(ZONE)]]);
  const server = world.host('server', { planes: dnsServicePlanes, content });
  const client = world.host('client').devices;
  const conditions = new Map<string, string>();
  const health = {
    degrade: (key: string, reason: string) => void conditions.set(key, reason),
    recover: (key: string) => void conditions.delete(key),
  };
  running = world.start();
  async function start(): Promise<Service> {
    const service = createDnsService(config, server.devices, { health, contentFolder: '/content' });
    await service.start(new AbortController().signal);
    return service;
  }
  async function ask(type: number, options = new Uint8Array()): Promise<Message> {
    const name = parseName('example');
    if (!name.ok) throw new Error(name.error);
    const question = { name: name.value, type, class: CLASS_IN };
    const query = concatBytes([encodeQuery({ id: 1, question, udpPayloadBytes: 1_232 }), options]);
    const optEnd = query.length - options.length;
    // RFC 3225 §3: the DO bit, in the last four bytes but two of the OPT record.
    viewOf(query).setUint16(optEnd - 4, 0x8000);
    viewOf(query).setUint16(optEnd - 2, options.length);
    await using socket = await client.udp.bind({ host: '0.0.0.0', port: 0 });
    await socket.send(query, { host: server.address, port: 53 });
    const answer = decodeMessage((await socket.receive()).bytes);
    if (!answer.ok) throw new Error(answer.error);
    return answer.value;
  }
  async function look(): Promise<Seen> {
    const { bytes, answers } = await ask(TYPE.SOA);
    const [soa, signature] = answers;
    if (soa === undefined || signature === undefined) throw new Error('the SOA and its signature are there');
    const view = viewOf(bytes);
    return {
      serial: view.getUint32(soa.dataEnd - 20),
      expiration: view.getUint32(signature.dataStart + 8),
      inception: view.getUint32(signature.dataStart + 12),
    };
  }
  async function key(): Promise<string> {
    const { bytes, answers } = await ask(TYPE.DNSKEY);
    return bytes.slice(answers[0]?.dataStart, answers[0]?.dataEnd).toHex();
  }
  return { world, server, clock: client.clock, conditions, start, ask, look, key };
}

describe('queries', () => {
  it('are told by type and rcode on the status page and in the metrics', async () => {
    const { server, start, look, key } = setUp();
    const service = await start();
    await look();
    await key();
    await look();
    const rows = service.status().flatMap(section => section.rows);
    expect(rows).toContainEqual(['Queries by UDP', 'SOA 2, DNSKEY 1']);
    expect(rows).toContainEqual(['Answers by UDP', 'NOERROR 3']);
    expect(await server.devices.metrics.expose()).toContain(
      'lares_dns_queries_total{transport="udp",type="SOA"} 2',
    );
    await service[Symbol.asyncDispose]();
  });
});

it('tells the NSID that it is given', async () => {
  const { start, ask } = setUp();
  const service = await start();
  const { bytes } = await ask(TYPE.SOA, Uint8Array.of(0, 3, 0, 0));
  expect(bytes.toHex()).toContain(`0003000a${Buffer.from('n1.example').toString('hex')}`);
  await service[Symbol.asyncDispose]();
});

describe('a zone that is kept signed', () => {
  it('has good signatures at every time, and its serial never goes down', async () => {
    const { clock, server, start, look } = setUp();
    const service = await start();
    const serials: number[] = [];
    for (let day = 0; day < 10; day++) {
      const seen = await look();
      const nowSeconds = server.devices.clock.now() / 1_000;
      expect(seen.inception).toBeLessThan(nowSeconds);
      // A fault may last for a day and a half at least before anything breaks.
      expect(seen.expiration - nowSeconds).toBeGreaterThan(1.5 * 86_400);
      serials.push(seen.serial);
      await clock.sleep(DAY_MS);
    }
    expect(serials).toEqual(serials.toSorted((left, right) => left - right));
    // Renewed, but not every day anew.
    expect(new Set(serials).size).toBeGreaterThan(2);
    expect(new Set(serials).size).toBeLessThan(9);
    await service[Symbol.asyncDispose]();
  });

  it('is signed anew where the clock was ahead', async () => {
    const { clock, server, start, look } = setUp();
    server.setClock(3 * DAY_MS);
    const service = await start();
    const before = await look();
    server.setClock(-3 * DAY_MS);
    await clock.sleep(DAY_MS / 24);
    const after = await look();
    expect(after.inception).toBeLessThan(server.devices.clock.now() / 1_000);
    expect(after.serial).toBeGreaterThan(before.serial);
    await service[Symbol.asyncDispose]();
  });

  it('keeps its key over a power cut, and its serial goes up', async () => {
    const { server, start, look, key } = setUp();
    await start();
    const before = { ...(await look()), key: await key() };
    server.crash();
    server.restart();
    const service = await start();
    expect((await look()).serial).toBeGreaterThan(before.serial);
    expect(await key()).toBe(before.key);
    await service[Symbol.asyncDispose]();
  });

  it('says so where its serial cannot be kept, and goes on', async () => {
    const { clock, server, conditions, start, look } = setUp();
    const service = await start();
    const before = await look();
    const roomBytes = server.disk.totalBytes;
    server.disk.totalBytes = server.disk.usedBytes;
    await clock.sleep(4.5 * DAY_MS);
    expect(conditions.get('dns-signing')).toMatch(/Signatures cannot be renewed: .* ends 20/);
    expect((await look()).serial).toBe(before.serial);
    server.disk.totalBytes = roomBytes;
    await clock.sleep(DAY_MS / 24);
    expect(conditions.size).toBe(0);
    expect((await look()).serial).toBeGreaterThan(before.serial);
    await service[Symbol.asyncDispose]();
  });

  it('is never signed by a new key where the old one cannot be read', async () => {
    const { server, start } = setUp();
    const service = await start();
    await service[Symbol.asyncDispose]();
    const [place] = await server.devices.keyValue.list('dns-service/keys-');
    await server.devices.keyValue.put(place!, encodeUtf8('{"zone":"exam'));
    await expect(start()).rejects.toThrow('the keys of the zone example cannot be read');
  });
});
