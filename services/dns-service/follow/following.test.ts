import { afterEach, describe, expect, it } from 'vitest';
import type { Service } from '../../../shared/appliance/service.ts';
import { concatBytes, decodeUtf8, encodeUtf8 } from '../../../shared/base/bytes.ts';
import { exchange } from '../../../shared/components/dns-update/exchange.ts';
import { name } from '../../../shared/protocols/dns/answer/testing/ask.ts';
import { encodeMessage, encodeQuery, headerFlags } from '../../../shared/protocols/dns/encode-message.ts';
import { CLASS_IN, decodeMessage, FLAG, OPCODE, TYPE } from '../../../shared/protocols/dns/message.ts';
import { formatAddress, parseAddress } from '../../../shared/protocols/ip/address.ts';
import { World } from '../../../shared/simulation/world.ts';
import { dnsServiceConfiguration } from '../config.ts';
import { dnsServicePlanes } from '../planes.ts';
import { createDnsService } from '../service.ts';
import { CHANGE_INTERVAL_MS, CHANGES_AT_ONCE } from '../../../shared/protocols/home-address/follow.ts';

const ZONE =
  '$TTL 300\n@ SOA ns hostmaster 7 1d 2h 4w 5m\n@ NS ns\nns A 192.0.2.1\nhome A 192.0.2.9\nhome A 192.0.2.8\nalias CNAME ns\n';
const HTTP_PORT = 8080;

let running: AsyncDisposable | undefined;
afterEach(async () => await running?.[Symbol.asyncDispose]());

function setUp() {
  const world = new World('following');
  const content = new Map([['/content/dns-service/zones/example.zone', encodeUtf8(ZONE)]]);
  const server = world.host('server', { planes: dnsServicePlanes, content });
  const outside = world.host('outside');
  const client = world.host('client').devices;
  const line = { addresses: [] as string[] };
  const conditions = new Map<string, string>();
  const health = {
    degrade: (key: string, reason: string) => void conditions.set(key, reason),
    recover: (key: string) => void conditions.delete(key),
  };
  running = world.start();
  async function start(follow: object, table: object = {}): Promise<Service> {
    const config = dnsServiceConfiguration.parse({
      zones: [{ name: 'example', sign: false }],
      follow: [{ name: 'home.example', ...follow }],
      ...table,
    });
    const context = {
      health,
      contentFolder: '/content',
      addresses: async () => line.addresses,
      secret: async () => 'right\n',
    };
    const service = createDnsService(config, server.devices, context);
    await service.start(new AbortController().signal);
    return service;
  }
  /** The addresses that the server answers, with their TTL. */
  async function ask(type: number = TYPE.A, owner = 'home.example'): Promise<string> {
    const query = encodeQuery({ id: 1, question: { name: name(owner), type, class: CLASS_IN } });
    const { answers, bytes } = await exchange({ host: server.address, port: 53 }, query, client);
    const texts = answers.map(
      ({ dataStart, dataEnd, ttlSeconds }) =>
        `${formatAddress(bytes.subarray(dataStart, dataEnd))} ${ttlSeconds}`,
    );
    return texts.sort().join(', ');
  }
  /** What a router is answered: status and body. */
  async function report(query: string, password = 'right', path = '/nic/update'): Promise<string> {
    const flow = await client.tcp.connect({ host: server.address, port: HTTP_PORT });
    const credentials = encodeUtf8(`anybody:${password}`).toBase64();
    const fields = password === '' ? '' : `authorization: Basic ${credentials}\r\n`;
    flow.write(`GET ${path}?${query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${fields}\r\n`);
    const pieces: Uint8Array[] = [];
    for await (const piece of flow) pieces.push(piece as Uint8Array);
    const [, status, body] =
      /^HTTP\/1\.1 (\d+) [^]*?\r\n\r\n([^]*)$/.exec(decodeUtf8(concatBytes(pieces))) ?? [];
    return `${status} ${body?.trim()}`;
  }
  return { world, server, outside, clock: client.clock, line, conditions, start, ask, report };
}

