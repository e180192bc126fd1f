import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeAsked, name } from '../../shared/protocols/dns/answer/testing/ask.ts';
import { TYPE } from '../../shared/protocols/dns/message.ts';
import { startPebble } from '../certificates/pebble.ts';
import { eventually } from '../eventually.ts';
import { createScratch, run } from '../images/scratch.ts';
import { lastingPort } from '../lasting-port.ts';
import { startDnsService, type DnsService } from './service-process.ts';

const ZONE = [
  '$TTL 300',
  '@ SOA ns hostmaster 1 1d 2h 4w 5m',
  '@ NS ns',
  'ns A 127.0.0.1',
  'www A 127.0.0.1',
  '$GENERATE 1-100 many TXT "text number $ of more than a datagram carries"',
].join('\n');

const DOH = 'https://ns.lares.example:PORT/dns-query';

let parts: AsyncDisposableStack;
let service: DnsService;
let authority: string;
let rootPem: string;
/** A file with more than a message may have, and than the windows of HTTP/2 let through at once. */
let tooLong: string;
let site: Server;

beforeAll(async () => {
  parts = new AsyncDisposableStack();
  const { path: folder } = parts.use(await createScratch());
  const port = await lastingPort();
  const nameServer = `127.0.0.1:${port}`;
  const pebble = parts.use(await startPebble({ httpPort: 1, tlsPort: 1, nameServer, nonceRejectPercent: 0 }));
  rootPem = pebble.rootPem;
  authority = join(folder, 'root.pem');
  await writeFile(authority, rootPem);
  tooLong = join(folder, 'too-long');
  await writeFile(tooLong, new Uint8Array(300_000));
  const configuration = [
    'server-names = ["ns.lares.example"]',
    '[[dns-service.zones]]\nname = "lares.example"',
    'transfer-to = [{ address = "127.0.0.1", over-tls = true }]',
    `[certificates]\nca = "${pebble.directoryUrl()}"`,
    `trust-anchors = ["""\n${pebble.trustAnchorPem}"""]`,
  ].join('\n');
  const zones = { 'lares.example.zone': ZONE };
  service = parts.use(await startDnsService({ folder, port, configuration, zones }));
  site = createServer((_request, response) => response.end('found')).listen(0, '127.0.0.1');
  parts.defer(() => void site.close());
  await once(site, 'listening');
  await eventually(
    'the certificate is there',
    () => service.lines.find(line => line.includes('certificate issued')),
    {
      seen: () => `${service.lines.join('\n')}\n${pebble.log()}`,
    },
  );
}, 60_000);

afterAll(async () => await parts.disposeAsync());

function kdig(transport: 'tls' | 'https', ...words: readonly string[]): Promise<string> {
  const port = transport === 'tls' ? service.tlsPort : service.httpsPort;
  const tls = [`+tls-ca=${authority}`, '+tls-hostname=ns.lares.example', '+retry=0'];
  return run('kdig', '@127.0.0.1', '-p', String(port), `+${transport}`, ...tls, ...words);
}

describe.each(['tls', 'https'] as const)('kdig by %s, which trusts the authority alone', transport => {
  it('is answered, in blocks of 468 bytes', async () => {
    const said = await kdig(transport, '+dnssec', '+padding', 'www.lares.example', 'A');
    expect(said).toMatch(/status: NOERROR/);
    expect(said).toMatch(/www\.lares\.example\.\s+300\s+IN\s+A\s+127\.0\.0\.1/);
    expect(said).toMatch(/Received 468 B/);
  });

  it('gets more than a datagram carries', async () => {
    expect(await kdig(transport, '+dnssec', 'many.lares.example', 'TXT')).toMatch(/ANSWER: 101;/);
  });
});

describe('a transfer over TLS (XoT)', () => {
  it('gives kdig the whole zone', async () => {
    const said = await kdig('tls', 'lares.example', 'AXFR');
    expect(textsIn(said)).toBe(100);
  });

  it('is refused without TLS where the zone asks for it, and over HTTPS, whose answer is one message', async () => {
    const plain = ['-p', String(service.port), '+retry=0', 'lares.example', 'AXFR'];
    await expect(run('kdig', '@127.0.0.1', ...plain)).rejects.toThrow(/REFUSED/);
    await expect(kdig('https', 'lares.example', 'AXFR')).rejects.toThrow(/REFUSED/);
  });

  it('is taken by a secondary from who proves the name', async () => {
    const secondary = await startSecondary('ns.lares.example');
    await eventually('the zone', async () => textsIn(await askForMany(secondary.port)) === 100, {
      seen: () => secondary.lines.join('\n'),
    });
  });

  it('is not taken from a server that has no certificate of that name, and the log says why', async () => {
    const secondary = await startSecondary('other.example');
    await eventually(
      'the reason',
      () => secondary.lines.some(line => line.includes('certificate is not trusted')),
      { seen: () => secondary.lines.join('\n') },
    );
    expect(await askForMany(secondary.port)).toMatch(/status: SERVFAIL/);
  });
});

