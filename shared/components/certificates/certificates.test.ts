import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../base/bytes.ts';
import type { Clock } from '../../devices/clock.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { HttpRequest, HttpResponse } from '../../devices/http.ts';
import type { RecordType } from '../../devices/resolver.ts';
import { createSelfSignedCertificate } from '../x509/self-signed.ts';
import { openCertificates, type CertificateDevices, type Certificates } from './certificates.ts';
import { certificatesConfiguration } from './configuration.ts';
import { nameSetId } from './names.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;
const CA = 'https://ca.lares.dev/dir';

let stored: Map<string, Uint8Array<ArrayBuffer>>;
let troubles: Map<string, string>;
let requests: HttpRequest[];
let answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse> | undefined;
/** Of writing keys that begin like this, once. */
let fullDiskFor: string | undefined;
/** Gauges by name. */
let measured: Map<string, number>;
let sleeps: number[];
/** Lets the next sleep end. */
let wake: () => void;
/** Resolves when a keeper sleeps. */
let slept: Promise<void>;

let opened: Certificates[];

beforeEach(() => {
  opened = [];
  stored = new Map();
  troubles = new Map();
  requests = [];
  sleeps = [];
  fullDiskFor = undefined;
  measured = new Map();
  answer = () => undefined;
});

afterEach(async () => {
  for (const certificates of opened) await certificates[Symbol.asyncDispose]();
});

function devices(): CertificateDevices {
  const quiet = (): void => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log };
  const asleep = Promise.withResolvers<void>();
  slept = asleep.promise;
  const clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'> = {
    now: () => NOW_MS,
    monotonic: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleeps.push(ms);
        wake = resolve;
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        // The self-signed ones are looked at every three hours; any other sleep is a keeper's.
        if (sleeps.length === 2) asleep.resolve();
      }),
  };
  return {
    clock: clock as Clock,
    random: { bytes: count => new Uint8Array(count) },
    keyValue: {
      get: async key => stored.get(key),
      async put(key, value) {
        if (fullDiskFor !== undefined && key.startsWith(fullDiskFor)) {
          fullDiskFor = undefined;
          throw new DeviceError('failed', 'the disk is full');
        }
        stored.set(key, Uint8Array.from(value));
      },
      delete: async key => void stored.delete(key),
      list: async prefix => [...stored.keys()].filter(key => key.startsWith(prefix)),
      async *snapshot() {},
    },
    http: {
      async request(request) {
        requests.push(request);
        const given = answer(request);
        if (given === undefined) throw new DeviceError('refused', 'connection refused');
        return given;
      },
    },
    resolver: {
      resolve: async (_name, _type: RecordType) => ({
        records: [],
        exists: false,
        secure: false,
        ttlSeconds: 1,
      }),
    },
    udp: {} as CertificateDevices['udp'],
    tcp: {} as CertificateDevices['tcp'],
    log,
    metrics: {
      counter: () => ({ add: quiet }),
      gauge: name => ({ set: value => void measured.set(name, value) }),
      histogram: () => ({ observe: quiet }),
      expose: async () => '',
    },
  };
}

async function open(
  nameSets: string[][],
  table: object = { ca: CA },
  answersAnyName = false,
): Promise<Certificates> {
  const wanted = { nameSets, configuration: certificatesConfiguration.parse(table), answersAnyName };
  const health = {
    degrade: (key: string, reason: string) => void troubles.set(key, reason),
    recover: (key: string) => void troubles.delete(key),
  };
  const certificates = await openCertificates(wanted, devices(), health);
  opened.push(certificates);
  return certificates;
}

const namesIn = (pem: string | undefined): string | undefined =>
  new X509Certificate(pem ?? '').subjectAltName;

describe('certificates without an authority', () => {
  it('are self-signed, one for each set, and the same after a restart', async () => {
    const certificates = await open([['a.test', '*.a.test'], ['b.test']], { ca: 'none' });
    const shown = certificates.credentialsFor('a.test');
    expect(namesIn(shown?.certificateChainPem)).toBe('DNS:a.test, DNS:*.a.test');
    expect(certificates.credentialsFor('www.a.test')).toBe(shown);
    expect(certificates.credentialsFor(undefined)).toBe(shown);
    expect(namesIn(certificates.credentialsFor('b.test')?.certificateChainPem)).toBe('DNS:b.test');
    expect(certificates.credentialsFor('c.test')).toBeUndefined();
    expect(certificates.status().map(({ issuer, state }) => [issuer, state])).toEqual([
      ['self-signed', 'self-signed'],
      ['self-signed', 'self-signed'],
    ]);
    const again = await open([['a.test', '*.a.test']], { ca: 'none' });
    expect(again.credentialsFor('a.test')).toEqual(shown);
    expect(requests).toEqual([]);
  });

  it('answer any name where a site has none', async () => {
    const certificates = await open([['localhost']], { ca: 'none' }, true);
    expect(certificates.credentialsFor('whoever.example')).toBeDefined();
  });
});