function rowOf(service: Service): string | undefined {
  const section = service.status().find(({ title }) => title === 'Names that follow this line');
  return section?.rows[0]?.[1];
}

describe('a name that follows the interface', () => {
  it('has each new address within a minute, and says so', async () => {
    const { clock, line, start, ask } = setUp();
    expect(await start({}).then(rowOf)).toContain('no address was seen yet');
    expect(await ask()).toBe('192.0.2.8 300, 192.0.2.9 300');
    line.addresses = ['192.168.1.2', '9.9.9.1', 'fe80::1', '2606:4700::1'];
    await clock.sleep(20_000);
    expect([await ask(), await ask(TYPE.AAAA)]).toEqual(['9.9.9.1 60', '2606:4700::1 60']);
    line.addresses = ['9.9.9.2', '2606:4700::2'];
    await clock.sleep(20_000);
    expect([await ask(), await ask(TYPE.AAAA)]).toEqual(['9.9.9.2 60', '2606:4700::2 60']);
  });

  it('says the address, since when and from where, after a restart too', async () => {
    const { clock, line, start } = setUp();
    line.addresses = ['9.9.9.1'];
    const service = await start({});
    await clock.sleep(20_000);
    const said = /^9\.9\.9\.1 since 2026-01-01 00:00 UTC, seen on this machine's own interface$/;
    expect(rowOf(service)).toMatch(said);
    await service[Symbol.asyncDispose]();
    await clock.sleep(3_600_000);
    const again = await start({});
    await clock.sleep(20_000);
    expect(rowOf(again)).toMatch(said);
  });

  it('stands for another machine behind the prefix', async () => {
    const { clock, line, start, ask } = setUp();
    line.addresses = ['2606:4700:1:2:3:4:5:6'];
    await start({ 'ipv6-host': '::211:32ff:fe12:3456', families: ['ipv6'], 'ttl-seconds': 30 });
    await clock.sleep(20_000);
    expect(await ask(TYPE.AAAA)).toBe('2606:4700:1:2:211:32ff:fe12:3456 30');
  });

  it('makes few versions of a line that flaps', async () => {
    const { clock, line, start, server } = setUp();
    let changes = 0;
    server.devices.addLogSink(({ message }) => {
      if (message === 'a name has other addresses') changes++;
    });
    await start({});
    for (let turn = 0; turn < 60; turn++) {
      line.addresses = [`9.9.9.${turn + 1}`];
      await clock.sleep(10_000);
    }
    expect(changes).toBeGreaterThan(10);
    expect(changes).toBeLessThanOrEqual(CHANGES_AT_ONCE + 600_000 / CHANGE_INTERVAL_MS);
  });

  it('says where it cannot be: an alias stands there', async () => {
    const { clock, line, conditions, start } = setUp();
    line.addresses = ['9.9.9.1'];
    await start({ name: 'alias.example' });
    await clock.sleep(20_000);
    expect(conditions.get('dns-follow-alias.example')).toContain('is an alias in its zone');
  });
});

describe('a name whose address a server outside tells', () => {
  it('has it within a minute', async () => {
    const { outside, clock, start, ask } = setUp();
    const told = { address: '9.9.9.1' };
    const socket = await outside.devices.udp.bind({ host: '0.0.0.0', port: 5353 });
    void (async () => {
      for (;;) {
        const { bytes, source } = await socket.receive();
        const query = decodeMessage(bytes);
        if (!query.ok) continue;
        const { id, questions } = query.value;
        const [question] = questions;
        if (question === undefined) continue;
        const data = parseAddress(told.address) ?? new Uint8Array();
        const answers = [{ ...question, ttlSeconds: 0, data }];
        const flags = headerFlags(OPCODE.QUERY, FLAG.QR);
        await socket.send(encodeMessage({ id, flags, questions, answers }), source);
      }
    })();
    const question = { name: 'myip.test', servers: [outside.address], port: 5353 };
    await start({ sources: ['question'] }, { 'address-question': question });
    await clock.sleep(1_000);
    expect(await ask()).toBe('9.9.9.1 60');
    told.address = '9.9.9.2';
    await clock.sleep(40_000);
    expect(await ask()).toBe('9.9.9.2 60');
    // Behind a translator of the provider: that address leads to nobody.
    told.address = '100.64.0.1';
    await clock.sleep(40_000);
    expect(await ask()).toBe('9.9.9.2 60');
  });
});

