import { readFileSync, statSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { createHousehold, type Household } from './harness.ts';

let household: Household;
let operator: string;
let port: number;

beforeAll(async () => {
  household = createHousehold();
  operator = (await household.lares('keys', 'create', '--name', 'Anna')).stdout.trim();
  ({ port } = await household.start(`[admin]\nport = 0\n[operator]\nkeys = [${operator}]\n`));
});
afterAll(() => household[Symbol.asyncDispose]());

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function get(
  path: string,
  headers: Record<string, string> = {},
  at = port,
  asOperator = false,
): Promise<Answer> {
  const client = asOperator ? readOperator().client : undefined;
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: at,
        path,
        headers,
        agent: false,
        rejectUnauthorized: false,
        ...(client && { cert: client.certificateChainPem, key: client.privateKeyPem }),
      },
      answer => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.once('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}
const asOperator = (path: string, headers: Record<string, string> = {}, at = port): Promise<Answer> =>
  get(path, headers, at, true);

function readOperator(): { client: { certificateChainPem: string; privateKeyPem: string } } {
  return JSON.parse(readFileSync(operatorFile(), 'utf8')) as ReturnType<typeof readOperator>;
}
const operatorFile = (): string => join(household.folder, 'config/lares/operator.json');

describe('the admin endpoint', () => {
  it('tells everybody its health and nothing more', async () => {
    expect(await get('/health')).toMatchObject({ status: 200, text: '{"state":"ready"}' });
    for (const path of ['/status', '/metrics', '/logs', '/logs/kept'])
      expect(await get(path, { accept: 'application/json' })).toMatchObject({
        status: 403,
        text: '{"error":"operators only"}',
      });
    expect((await get('/login?token=x', { accept: 'application/json' })).status).toBe(403);
    expect((await get('/nothing')).status).toBe(404);
  });

  it('gives tools with the client certificate status as JSON, metrics and the kept log', async () => {
    const status = JSON.parse((await asOperator('/status', { accept: 'application/json' })).text) as Record<
      string,
      unknown
    >;
    expect(status).toMatchObject({
      service: 'demo-service',
      state: 'ready',
      operators: ['Anna'],
      configurationFaults: [],
    });
    const metrics = (await asOperator('/metrics')).text;
    for (const name of [
      'lares_build_info{',
      'lares_health{state="ready"} 1',
      'lares_disk_free_bytes',
      'lares_event_loop_delay_seconds',
    ])
      expect(metrics).toContain(name);
    expect((await asOperator('/logs/kept')).text).toContain('"message":"ready"');
  });

  it('does not take a certificate of somebody else', async () => {
    await using stranger = createHousehold();
    await stranger.lares('keys', 'create');
    const logs = await stranger.lares('logs', `localhost:${port}`);
    expect([logs.code, logs.stderr]).toEqual([1, expect.stringContaining('does not know your key')]);
    const opened = await stranger.lares('open', `localhost:${port}`, '--print');
    const path = new URL(opened.stdout.trim());
    expect(await get(`${path.pathname}${path.search}`)).toMatchObject({ status: 403 });
  });

  it('sends strict headers, also to strangers', async () => {
    for (const answer of [await get('/status'), await asOperator('/status')]) {
      expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'nonce-/);
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      expect(answer.headers['strict-transport-security']).toBeUndefined();
    }
  });

  it('refuses a session cookie that another site on this host sends along', async () => {
    const link = new URL((await household.lares('open', `localhost:${port}`, '--print')).stdout.trim());
    const entered = await get(`${link.pathname}${link.search}`);
    const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
    expect((await get('/status', { cookie })).status).toBe(200);
    expect(
      (await get('/status', { cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })).status,
    ).toBe(403);
    expect((await get('/status', { cookie: `${cookie}x` })).status).toBe(403);
  });

  it('follows the log with `lares logs`', async () => {
    const following = household.follow('logs', `localhost:${port}`, '--tail', '1000');
    await following.printed(/info {2}ready/);
    await household.lares('open', `localhost:${port}`, '--print');
    await get('/login?token=wrong');
    await following.printed(/warn {2}log-in refused client=\S+ reason=malformed/);
    following.process.kill();
  });

  it('keeps operator keys to their owner', async () => {
    expect(statSync(operatorFile()).mode & 0o777).toBe(0o600);
    const again = await household.lares('keys', 'create');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('there are keys already')]);
  });

  it('pins the fingerprint: another appliance at the same address is refused until it is forgotten', async () => {
    const toml = (at: number): string => `[admin]\nport = ${at}\n[operator]\nkeys = [${operator}]\n`;
    const first = await household.start(toml(0), { data: 'one' });
    expect((await household.lares('open', `localhost:${first.port}`, '--print')).code).toBe(0);
    first.process.kill('SIGTERM');
    expect((await first.finished).code).toBe(0);
    const again = await household.start(toml(first.port), { data: 'one' });
    expect((await household.lares('open', `localhost:${first.port}`, '--print')).code).toBe(0);
    again.process.kill('SIGTERM');
    await again.finished;
    await household.start(toml(first.port), { data: 'two' });
    const refused = await household.lares('open', `localhost:${first.port}`, '--print');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('shows another certificate')]);
    expect((await household.lares('open', `localhost:${first.port}`, '--print', '--forget')).code).toBe(0);
  });
});

describe('health', () => {
  it('is 200 while the service answers with a trouble beside it, and 503 where it is not started', async () => {
    const troubled = await household.start(
      '[admin]\nport = 0\n[demo-service]\ndegraded-because = "The well is dry"\n',
      { data: 'troubled' },
    );
    expect(await get('/health', {}, troubled.port)).toMatchObject({
      status: 200,
      text: '{"state":"degraded"}',
    });
    const faulty = await household.start('[admin]\nport = 0\n[wrong]\n', {
      data: 'faulty',
      kind: 'machine',
      until: /service is not started/,
    });
    expect(await get('/health', {}, faulty.port)).toMatchObject({
      status: 503,
      text: '{"state":"degraded"}',
    });
  });
});

describe('bad input', () => {
  it('ends a process with every fault of its configuration', async () => {
    await expect(
      household.start('[admn]\nport = 1\n[demo-service]\nport = -1\n', { data: 'bad' }),
    ).rejects.toThrow(
      /^ended before[^]*:1: admn: is not known; did you mean "admin"\?\n.*:4: demo-service\.port: -1 is not right/,
    );
  });

  it('names an occupied port of the service and ends with 1', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => void holder.once('listening', resolve));
    const taken = (holder.address() as AddressInfo).port;
    const start = household.start(`[admin]\nport = 0\n[demo-service]\nport = ${taken}\n`, { data: 'taken' });
    await expect(start).rejects.toThrow(new RegExp(`^ended before[^]*The service did not start: .*${taken}`));
    holder.close();
  });

  it('serves without its status page where that port is occupied, and says so', async () => {
    const started = await household.start(`[admin]\nport = ${port}\n`, { data: 'no-admin' });
    expect(started.output()).toMatch(new RegExp(`there is no status page: .*${port}`));
  });
});

describe('ten thousand idle connections', () => {
  it('leave the owner a way in', async () => {
    const idle: Socket[] = [];
    for (let count = 0; count < 10_000; count++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      idle.push(socket);
      if (count % 250 === 249)
        await new Promise(resolve => void socket.once('connect', resolve).once('close', resolve));
    }
    const answer = await eventually('an answer', () =>
      asOperator('/status', { accept: 'application/json' }).catch(() => undefined),
    );
    expect(answer.status).toBe(200);
    expect((await asOperator('/health')).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });
});
