import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../images/build/build.ts';
import { silentProgress } from '../../images/build/progress.ts';
import { recipeFor } from '../../images/build/recipe.ts';
import type { Guest } from '../../images/run/guest.ts';
import type { BuiltImage, StartImageOptions } from '../../images/run/image.ts';
import { openImage, startImage } from '../../images/run/image.ts';
import { fetchFrom, probeWebService, type Answer } from '../../images/run/probe.ts';
import type { StatusReport } from '../../shared/appliance/status/report.ts';
import type { OperatorKeys } from '../../shared/components/operator-keys/operator-file.ts';
import { createHousehold, type Household } from '../appliance/harness.ts';
import { parkConnections, sendMalformed } from './hostile-visitors.ts';
import { createIpv6Network } from './ipv6-network.ts';
import { askAdmin, operatorKeys, type AskOptions } from './operator-client.ts';

const recipe = recipeFor('web-service');
/** A start under emulation on a busy machine; an idle one takes a tenth. */
const READY_TIMEOUT_MS = 240_000;

/** The operator whose public key is in the image. */
let household: Household;
let image: BuiltImage;
/** Started by BIOS. */
let guest: Guest;
let keys: OperatorKeys;

beforeAll(async () => {
  household = createHousehold();
  const created = await household.lares('keys', 'create', '--name', 'Anna');
  const operators = [JSON.parse(created.stdout) as string];
  const out = join(household.folder, 'image');
  await buildImage({ recipe, architecture: 'x86_64', progress: silentProgress, operators, out });
  image = await openImage(recipe, { folder: out });
  keys = operatorKeys(household);
  guest = await startReady({ firmware: 'bios' });
});
afterAll(async () => {
  await guest[Symbol.asyncDispose]();
  await household[Symbol.asyncDispose]();
});

async function startReady(options: StartImageOptions): Promise<Guest> {
  const guest = await startImage(image, options);
  await guest.waitFor(/lares: ready after /, READY_TIMEOUT_MS);
  return guest;
}

async function expectOrderlyEnd(guest: Guest): Promise<void> {
  const { lines } = guest.console;
  expect(lines.filter(line => /^\[.*(error|warn|fail|BUG|panic)/i.test(line))).toEqual([]);
  expect(lines.filter(line => line.includes('lares: ready after ')).length).toBe(1);
  expect(await guest.powerOff()).toBe(true);
}

/** One is left alone while the other starts. */
describe.concurrent('the disk image', () => {
  it('writes next to nothing while nobody asks anything of it', async () => {
    const before = await writesOf(guest);
    await sleep(IDLE_MS);
    expect((await writesOf(guest)) - before).toBeLessThanOrEqual(IDLE_WRITES_MAX);
  });

  it('booted by UEFI without IPv4 and with a slow clock: addresses by SLAAC and RDNSS, sets its clock, serves, and powers off', async () => {
    await using network = await createIpv6Network();
    const clock = new Date(Date.now() - HOUR_MS).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
    await using other = await startReady({
      firmware: 'uefi',
      network: network.tap,
      extraArguments: ['-rtc', `base=${clock}`],
    });
    const [, host = ''] = await other.waitFor(
      /lares: https:\/\/(\[2001:db8:6:[^\]]+\])\/$/,
      READY_TIMEOUT_MS,
    );
    const [, time = ''] = await other.waitFor(/clock set from the network: (\S+)/, READY_TIMEOUT_MS);
    expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(HOUR_MS / 10);
    expect(JSON.parse(await network.runInside('probe-program.ts', host))).toEqual({ state: 'ready' });
    await expectOrderlyEnd(other);
  });
});

