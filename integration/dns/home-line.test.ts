import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../images/cli/repository.ts';
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
  ...['ddclient', 'inadyn', 'curl', 'other'].map(client => `${client} A 192.0.2.1`),
].join('\n');

const PASSWORD = 'a password of a router';
const USED_MS = 60_000;

let parts: AsyncDisposableStack;
let folder: string;
let service: DnsService;
let plainPort: number;

beforeAll(async () => {
  parts = new AsyncDisposableStack();
  folder = parts.use(await createScratch()).path;
  const port = await lastingPort();
  plainPort = await lastingPort();
  const nameServer = `127.0.0.1:${port}`;
  const pebble = parts.use(await startPebble({ httpPort: 1, tlsPort: 1, nameServer, nonceRejectPercent: 0 }));
  await writeFile(join(folder, 'root.pem'), pebble.rootPem);
  await mkdir(join(folder, 'secrets'));
  await writeFile(join(folder, 'secrets/router'), `${PASSWORD}\n`);
  await writeFile(join(folder, 'secrets/other'), 'the password of another\n');
  const follow = (name: string, secret: string): string =>
    `[[dns-service.follow]]\nname = "${name}.lares.example"\nsources = ["update"]\nsecret = "${secret}"`;
  const configuration = [
    `server-names = ["ns.lares.example"]\nupdate-http-port = ${plainPort}`,
    ...['ddclient', 'inadyn', 'curl'].map(name => follow(name, 'router')),
    follow('other', 'other'),
    '[[dns-service.zones]]\nname = "lares.example"',
    `[certificates]\nca = "${pebble.directoryUrl()}"`,
    `trust-anchors = ["""\n${pebble.trustAnchorPem}"""]`,
  ].join('\n');
  service = parts.use(
    await startDnsService({ folder, port, configuration, zones: { 'lares.example.zone': ZONE } }),
  );
  await eventually(
    'the certificate is there',
    () => service.lines.find(line => line.includes('certificate issued')),
    { seen: () => `${service.lines.join('\n')}\n${pebble.log()}` },
  );
}, USED_MS);
afterAll(async () => await parts.disposeAsync());

/** The bootstrap unpacks them there: installed, they would run as services of this machine. */
function client(path: string): string {
  return join(repositoryRoot, '.cache/peers', path);
}

async function ask(name: string, type = 'A'): Promise<string> {
  const words = ['@127.0.0.1', '-p', String(service.port), '+norecurse', '+short'];
  return (await run('dig', ...words, `${name}.lares.example`, type)).trim();
}

async function fileOf(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

/** What a router of OpenWrt runs. */
function curl(name: string, address: string, user = `any:${PASSWORD}`): Promise<string> {
  const host = `ns.lares.example:${service.httpsPort}`;
  const tls = ['--cacert', join(folder, 'root.pem'), '--resolve', `${host}:127.0.0.1`];
  const url = `https://${host}/nic/update?hostname=${name}.lares.example&myip=${address}`;
  return run('curl', '-sS', '--http1.1', ...tls, '--user', user, url);
}

describe('a router that reports its address', () => {
  it('by ddclient and plain HTTP', async () => {
    const report = async (address: string): Promise<string> => {
      const file = await fileOf(
        'ddclient.conf',
        `ssl=no\nprotocol=dyndns2\nserver=127.0.0.1:${plainPort}\nlogin=any\npassword='${PASSWORD}'\nuse=ip\nip=${address}\nddclient.lares.example\n`,
      );
      const cache = join(folder, 'ddclient.cache');
      const words = ['-file', file, '-cache', cache, '-verbose', '-force'];
      return run('perl', client('ddclient/usr/bin/ddclient'), ...words);
    };
    expect(await report('5.6.7.8')).toMatch(
      /SUCCESS: +updating ddclient\.lares\.example: good: IP address set to 5\.6\.7\.8/,
    );
    expect(await ask('ddclient')).toBe('5.6.7.8');
    expect(await report('5.6.7.8')).toMatch(/nochg/);
    await expect(report('192.168.1.7')).rejects.toThrow(/unexpected status \(911\)/);
    expect(await ask('ddclient')).toBe('5.6.7.8');
  });

  it('by inadyn and HTTPS without ALPN', async () => {
    const file = await fileOf(
      'inadyn.conf',
      `secure-ssl = false\niterations = 1\nca-trust-file = "${join(folder, 'root.pem')}"\ncustom lares {
  ddns-server = "127.0.0.1:${service.httpsPort}"
  ddns-path = "/nic/update?hostname=%h&myip=%i"
  hostname = "inadyn.lares.example"
  username = "any"
  password = "${PASSWORD}"
  checkip-command = "/bin/echo 5.6.7.9"
}
`,
    );
    const folders = ['--cache-dir', folder, '--pidfile', join(folder, 'inadyn.pid')];
    await run(client('inadyn/usr/bin/inadyn'), '-n', '-1', '--force', '-f', file, ...folders, '-l', 'debug');
    expect(await ask('inadyn')).toBe('5.6.7.9');
  });

  it('by HTTPS with the certificate of the server, and of both families', async () => {
    expect(await curl('curl', '5.6.7.10,2a00:1450::7')).toBe('good 5.6.7.10,2a00:1450::7\n');
    expect([await ask('curl'), await ask('curl', 'AAAA')]).toEqual(['5.6.7.10', '2a00:1450::7']);
  });

  it('is told in one word what is wrong, and changes nothing', async () => {
    expect(await curl('curl', '5.6.7.11', 'any:guessed')).toBe('badauth\n');
    expect(await curl('other', '5.6.7.11')).toBe('nohost\n');
    expect(await curl('nowhere', '5.6.7.11')).toBe('nohost\n');
    expect(await curl('curl', '127.0.0.1')).toBe('911\n');
    expect([await ask('other'), await ask('curl')]).toEqual(['192.0.2.1', '5.6.7.10']);
    expect(service.lines.join('\n')).not.toContain(PASSWORD);
  });
});
