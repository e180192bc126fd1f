import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, newPage, SCREENSHOTS } from '../appliance/chromium.ts';
import { createHousehold, type Finished, type Household } from '../appliance/harness.ts';
import { run } from '../images/scratch.ts';

const ZONE = `$TTL 1h
@ SOA ns hostmaster 1 1h 15m 30d 1h
@ NS ns
ns A 192.0.2.1
old A 192.0.2.9
old TXT "what was"
`;

let household: Household;
let browser: Browser;
let adminPort: number;
let dnsPort: number;

beforeAll(async () => {
  household = createHousehold();
  const operator = (await household.lares('keys', 'create', '--name', 'Anna')).stdout.trim();
  const folder = join(household.folder, 'dns-service/zones');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'example.org.zone'), ZONE);
  await writeFile(join(folder, 'plain.test.zone'), ZONE);
  const started = await household.start(
    `[admin]
address = "127.0.0.1"
port = 0
[operator]
keys = [${operator}]
[dns-service]
address = "127.0.0.1"
port = 0
[[dns-service.zones]]
name = "example.org"
[[dns-service.zones]]
name = "plain.test"
sign = false
`,
    {
      program: 'services/dns-service/main.ts',
      until: /"msg":"(the DNS service is listening|.*did not start)"/,
    },
  );
  adminPort = Number((await started.printed(/status page on port (\d+)/))[1]);
  dnsPort = Number(/"port":(\d+)[^\n]*the DNS service is listening/.exec(started.output())?.[1]);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await household[Symbol.asyncDispose]();
});

/** `lares zone …` of the operator's, at the appliance. */
function zone(...words: string[]): Promise<Finished> {
  return household.lares('zone', ...words, '--to', `127.0.0.1:${adminPort}`);
}

async function said(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await zone(...words);
  expect(code, stderr).toBe(0);
  return stdout;
}

async function refusal(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await zone(...words);
  expect([code, stdout]).toEqual([1, '']);
  return stderr;
}

function ask(name: string, type: string): Promise<string> {
  return run('dig', '@127.0.0.1', '-p', String(dnsPort), '+norecurse', '+tries=1', '+short', name, type);
}

describe('lares zone … --to an appliance', () => {
  it('sets and unsets records, which are answered at once', async () => {
    const set = await said('set', 'www.example.org', 'A', '192.0.2.80', '192.0.2.81', '--ttl', '5m');
    expect(set).toMatch(/^example\.org has it, serial \d+\n$/);
    expect((await ask('www.example.org', 'A')).trim().split('\n').sort()).toEqual([
      '192.0.2.80',
      '192.0.2.81',
    ]);
    expect(await said('set', 'www.example.org', 'A', '192.0.2.80', '192.0.2.81', '--ttl', '5m')).toContain(
      'has it so already',
    );
    await said('unset', 'www.example.org', 'A', '192.0.2.81');
    expect(await ask('www.example.org', 'A')).toBe('192.0.2.80\n');
    await said('unset', 'old.example.org');
    expect(await ask('old.example.org', 'TXT')).toBe('');
  });

  it('refuses as a whole what would be wrong, and says why', async () => {
    expect(await refusal('set', 'ns.example.org', 'CNAME', 'www')).toMatch(/CNAME stands alone/);
    expect(await refusal('set', 'mail.example.org', 'A', '192.0.2.300')).toMatch(/192\.0\.2\.300/);
    expect(await refusal('set', 'www.elsewhere.test', 'A', '192.0.2.1')).toMatch(
      /no zone that "www\.elsewhere\.test" is in; its zones: example\.org, plain\.test/,
    );
    expect(await refusal('unset', 'example.org', 'NS')).toMatch(/keeps its SOA record and at least one NS/);
    expect(await ask('ns.example.org', 'A')).toBe('192.0.2.1\n');
  });

  it('prints the DS record for the parent as BIND makes it of the key that is served', async () => {
    const printed = await said('ds', 'example.org');
    const [line = ''] = printed.split('\n');
    const keyFile = join(household.folder, 'key');
    await writeFile(
      keyFile,
      await run('dig', '@127.0.0.1', '-p', String(dnsPort), '+noall', '+answer', 'example.org', 'DNSKEY'),
    );
    const ofBind = (await run('dnssec-dsfromkey', '-2', '-f', keyFile, 'example.org')).trim().split('\n');
    // The key that is to be rolled to next is shown, too.
    expect(ofBind).toHaveLength(2);
    const bind = ofBind.find(each => each === line) ?? `none of ${ofBind.join()}`;
    const [, , , keyTag, algorithm, , digest] = bind.split(/\s+/);
    expect(printed).toMatch(
      new RegExp(`Key tag +${keyTag}\n +Algorithm +${algorithm} .*\n.*\n +Digest +${digest}`),
    );
    const unsigned = await zone('ds', 'plain.test');
    expect([unsigned.code, unsigned.stdout]).toEqual([0, '']);
    expect(unsigned.stderr).toContain('it is not signed here');
  });

  it('shows the keys, and rolls to the next one', async () => {
    const keys = async (): Promise<string[]> =>
      (await ask('example.org', 'DNSKEY')).trim().split('\n').sort();
    const before = await keys();
    expect(await said('keys', 'example.org')).toMatch(/Key \S+ +algorithm 13, .*in use since/);
    expect(await refusal('roll', 'example.org', 'zsk')).toMatch(/there is no ZSK; what is in use: CSK/);
    expect(await refusal('roll', 'plain.test', 'csk')).toMatch(/is not signed here/);
    expect(await refusal('roll', 'example.org', 'both')).toMatch(/csk.*ksk.*zsk/);
    expect(await said('roll', 'example.org', 'csk')).toMatch(/^example\.org: the roll has begun; next: /);
    expect(await said('keys', 'example.org')).toMatch(/used no more, shown until the next roll/);
    expect(await keys()).toEqual(expect.arrayContaining(before));
  });

  it('signs anew: every signature is another one', async () => {
    const signature = async (): Promise<string> =>
      (await run('dig', '@127.0.0.1', '-p', String(dnsPort), '+dnssec', '+short', 'ns.example.org', 'A'))
        .trim()
        .split(' ')
        .at(-1) ?? '';
    const before = await signature();
    expect(await said('sign', 'example.org')).toMatch(/^example\.org is signed anew, serial \d+\n$/);
    expect(await signature()).not.toBe(before);
    expect(await refusal('sign', 'plain.test')).toMatch(/plain\.test is not signed here/);
  });
});

