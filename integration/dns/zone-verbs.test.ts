import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verb as keysVerb } from '../../images/cli/verbs/keys.ts';
import { verb as zoneVerb } from '../../images/cli/verbs/zone.ts';
import type { Verb } from '../../images/cli/verb.ts';
import { createScratch, run, type Scratch } from '../images/scratch.ts';
import { startDnsService, type DnsService } from './service-process.ts';

let scratch: Scratch;
let service: DnsService;
let text: string;
beforeAll(async () => {
  scratch = await createScratch();
  const example = new URL('../../configs/dns-service/zones/lares.example.zone', import.meta.url);
  text = await readFile(example, 'utf8');
  await mkdir(join(scratch.path, 'secrets'));
  await keys('laptop');
  await keys('stranger');
  service = await startDnsService({
    folder: scratch.path,
    configuration: `
[[dns-service.keys]]
name = "laptop"
secret = "tsig-laptop"
[[dns-service.keys]]
name = "stranger"
secret = "tsig-stranger"
[[dns-service.zones]]
name = "lares.example"
update = [{ key = "laptop" }]
transfer-to = [{ key = "laptop" }]
`,
    zones: { 'lares.example.zone': text },
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

/** What `lares keys tsig NAME` prints. */
async function keys(name: string): Promise<string[]> {
  const folder = join(scratch.path, 'secrets');
  return (await print(keysVerb, ['tsig', name, '--secrets', folder])).printed;
}

/** What `lares zone …` prints, and its exit code. */
function zone(...args: string[]): Promise<Printed> {
  return print(zoneVerb, args);
}

interface Printed {
  readonly code: number;
  readonly printed: string[];
}

async function print(verb: Verb, args: readonly string[]): Promise<Printed> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  const error = vi.spyOn(console, 'error').mockReturnValue();
  try {
    return { code: await verb.run(args), printed };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

function server(): string {
  return `dns://127.0.0.1:${service.port}`;
}

async function fileOf(content: string): Promise<string> {
  const file = join(scratch.path, 'lares.example.zone');
  await writeFile(file, content);
  return file;
}

describe('lares zone compare', () => {
  it('finds no difference between a file and the server that signs it', async () => {
    expect(await zone('compare', await fileOf(text), server())).toEqual({ code: 0, printed: [] });
  });

  it('prints what the server has otherwise', async () => {
    const file = await fileOf(`${text}new A 192.0.2.99\nsub NS ns2.sub\nns2.sub A 192.0.2.54\n`);
    const { code, printed } = await zone('compare', file, server());
    expect(code).toBe(1);
    expect(printed.map(line => line.replace(/\t\d+\tIN\t/, ' '))).toEqual([
      '- new.lares.example. A\t192.0.2.99',
      '- sub.lares.example. NS\tns2.sub.lares.example.',
      '- ns2.sub.lares.example. A\t192.0.2.54',
    ]);
  });

  it('says so where the server does not have the zone, and where it is none', async () => {
    const file = await fileOf(text);
    await expect(zone('compare', file, server(), '--origin', 'other.example')).rejects.toThrow(
      'the server is none of the zone other.example (it answers REFUSED',
    );
    await expect(zone('compare', file, 'dns://')).rejects.toThrow("'dns://' is no server; write dns://HOST");
    await expect(zone('compare', server(), file)).rejects.toThrow('the old zone has to be a file');
  });
});

describe('lares zone set and unset, by update', () => {
  const at = (key = 'laptop'): string[] => [
    '--to',
    server(),
    '--key',
    join(scratch.path, 'secrets', `tsig-${key}`),
  ];
  const missing = async (line: string): Promise<boolean> =>
    (await zone('compare', await fileOf(`${text}${line}\n`), server())).code === 1;

  it('change what the server has, and tell the serial that has it', async () => {
    const set = await zone(
      'set',
      'new.lares.example',
      'A',
      '192.0.2.98',
      '192.0.2.99',
      '--ttl',
      '2m',
      ...at(),
    );
    expect(set).toEqual({
      code: 0,
      printed: [expect.stringMatching(/ has it: lares\.example, serial \d{10}$/)],
    });
    expect(await missing('new 120 A 192.0.2.98\nnew 120 A 192.0.2.99')).toBe(false);
    expect((await zone('unset', 'new.lares.example', 'A', '192.0.2.98', ...at())).code).toBe(0);
    expect(await missing('new 120 A 192.0.2.99')).toBe(false);
    expect((await zone('unset', 'new.lares.example', ...at())).code).toBe(0);
    expect(await missing('new 120 A 192.0.2.99')).toBe(true);
  });

  it('set the name servers of the zone itself', async () => {
    expect((await zone('set', 'lares.example', 'NS', 'ns1', 'ns.elsewhere.test.', ...at())).code).toBe(0);
    const servers = await zone('compare', await fileOf(text), server());
    expect(servers.printed.map(line => line.replace(/\t\d+\tIN\t/, ' '))).toContain(
      '+ lares.example. NS\tns.elsewhere.test.',
    );
  });

  it('say what stands in the way', async () => {
    await expect(zone('set', 'lares.example', 'A', '192.0.2.1', ...at('stranger'))).rejects.toThrow(
      'refused to update the zone lares.example (REFUSED): allow this key to change A records at lares.example',
    );
    await expect(zone('set', 'www.other.example', 'A', '192.0.2.1', ...at())).rejects.toThrow(
      'has no zone that www.other.example is in',
    );
    await expect(zone('set', 'a.lares.example', 'A', 'b', ...at())).rejects.toThrow('A, address:');
    expect((await zone('set', 'a.lares.example', 'A', '192.0.2.1', '--to', server())).code).toBe(2);
  });
});

describe('lares zone import', () => {
  const key = (name: string): string => join(scratch.path, 'secrets', `tsig-${name}`);
  const out = (name: string): string => join(scratch.path, name);
  const origin = ['--origin', 'lares.example'];

  it('makes a zone file of what a server that signs gives', async () => {
    const words = [...origin, '--key', key('laptop'), '--out', out('transferred')];
    expect(await zone('import', server(), ...words)).toEqual({
      code: 0,
      printed: ['[[dns-service.zones]]\nname = "lares.example"'],
    });
    expect(await readFile(out('transferred'), 'utf8')).not.toMatch(/RRSIG|NSEC|DNSKEY|CDS/);
    expect((await zone('check', out('transferred'), ...origin)).code).toBe(0);
    expect((await zone('compare', out('transferred'), server(), ...origin)).printed).toEqual([]);
    await expect(zone('import', server(), ...words)).rejects.toThrow('is there already; say --out FILE');
  });

  it('makes one of an exported file', async () => {
    const secret = (await readFile(key('laptop'), 'utf8')).trim();
    const words = ['-p', String(service.port), '-y', `hmac-sha256:laptop:${secret}`, 'lares.example', 'AXFR'];
    await writeFile(out('exported'), await run('dig', '@127.0.0.1', ...words));
    const imported = await zone('import', out('exported'), ...origin, '--out', out('from-file'));
    expect(imported.code).toBe(0);
    expect((await zone('compare', out('from-file'), server(), ...origin)).printed).toEqual([]);
  });

  it('says what stands in the way', async () => {
    const refused = zone('import', server(), ...origin, '--key', key('stranger'), '--out', out('none'));
    await expect(refused).rejects.toThrow(
      /does not give the zone lares\.example \(.*REFUSED.*allow this address or a key/,
    );
    await expect(zone('import', server())).rejects.toThrow('say which zone: --origin NAME');
    await writeFile(out('wrong'), text.replace(/^@.*SOA[^)]*\)?.*$/m, ''));
    expect((await zone('import', out('wrong'), ...origin, '--out', out('none'))).code).toBe(1);
    await expect(readFile(out('none'))).rejects.toThrow('ENOENT');
  });
});

describe('lares keys tsig', () => {
  it('prints what both sides need, and not the secret', async () => {
    const printed = (await keys('lares-web')).join('\n');
    const secret = await readFile(join(scratch.path, 'secrets/tsig-lares-web'), 'utf8');
    expect(printed).not.toContain(secret.trim());
    expect(printed).toContain('[[dns-service.keys]]\nname = "lares-web"\nsecret = "tsig-lares-web"\n');
    expect(printed).toContain('key-name = "lares-web"\nkey-secret = "tsig-lares-web"');
    await expect(keys('lares-web')).rejects.toThrow('is there already');
    await expect(keys('a b')).rejects.toThrow("'a b' is no name of a key");
  });
});
