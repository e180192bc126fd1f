import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { createScratch, type Scratch } from '../images/scratch.ts';
import { JumpingClock } from './jumping-clock.ts';
import { startMockCa, type MockCa, type MockCaOptions } from './mock-ca.ts';
import {
  freeSitePorts,
  loopbackResolver,
  openSite,
  type Site,
  type SiteOptions,
  type SitePorts,
} from './site.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PATIENCE_MS = 60_000;

let scratch: Scratch;
let ports: SitePorts;
let clock: JumpingClock;
let open: AsyncDisposable[];
let folders = 0;

beforeEach(async () => {
  scratch = await createScratch();
  ports = await freeSitePorts();
  clock = new JumpingClock();
  open = [scratch];
});
afterEach(async () => {
  for (const each of open.toReversed()) await each[Symbol.asyncDispose]();
});

async function newCa(options: Partial<MockCaOptions> = {}): Promise<MockCa> {
  const ca = await startMockCa({ places: ports, nowMs: () => clock.now(), ...options });
  open.push(ca);
  return ca;
}

async function newSite(ca: MockCa, options: Partial<SiteOptions> = {}): Promise<Site> {
  const dataFolder = `${scratch.path}/site-${folders++}`;
  const site = await openSite(ca, {
    ports,
    dataFolder,
    names: ['lares.test'],
    configuration: {},
    devices: { clock },
    ...options,
  });
  open.push(site);
  return site;
}

function shownBy(site: Site, name = 'lares.test'): X509Certificate {
  return new X509Certificate(site.certificates.credentialsFor(name)?.certificateChainPem ?? '');
}

/** A site that has its certificate. */
async function validSite(ca: MockCa, options: Partial<SiteOptions> = {}): Promise<Site> {
  const site = await newSite(ca, options);
  await passUntil(site, () => site.certificates.status()[0]?.issuer !== 'self-signed', HOUR_MS);
  return site;
}

/** Lets time pass in steps of at most `stepMs` until the condition holds. Requests and writes take real time: meanwhile none passes. */
async function passUntil(site: Site, isSo: () => boolean, stepMs: number): Promise<void> {
  const look = (): boolean => {
    if (isSo()) return true;
    if (clock.waiting >= LOOPS) clock.jump(stepMs);
    return false;
  };
  const seen = (): string => JSON.stringify(site.certificates.status());
  await eventually(String(isSo), look, { timeoutMs: PATIENCE_MS, pollMs: 1, seen });
}

/** What keeps the authority's certificate and what keeps the self-signed one: when both wait for the clock, nothing is going on. */
const LOOPS = 2;

describe('renewal', () => {
  it('comes within the window that the authority names, and says which certificate it replaces', async () => {
    const ca = await newCa();
    const site = await validSite(ca);
    const [first] = ca.authority.certificates;
    await passUntil(site, () => ca.authority.certificates.length === 2, HOUR_MS);
    const [, second] = ca.authority.certificates;
    const lifetimeMs = first!.notAfterMs - first!.notBeforeMs;
    // Let's Encrypt's window: a third before the end, and a fiftieth of the lifetime to both sides.
    const before = (first!.notAfterMs - second!.issuedMs) / lifetimeMs;
    expect(before).toBeGreaterThan(1 / 3 - 1 / 50 - 0.01);
    expect(before).toBeLessThan(1 / 3 + 1 / 50 + 0.01);
    expect(ca.authority.orders[1]?.replaces).toBe(first);
    await passUntil(site, () => shownBy(site).serialNumber.toLowerCase() === second!.serial, 1_000);
    expect(ca.authority.limitHits).toEqual([]);
  });

  it('comes at once in a mass revocation, although the certificate is young', async () => {
    const ca = await newCa();
    const site = await validSite(ca);
    await passUntil(site, () => ca.requests.some(each => each.startsWith('GET /renewal-info/')), HOUR_MS);
    const startMs = clock.now();
    ca.authority.moveWindows({ startMs: startMs - HOUR_MS, endMs: startMs + 2 * DAY_MS });
    await passUntil(site, () => ca.authority.certificates.length === 2, HOUR_MS);
    expect(ca.authority.certificates[1]!.issuedMs - startMs).toBeLessThan(2 * DAY_MS + HOUR_MS);
    expect(ca.authority.orders[1]?.replaces).toBe(ca.authority.certificates[0]);
  });

  it('goes on at half time with six-day certificates, time and again', async () => {
    const ca = await newCa();
    const site = await validSite(ca, { configuration: { profile: 'shortlived' } });
    await passUntil(site, () => ca.authority.certificates.length === 5, 3 * HOUR_MS);
    const issued = ca.authority.certificates.map(({ issuedMs }) => issuedMs);
    const pauses = issued.slice(1).map((ms, index) => (ms - (issued[index] ?? 0)) / HOUR_MS);
    for (const pause of pauses) {
      expect(pause).toBeGreaterThan(70);
      expect(pause).toBeLessThan(90);
    }
    expect(ca.authority.limitHits).toEqual([]);
  });
});

