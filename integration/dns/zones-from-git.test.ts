import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { createScratch, run, type Scratch } from '../images/scratch.ts';
import { startGitServer, type GitServer } from '../releases/git-server.ts';
import { configureKey, startDnsService, type DnsService } from './service-process.ts';
import { KEY, sendUpdates, ZONE } from './transfer-peers.ts';

/** A zone with one address, below the folder that the repository has it in. */
const zoneWith = (address: string): Record<string, string> => ({
  [`public/${ZONE}.zone`]: textWith(address),
  'README.md': 'not a zone',
});
const textWith = (address: string): string =>
  `$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\nwww A ${address}\n`;

let scratch: Scratch;
let server: GitServer;
let service: DnsService;

/** The first look at the repository is at the start. */
async function start(): Promise<void> {
  service = await startDnsService({
    folder: scratch.path,
    zones: { [`${ZONE}.zone`]: textWith('192.0.2.1') },
    configuration: `
git-url = "${server.url}"
git-folder = "public"
git-token = "git"
[[dns-service.keys]]
name = "${KEY.name}"
secret = "tsig"
[[dns-service.zones]]
name = "${ZONE}"
update = [{ key = "${KEY.name}" }]
`,
  });
}

async function restart(): Promise<void> {
  await service[Symbol.asyncDispose]();
  await start();
}

beforeAll(async () => {
  scratch = await createScratch();
  server = await startGitServer();
  await configureKey(scratch.path, KEY.secret, { git: 'sesame' });
  server.requireToken('sesame');
  server.commit(zoneWith('192.0.2.2'));
  await start();
});

afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

async function addressOf(label: string): Promise<string> {
  const said = await run(
    'dig',
    ...['@127.0.0.1', '-p', String(service.port), '+short', `${label}.${ZONE}`, 'A'],
  );
  return said.trim();
}

const answers = (label: string, address: string): Promise<true> =>
  eventually(`${label} has ${address}`, async () => (await addressOf(label)) === address);

describe('zones that follow a repository', () => {
  it('are as its newest commit has them, once it is there', async () => {
    await answers('www', '192.0.2.2');
  });

  it('are as the next one has them, with what was changed otherwise', async () => {
    await sendUpdates(service.port, scratch.path, [`update add dynamic.${ZONE} 60 A 192.0.2.9`, 'send']);
    server.commit(zoneWith('192.0.2.3'));
    await restart();
    // What was served last is served from the start, however far the repository is.
    expect(['192.0.2.2', '192.0.2.3']).toContain(await addressOf('www'));
    await answers('www', '192.0.2.3');
    expect(await addressOf('dynamic')).toBe('192.0.2.9');
  });

  it('stay where a commit has a fault, which is told with file, line and rule', async () => {
    server.commit(zoneWith('192.0.2.300'));
    await restart();
    const line = await eventually('the refusal', () =>
      service.lines.find(text => text.includes('release refused')),
    );
    expect(line).toMatch(
      new RegExp(`${ZONE}.zone:5: A, address: .* is not an IPv4 address .*\\(data of A\\)`),
    );
    expect(await addressOf('www')).toBe('192.0.2.3');
    expect(await addressOf('dynamic')).toBe('192.0.2.9');
  });
});
