import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange } from '../../shared/components/dns-update/exchange.ts';
import { createHostDevices } from '../../shared/host/devices.ts';
import { encodeQuery } from '../../shared/protocols/dns/encode-message.ts';
import { CLASS_IN, TYPE } from '../../shared/protocols/dns/message.ts';
import { parseName } from '../../shared/protocols/dns/name.ts';
import { createScratch, run, type Scratch } from '../images/scratch.ts';
import { startDnsService, type DnsService } from './service-process.ts';

const CONFIGURATION = `
[[dns-service.zones]]
name = "lares.example"
[[dns-service.zones]]
name = "hashed.example"
file = "lares.example.zone"
algorithm = 15
denial = "nsec3"
[[dns-service.zones]]
name = "compact.example"
file = "lares.example.zone"
denial = "compact"
[[dns-service.zones]]
name = "plain.example"
file = "lares.example.zone"
sign = false
`;

let scratch: Scratch;
let service: DnsService;
const zones: Record<string, string> = {};

beforeAll(async () => {
  scratch = await createScratch();
  const example = new URL('../../configs/dns-service/zones/lares.example.zone', import.meta.url);
  zones['lares.example.zone'] = await readFile(example, 'utf8');
  service = await startDnsService({ folder: scratch.path, configuration: CONFIGURATION, zones });
});

afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

function dig(...words: readonly string[]): Promise<string> {
  return run('dig', '@127.0.0.1', '-p', String(service.port), '+norecurse', '+tries=1', ...words);
}

/** What delv makes of an answer, when the key of `trusted` is all that it trusts for `zone`. */
async function delv(zone: string, name: string, type: string, trusted = zone): Promise<string> {
  // Any of them: the key to come signs the keys, as the one in use does.
  const [line = ''] = (await dig('+short', trusted, 'DNSKEY')).split('\n');
  const [flags, protocol, algorithm, ...key] = line.split(' ');
  const anchors = join(scratch.path, `${zone}-${trusted}.anchors`);
  const words = [flags, protocol, algorithm, `"${key.join('')}"`].join(' ');
  await writeFile(anchors, `trust-anchors { ${zone}. static-key ${words}; };\n`);
  const server = ['@127.0.0.1', '-p', String(service.port)];
  return await run('delv', ...server, '-a', anchors, `+root=${zone}`, name, type);
}

describe.each(['lares.example', 'hashed.example', 'compact.example'])(
  'answers of the signed zone %s',
  zone => {
    it.each([
      ['what is there', 'www', 'A', '; fully validated'],
      ['another type of it', 'www', 'MX', '; negative response, fully validated'],
      ['a name that is not there', 'nothing', 'A', '; negative response, fully validated'],
      ['a name made by a wildcard', 'any.wild', 'TXT', '; fully validated'],
      ['an alias', 'alias', 'AAAA', '; fully validated'],
      ['more than a datagram carries', 'many', 'TXT', '; fully validated'],
      ['an insecure delegation', 'sub', 'DS', '; negative response, fully validated'],
    ])('are valid to delv: %s', async (_what, name, type, verdict) => {
      expect(await delv(zone, `${name}.${zone}`, type)).toContain(verdict);
    });

    it('are held by delv against the key: another one is refused', async () => {
      const other = zone === 'lares.example' ? 'hashed.example' : 'lares.example';
      const said = await delv(zone, `www.${zone}`, 'A', other);
      expect(said).toContain('resolution failed');
    });
  },
);