describe('a certificate', () => {
  it.each([
    ['classic', 90],
    ['tlsserver', 45],
    ['shortlived', 160 / 24],
  ])('has the profile %s that was asked for', async (profile, days) => {
    const site = await validSite(await newCa({ nowMs: () => Date.UTC(2026, 10, 23) }), {
      configuration: { profile },
    });
    const { validFromDate, validToDate } = shownBy(site);
    expect(validToDate.getTime() - validFromDate.getTime() + 1_000).toBe(days * DAY_MS);
  });

  it.each(['http-01', 'tls-alpn-01'] as const)('stands for an address, proved by %s', async type => {
    const ca = await newCa();
    const configuration = { profile: 'shortlived', challenges: [type] };
    const site = await validSite(ca, { names: ['127.0.0.1'], configuration });
    expect(shownBy(site, '127.0.0.1').checkIP('127.0.0.1')).toBe('127.0.0.1');
  });

  it('is proved by a standing record, wildcards as well (dns-persist-01), after the owner is told what to set', async () => {
    const texts = new Map<string, string>();
    const ca = await newCa({ places: { ...ports, texts: async name => [texts.get(name) ?? ''] } });
    const resolver: typeof loopbackResolver = {
      async resolve(name, type, signal) {
        const text = type === 'TXT' ? texts.get(name) : undefined;
        const answer = await loopbackResolver.resolve(name, type, signal);
        return text === undefined ? answer : { ...answer, records: [[text]] as never[] };
      },
    };
    const configuration = { challenges: ['dns-persist-01' as const] };
    const site = await newSite(ca, { names: ['*.lares.test'], configuration, devices: { clock, resolver } });
    // The account comes first, since its URL stands in the record.
    const wanted = (): string | undefined =>
      /"(localhost; accounturi=[^"]+)"/.exec(site.certificates.status()[0]?.problem ?? '')?.[1];
    await passUntil(site, () => wanted() !== undefined || texts.size > 0, 10 * 60_000);
    texts.set('_validation-persist.lares.test', wanted() ?? '');
    await passUntil(site, () => ca.authority.certificates.length === 1, 10 * 60_000);
    await passUntil(
      site,
      () => shownBy(site, 'www.lares.test').checkHost('www.lares.test') !== undefined,
      1_000,
    );
  });
});

describe('an authority in trouble', () => {
  it('that says 429 is left alone for as long as it says', async () => {
    const ca = await newCa();
    const site = await validSite(ca);
    const startMs = clock.now();
    ca.authority.moveWindows({ startMs: startMs + 12 * HOUR_MS, endMs: startMs + 13 * HOUR_MS });
    const askedBefore = ca.requests.length;
    await passUntil(site, () => ca.requests.length > askedBefore, HOUR_MS / 4);
    ca.weather = { kind: 'limited', retryAfterSeconds: (5 * HOUR_MS) / 1000 };
    await passUntil(site, () => site.certificates.status()[0]?.problem !== undefined, HOUR_MS / 4);
    const { nextTryMs = 0, problem } = site.certificates.status()[0]!;
    expect(problem).toContain('come again later');
    expect(nextTryMs).toBeGreaterThan(startMs + 17 * HOUR_MS);
    expect(shownBy(site).serialNumber.toLowerCase()).toBe(ca.authority.certificates[0]!.serial);
    ca.weather = { kind: 'fair' };
    await passUntil(site, () => ca.authority.certificates.length === 2, HOUR_MS / 2);
    expect(ca.authority.certificates[1]!.issuedMs).toBeGreaterThan(nextTryMs);
  });

  it.each([{ kind: 'closed' }, { kind: 'garbage' }, { kind: 'unavailable', retryAfterSeconds: 60 }] as const)(
    '($kind) gives way to the second one',
    async weather => {
      const one = await newCa({ name: 'First CA' });
      const two = await newCa({ name: 'Second CA' });
      one.weather = weather;
      const configuration = {
        ca: [one.directoryUrl(), two.directoryUrl()],
        'trust-anchors': [one.trustAnchorPem, two.trustAnchorPem],
      };
      const site = await newSite(one, { configuration });
      await passUntil(site, () => two.authority.certificates.length === 1, 30 * 60_000);
      await passUntil(site, () => shownBy(site).issuer.includes('Second CA'), 1_000);
      expect(one.authority.orders).toHaveLength(0);
    },
  );
});

describe('issuance after issuance', () => {
  /** Five hundred in a row are issued in the simulator. */
  const ISSUANCES = 20;

  it(`succeeds ${ISSUANCES} times in a row where 15 of 100 nonces are refused`, async () => {
    const ca = await newCa({ nonceRejection: 0.15 });
    const site = await validSite(ca);
    for (let count = 2; count <= ISSUANCES; count++) {
      // Days apart: the limit of five a week is for orders that ARI did not lead, and the client keeps to it always.
      ca.authority.moveWindows({
        startMs: clock.now() + 2 * DAY_MS,
        endMs: clock.now() + 2 * DAY_MS + HOUR_MS,
      });
      await passUntil(site, () => ca.authority.certificates.length === count, 6 * HOUR_MS);
    }
    expect(ca.authority.orders.every(({ status }) => status === 'valid')).toBe(true);
    expect(site.certificates.status()[0]?.problem).toBeUndefined();
  });
});