describe('the disk image, booted by BIOS', () => {
  const json = { accept: 'application/json' };
  const ask = (path: string, options?: AskOptions): Promise<Answer> =>
    askAdmin(guest.port(8443), path, options);
  const askStatus = async (): Promise<StatusReport> =>
    JSON.parse((await ask('/status', { as: keys, headers: json })).body) as StatusReport;
  const openLink = async (): Promise<string> => {
    const opened = await household.lares('open', `127.0.0.1:${guest.port(8443)}`, '--print');
    const link = new URL(opened.stdout.trim());
    return link.pathname + link.search;
  };
  /** What must not be read at the console, as the tests below come to know it. */
  const secrets: string[] = [];

  it('serves its start page over HTTPS', async () => {
    await probeWebService(port => guest.port(port));
    const missing = await fetchFrom(`https://127.0.0.1:${guest.port(443)}/there-is-nothing-here`);
    expect(missing.status).toBe(404);
  });

  it('holds every task by the filter, and starts no program', async () => {
    const { machine } = await askStatus();
    expect(machine.execve).toBe('EPERM');
    // The main thread, four of libuv's and four of V8's at the least.
    expect(machine.tasks.length).toBeGreaterThan(5);
    expect(machine.tasks.filter(task => task.seccomp !== SECCOMP_MODE_FILTER)).toEqual([]);
  });

  it('gives its operator metrics as Prometheus reads them', async () => {
    const { status, headers, body } = await ask('/metrics', { as: keys });
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(
      body.split('\n').filter(line => line !== '' && !line.startsWith('# ') && !SAMPLE.test(line)),
    ).toEqual([]);
    expect(body).toMatch(/^lares_health\{state="ready"\} [01]$/m);
  });

  it('lets its operator in by a link, once', async () => {
    const link = await openLink();
    const entered = await ask(link);
    const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
    secrets.push(link.split('token=')[1] ?? '', cookie.split('=')[1] ?? '');
    expect(entered.status).toBe(200);
    const page = await ask('/status', { headers: { cookie, accept: 'text/html' } });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await ask(link)).status).toBe(403);
  });

  it('lets no stranger in', async () => {
    await using elsewhere = createHousehold();
    await elsewhere.lares('keys', 'create');
    for (const path of ['/status', '/metrics', '/logs', '/logs/kept', '/login?token=x']) {
      expect((await ask(path)).status, path).toBe(403);
      expect((await ask(path, { as: operatorKeys(elsewhere) })).status, path).toBe(403);
    }
  });

  it('serves on under malformed requests and a hundred parked connections', async () => {
    const [http, https] = [guest.port(80), guest.port(443)];
    using _parked = await parkConnections(https, 100);
    const answers = await sendMalformed({ http, https });
    expect(answers).toContain('HTTP/1.1 400 Bad Request');
    // Path traversal ends at the site's own 404 or a redirect to it; nothing of all this is a page.
    expect(answers.filter(line => line !== '' && !/^HTTP\/1\.1 [345]\d\d /.test(line))).toEqual([]);
    await probeWebService(port => guest.port(port));
    expect((await askStatus()).state).not.toBe('starting');
  });

  it('shows no secret at its console, and powers off when asked', async () => {
    await expectOrderlyEnd(guest);
    const shown = guest.console.lines.join('\n');
    secrets.push(
      keys.backupIdentity,
      ...keyLines(keys.signingKeyPem),
      ...keyLines(keys.client.privateKeyPem),
    );
    expect(secrets.filter(secret => secret === '' || shown.includes(secret))).toEqual([]);
    expect(shown).not.toMatch(/PRIVATE KEY|SECRET|token=|cookie/i);
  });
});

async function writesOf(guest: Guest): Promise<number> {
  const drives = (await guest.qmp('query-blockstats')) as { readonly stats: { wr_operations: number } }[];
  return drives.reduce((sum, { stats }) => sum + stats.wr_operations, 0);
}

/** The Base64 of a key without the lines around it. */
function keyLines(pem: string): string[] {
  return pem.split('\n').filter(line => line !== '' && !line.startsWith('-----'));
}

/** seccomp(2): the mode of a task that a filter holds. */
const SECCOMP_MODE_FILTER = 2;
/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
const SAMPLE = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^{}]*\})? (NaN|[+-]?Inf|[-+0-9.e]+)( \d+)?$/;
const IDLE_MS = 20_000;
const HOUR_MS = 3_600_000;
/** The journal's checkpoint, and what the first mount still has to fill. `test:long -- idle-writes` looks longer. */
const IDLE_WRITES_MAX = 10;