describe('the transports', () => {
  it('a datagram is cut where it is too short, and TCP has the rest', async () => {
    expect(await dig('+ignore', '+dnssec', 'many.lares.example', 'TXT')).toMatch(/flags:[^;]* tc/);
    const whole = await dig('+tcp', '+dnssec', 'many.lares.example', 'TXT');
    expect(whole).toMatch(/ANSWER: 101,/);
    expect(whole).toContain('(TCP)');
  });

  it('a client of ours comes by TCP for what was cut', async () => {
    const folder = join(scratch.path, 'client');
    const output = { write: () => undefined };
    const world = { entry: import.meta.url, planes: {}, jobs: {}, services: {}, logOutput: output };
    await using devices = await createHostDevices({ ...world, dataFolder: folder });
    const name = parseName('many.lares.example');
    if (!name.ok) throw new Error(name.error);
    const question = { name: name.value, type: TYPE.TXT, class: CLASS_IN };
    const query = encodeQuery({ id: 7, question, udpPayloadBytes: 1_232 });
    const answer = await exchange({ host: '127.0.0.1', port: service.port }, query, devices);
    expect(answer.answers).toHaveLength(100);
  });

  it('an answer by UDP and by TCP is the same', async () => {
    const words = ['+dnssec', '+noall', '+answer', '+authority', 'nothing.lares.example', 'A'];
    expect(await dig('+tcp', ...words)).toBe(await dig('+notcp', ...words));
  });

  it('nobody transfers a zone', async () => {
    expect(await dig('lares.example', 'AXFR')).toContain('Transfer failed');
  });

  it.each(['+tcp', '+notcp'])('nobody notifies, or signs by a key: %s', async transport => {
    expect(await dig(transport, '+opcode=notify', 'lares.example', 'SOA')).toContain('status: REFUSED');
    const key = ['-y', `hmac-sha256:key:${Buffer.alloc(32).toString('base64')}`];
    expect(await dig(transport, ...key, 'lares.example', 'SOA')).toMatch(/NOTAUTH[^]*BADKEY/);
  });
});

describe('what a zone with compact denial signs while it answers', () => {
  it.each(['+tcp', '+notcp'])('is the same to everybody who asks: %s', async transport => {
    const words = ['+dnssec', '+noall', '+answer', '+authority', 'x.compact.example', 'A'];
    const first = await dig(transport, ...words);
    expect(first).toMatch(
      /x\.compact\.example\.\s+\d+\s+IN\s+NSEC\s+\\000\.x\.compact\.example\. RRSIG NSEC TYPE128/,
    );
    expect(await dig(transport, ...words)).toBe(first);
  });

  it('is nothing to who does not ask for signatures: the name is not there', async () => {
    expect(await dig('+nodnssec', 'x.compact.example', 'A')).toContain('status: NXDOMAIN');
    expect(await dig('+dnssec', 'x.compact.example', 'A')).toContain('status: NOERROR');
  });
});

it('a zone that is not to be signed is as its file has it', async () => {
  const answer = await dig('+dnssec', 'plain.example', 'SOA');
  expect(answer).not.toContain('RRSIG');
  expect(answer).toMatch(/hostmaster\.plain\.example\. 1 86400/);
});

it('a name that is nobody of ours is refused', async () => {
  expect(await dig('example.org', 'A')).toContain('status: REFUSED');
});

describe('a new start', () => {
  it('keeps the key, and its serial is higher', async () => {
    const serial = async (): Promise<number> =>
      Number((await dig('+short', 'lares.example', 'SOA')).split(' ')[2]);
    const before = { key: await dig('+short', 'lares.example', 'DNSKEY'), serial: await serial() };
    await service[Symbol.asyncDispose]();
    service = await startDnsService({ folder: scratch.path, configuration: CONFIGURATION, zones });
    expect(await dig('+short', 'lares.example', 'DNSKEY')).toBe(before.key);
    expect(await serial()).toBeGreaterThan(before.serial);
    expect(service.lines.join('\n')).not.toContain('PRIVATE KEY');
  });

  it('with a wrong zone file says file, line and rule of each fault', async () => {
    await using other = await createScratch();
    await using wrong = await startDnsService({
      folder: other.path,
      configuration: '[[dns-service.zones]]\nname = "wrong.example"\n',
      zones: {
        'wrong.example.zone': [
          '$TTL 1h',
          '@ SOA ns hostmaster 1 1d 2h 4w 5m',
          '@ NS ns',
          'ns A 192.0.2.1',
          'www CNAME ns',
          'www A 192.0.2.2',
          'host.example.org. A 192.0.2.3',
        ].join('\n'),
      },
    });
    const said = wrong.lines.join('\n');
    expect(said).toContain('the zone wrong.example cannot be served, since its file is wrong');
    expect(said).toMatch(/wrong\.example\.zone:6: .*CNAME.*\(RFC [0-9]+ §/);
    expect(said).toMatch(/wrong\.example\.zone:7: .*outside the zone/);
    // It is the owner's to set right: the program's own lines would say nothing about it.
    expect(said).not.toMatch(/\bat .*\.ts:\d|"stack"/);
  });
});