/** The records of a zone, reached as a person reaches them. */
async function openRecords(zoneName: string): Promise<{ page: Page; faults: string[] }> {
  const opened = await newPage(browser);
  const link = await household.lares('open', `127.0.0.1:${adminPort}`, '--print');
  await opened.page.goto(link.stdout.trim());
  await opened.page.waitForURL('**/status');
  const section = opened.page.locator('section.card', { hasText: `Zone ${zoneName}` });
  await section.getByRole('link', { name: 'Records' }).click();
  return opened;
}

interface Fields {
  readonly name?: string;
  readonly type?: string;
  readonly values: string;
}

async function set(page: Page, fields: Fields): Promise<void> {
  for (const [name, value] of Object.entries(fields))
    await page.locator(`form.edit [name=${name}]`).fill(String(value));
  await page.getByRole('button', { name: 'Set', exact: true }).click();
}

describe('the page of records', () => {
  it('is led to by the status page, and sets, changes and removes records', async () => {
    const { page, faults } = await openRecords('plain.test');
    await set(page, { name: 'page', type: 'TXT', values: '"by hand"' });
    await page.locator('output.done', { hasText: 'plain.test has it, serial' }).waitFor();
    expect(await ask('page.plain.test', 'TXT')).toBe('"by hand"\n');

    const row = page.locator('tr', { hasText: 'by hand' });
    await row.getByRole('button', { name: 'Change' }).click();
    await set(page, { values: '"by hand"\n"again"' });
    await page.locator('tr', { hasText: 'again' }).waitFor();
    expect((await ask('page.plain.test', 'TXT')).trim().split('\n').sort()).toEqual(['"again"', '"by hand"']);

    page.once('dialog', dialog => void dialog.accept());
    await row.getByRole('button', { name: 'Remove' }).click();
    await row.waitFor({ state: 'detached' });
    expect(await ask('page.plain.test', 'TXT')).toBe('');
    await page.screenshot({ path: `${SCREENSHOTS}records.png` });
    expect(faults).toEqual([]);
  });

  it('says on the page what is wrong with a record', async () => {
    const { page } = await openRecords('plain.test');
    await set(page, { name: 'bad', type: 'A', values: '999.0.2.1' });
    await page.locator('output.refused', { hasText: '999.0.2.1' }).waitFor();
  });

  it('fits a phone', async () => {
    const { page } = await openRecords('example.org');
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });
});