describe('an authority that cannot be reached', () => {
  it('leaves the self-signed one, says why and when it is tried next, and ends when told', async () => {
    const certificates = await open([['a.lares.dev']]);
    await slept;
    expect(requests.map(({ url }) => url.href)).toEqual([CA]);
    expect(certificates.credentialsFor('a.lares.dev')).toBeDefined();
    const [status] = certificates.status();
    expect(status?.problem).toBe('the authority cannot be reached: connection refused');
    expect(status?.nextTryMs).toBeGreaterThan(NOW_MS);
    expect(troubles.get('renewal-certificate-a.lares.dev')).toBe(
      'There is no new certificate for a.lares.dev: the authority cannot be reached: connection refused. A self-signed one is shown meanwhile',
    );
    await certificates[Symbol.asyncDispose]();
    wake();
    expect(requests).toHaveLength(1);
  });

  it('waits on after a restart as long as it would have', async () => {
    const first = await open([['a.lares.dev']]);
    await slept;
    await first[Symbol.asyncDispose]();
    sleeps = [];
    await open([['a.lares.dev']]);
    await slept;
    expect(requests).toHaveLength(1);
  });
});

it('does not wait out the pause of an authority that the owner has replaced', async () => {
  const first = await open([['a.lares.dev']]);
  await slept;
  await first[Symbol.asyncDispose]();
  sleeps = [];
  const other = 'https://other.lares.dev/dir';
  await open([['a.lares.dev']], { ca: other });
  await slept;
  expect(requests.map(({ url }) => url.href)).toEqual([CA, other]);
});

it('tells of a fault until a turn ends well, and then of the attempt before', async () => {
  fullDiskFor = 'certificates/renewal-';
  const certificates = await open([['a.lares.dev']]);
  await slept;
  expect(certificates.status()[0]?.problem).toBe('the disk is full');
  wake();
  await expect.poll(() => sleeps.length).toBe(3);
  wake();
  await expect.poll(() => sleeps.length).toBe(4);
  expect(certificates.status()[0]?.problem).toBe('the authority cannot be reached: connection refused');
});

it('measures what it holds before anything is asked for', async () => {
  answer = ({ signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  await storeIssued(['a.lares.dev'], NOW_MS + DAY_MS);
  await open([['a.lares.dev']]);
  expect(measured.get('lares_certificate_not_after_seconds')).toBe((NOW_MS + DAY_MS) / 1_000);
});

it('has the patience that an authority asks for', async () => {
  answer = () => ({ status: 503, headers: { 'retry-after': '7200' }, body: new Uint8Array() });
  const certificates = await open([['a.lares.dev']]);
  await slept;
  const [status] = certificates.status();
  expect(status?.problem).toBe(`the authority cannot be reached: ${CA} answers with HTTP status 503`);
  expect(status?.nextTryMs).toBe(NOW_MS + 7_200_000);
});

it('tells its own time where an authority looks untrusted, which a wrong clock makes of every one', async () => {
  answer = () => {
    throw new DeviceError('not-trusted', 'certificate has expired');
  };
  const certificates = await open([['a.lares.dev']]);
  await slept;
  expect(certificates.status()[0]?.problem).toBe(
    "the authority cannot be reached: certificate has expired; this machine's clock says 2026-11-23T00:00 UTC",
  );
});

it('makes no order for a name that does not exist', async () => {
  const urls = { newNonce: `${CA}/nonce`, newAccount: `${CA}/account`, newOrder: `${CA}/order` };
  answer = () => ({
    status: 200,
    headers: { date: new Date(NOW_MS).toUTCString() },
    body: Uint8Array.from(encodeUtf8(JSON.stringify(urls))),
  });
  const certificates = await open([['a.lares.dev']]);
  await slept;
  expect(certificates.status()[0]?.problem).toContain('a.lares.dev does not exist in the DNS');
  expect(requests.filter(({ method }) => method === 'POST')).toEqual([]);
});

async function storeIssued(names: readonly string[], notAfterMs: number): Promise<string> {
  const validity = { notBefore: new Date(notAfterMs - 2 * DAY_MS), notAfter: new Date(notAfterMs) };
  const made = await createSelfSignedCertificate({
    commonName: 'issued before',
    names,
    usage: 'server',
    validity,
  });
  const key = `certificates/issued-${nameSetId(names)}`;
  stored.set(key, Uint8Array.from(encodeUtf8(JSON.stringify({ ...made, names, directoryUrl: CA }))));
  return key;
}

it('shows a certificate that was issued for another set of names until there is one for this', async () => {
  await storeIssued(['a.lares.dev'], NOW_MS + DAY_MS);
  const certificates = await open([['a.lares.dev', 'www.lares.dev']]);
  const shown = (name: string): string =>
    new X509Certificate(certificates.credentialsFor(name)?.certificateChainPem ?? '').subject;
  expect(shown('a.lares.dev')).toBe('CN=issued before');
  expect(shown('www.lares.dev')).toBe('CN=a.lares.dev');
});

it('forgets nothing at a start with a clock that is years ahead', async () => {
  const keys = [
    await storeIssued(['a.lares.dev'], NOW_MS - 1_000 * DAY_MS),
    await storeIssued(['b.lares.dev'], NOW_MS - 1_000 * DAY_MS),
  ];
  await open([['a.lares.dev']]);
  expect(keys.filter(key => !stored.has(key))).toEqual([]);
});