describe('a router that reports', () => {
  const follow = { sources: ['update'], secret: 'router' };
  const table = { 'update-http-port': HTTP_PORT };

  it('changes both addresses at once, and is told when nothing changed', async () => {
    const { start, ask, report } = setUp();
    const service = await start(follow, table);
    const query = 'hostname=home.example&myip=9.9.9.1,2606:4700::1';
    expect(await report(query)).toBe('200 good 9.9.9.1,2606:4700::1');
    expect([await ask(), await ask(TYPE.AAAA)]).toEqual(['9.9.9.1 60', '2606:4700::1 60']);
    expect(await report(query, 'right', '/v3/update')).toBe('200 nochg 9.9.9.1,2606:4700::1');
    expect(await report('hostname=home.example&myip=9.9.9.2')).toBe('200 good 9.9.9.2');
    expect([await ask(), await ask(TYPE.AAAA)]).toEqual(['9.9.9.2 60', '2606:4700::1 60']);
    expect(rowOf(service)).toContain('seen by the router, which reported it');
  });

  it.each([
    ['hostname=home.example&myip=9.9.9.1', '', '401 badauth'],
    ['hostname=home.example&myip=9.9.9.1', 'wrong', '401 badauth'],
    ['hostname=other.example&myip=9.9.9.1', 'right', '200 nohost'],
    ['hostname=other.example,home.example&myip=9.9.9.1', 'right', '200 nohost\ngood 9.9.9.1'],
    ['myip=9.9.9.1', 'right', '200 notfqdn'],
    [`hostname=${Array(21).fill('a.example').join(',')}`, 'right', '200 numhost'],
    ['hostname=home.example&myip=192.168.1.1', 'right', '200 911'],
    ['hostname=home.example&myip=2606:4700::/64', 'right', '200 911'],
    // Who asks has a private address in this world.
    ['hostname=home.example', 'right', '200 911'],
  ])('%s with the password "%s" is answered %j', async (query, password, expected) => {
    const { start, report } = setUp();
    await start(follow, table);
    expect(await report(query, password)).toBe(expected);
  });

  it('is answered 911 where the zone cannot be changed, and the change is made when it can', async () => {
    const { server, clock, start, ask, report } = setUp();
    await start(follow, table);
    const roomBytes = server.disk.totalBytes;
    server.disk.totalBytes = server.disk.usedBytes;
    expect(await report('hostname=home.example&myip=9.9.9.1')).toBe('200 911');
    server.disk.totalBytes = roomBytes;
    await clock.sleep(20_000);
    expect(await ask()).toBe('9.9.9.1 60');
  });

  it('that guesses is held up, whether it guesses right or not', async () => {
    const { start, report } = setUp();
    await start(follow, table);
    const answers: string[] = [];
    for (let guess = 0; guess < 31; guess++) answers.push(await report('hostname=home.example', `${guess}`));
    expect(answers.slice(0, 30)).toEqual(Array(30).fill('401 badauth'));
    expect(answers[30]).toBe('429 abuse');
    expect(await report('hostname=home.example')).toBe('429 abuse');
  });

  it('finds nothing else on that port', async () => {
    const { start, report } = setUp();
    await start(follow, table);
    expect(await report('', 'right', '/')).toMatch(/^404/);
    expect(await report('dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB', '', '/dns-query')).toMatch(
      /^400/,
    );
  });
});