async function startSecondary(primaryName: string): Promise<DnsService> {
  const { path: folder } = parts.use(await createScratch());
  const anchors = `trust-anchors = ["""\n${rootPem}"""]`;
  const tls = `{ name = "${primaryName}", port = ${service.tlsPort}, ${anchors} }`;
  const configuration = [
    '[[dns-service.zones]]\nname = "lares.example"\nsign = false',
    `primaries = [{ address = "127.0.0.1", port = ${service.port}, tls = ${tls} }]`,
  ].join('\n');
  return parts.use(await startDnsService({ folder, zones: {}, configuration }));
}

function askForMany(port: number): Promise<string> {
  return run('dig', '@127.0.0.1', '-p', String(port), '+tcp', '+tries=1', 'many.lares.example', 'TXT');
}

const textsIn = (said: string): number => said.match(/\sTXT\s+"text" "number"/g)?.length ?? 0;

describe('curl', () => {
  const curl = (...words: readonly string[]): Promise<string> =>
    run('curl', '-sS', '--cacert', authority, ...words);
  const pinned = (): string => `ns.lares.example:${service.httpsPort}:127.0.0.1`;
  const urlOf = (query = ''): string => `https://ns.lares.example:${service.httpsPort}/dns-query${query}`;

  it('finds a host by DNS over HTTPS', async () => {
    const { port } = site.address() as AddressInfo;
    const words = ['--doh-url', urlOf(), '--resolve', pinned(), `http://www.lares.example:${port}/`];
    expect(await curl(...words)).toBe('found');
  });

  it('is told how long an answer is fresh', async () => {
    const message = encodeAsked({ name: name('www.lares.example'), type: TYPE.A }, 0);
    const text = message.toBase64({ alphabet: 'base64url', omitPadding: true });
    const head = await curl('--resolve', pinned(), '--head', urlOf(`?dns=${text}`));
    expect(head).toMatch(/^HTTP\/2 200/);
    expect(head).toMatch(/cache-control: max-age=300/);
    expect(head).toMatch(/content-type: application\/dns-message/);
  });

  it.each([
    ['another path', ['https://ns.lares.example:PORT/'], 404],
    ['no message', [DOH], 400],
    ['another method', ['-X', 'DELETE', DOH], 405],
    ['another media type', ['-d', '{}', '-H', 'content-type: application/json', DOH], 415],
    ['bytes that are no message', ['-d', 'short', '-H', 'content-type: application/dns-message', DOH], 400],
    [
      'more than a message may have',
      ['--data-binary', '@TOO-LONG', '-H', 'content-type: application/dns-message', DOH],
      413,
    ],
  ])('is told what is wrong: %s', async (_what, words, status) => {
    const given = words.map(word =>
      word.replace('PORT', String(service.httpsPort)).replace('TOO-LONG', tooLong),
    );
    expect(await curl('--resolve', pinned(), '-o', '/dev/null', '-w', '%{http_code}', ...given)).toBe(
      String(status),
    );
  });
});

it('a resolver that tries encryption with no name, or a wrong one, is answered too (RFC 9539)', async () => {
  const words = ['+tls', '+retry=0', '+short', 'www.lares.example', 'A'];
  expect(await run('kdig', '@127.0.0.1', '-p', String(service.tlsPort), ...words)).toBe('127.0.0.1\n');
});

it('the record that proved the name is taken out of the zone again', async () => {
  const said = await eventually('it is gone', async () => {
    const answer = await run(
      'kdig',
      '@127.0.0.1',
      '-p',
      String(service.port),
      '_acme-challenge.ns.lares.example',
      'TXT',
    );
    return answer.includes('NXDOMAIN') ? answer : undefined;
  });
  expect(said).toContain('ANSWER: 0;');
});
