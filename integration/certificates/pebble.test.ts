import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createScratch, type Scratch } from '../images/scratch.ts';
import { lastingPort } from '../lasting-port.ts';
import { startBind, ZONE, type Key } from './dns-peers.ts';
import { startPebble, type Pebble } from './pebble.ts';
import { freeSitePorts, openSite, type Site, type SiteOptions, type SitePorts } from './site.ts';

/** Pebble refuses 15 of 100 nonces throughout (the default of `startPebble`). */
let pebble: Pebble;
let ports: SitePorts;
let scratch: Scratch;
let sites = 0;
beforeAll(async () => {
  ports = await freeSitePorts();
  scratch = await createScratch();
  pebble = await startPebble(ports);
});
afterAll(async () => {
  await pebble[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

function newSite(
  names: readonly string[],
  options: Partial<SiteOptions> = {},
  authority: Pebble = pebble,
): Promise<Site> {
  const dataFolder = `${scratch.path}/site-${sites++}`;
  return openSite(authority, { ports, dataFolder, names, configuration: {}, ...options });
}

function shownBy(site: Site, name: string): X509Certificate {
  return new X509Certificate(site.certificates.credentialsFor(name)?.certificateChainPem ?? '');
}

/** Opens a site, waits for its certificate, and gives what is shown for the first name. */
async function issue(
  names: readonly string[],
  configuration: SiteOptions['configuration'] = {},
): Promise<X509Certificate> {
  await using site = await newSite(names, { configuration });
  await site.valid();
  return shownBy(site, names[0] ?? '');
}

describe('a certificate', () => {
  it('is proved by http-01', async () => {
    const certificate = await issue(['one.lares.test'], { challenges: ['http-01'] });
    expect(certificate.subjectAltName).toBe('DNS:one.lares.test');
    expect(certificate.issuer).toContain('Pebble');
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it('is proved by tls-alpn-01, through TLS with ALPN acme-tls/1', async () => {
    const certificate = await issue(['two.lares.test'], { challenges: ['tls-alpn-01'] });
    expect(certificate.subjectAltName).toBe('DNS:two.lares.test');
  });

  it('stands for several names', async () => {
    const names = ['lares.test', 'www.lares.test', 'photos.lares.test'];
    const certificate = await issue(names);
    for (const name of names) expect(certificate.checkHost(name)).toBe(name);
  });

  it.each(['http-01', 'tls-alpn-01'] as const)('stands for an address (RFC 8738) by %s', async type => {
    const certificate = await issue(['127.0.0.1'], { challenges: [type] });
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  });

  it('has an RSA key where that is wished', async () => {
    const certificate = await issue(['rsa.lares.test'], { 'key-type': 'rsa-2048' });
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  });
});

it('is given to a customer whose account is bound to his own (EAB)', async () => {
  const key = Buffer.from('a key that the authority gave me!').toString('base64url');
  await using authority = await startPebble({ ...ports, externalAccounts: { customer: key } });
  const bound = { 'external-account': { 'key-id': 'customer', 'key-secret': 'authority' } };
  {
    await using site = await newSite(
      ['bound.lares.test'],
      {
        configuration: bound,
        secret: async name => (name === 'authority' ? key : undefined),
      },
      authority,
    );
    await site.valid();
  }
  await using stranger = await newSite(['stranger.lares.test'], {}, authority);
  const troubles = (): string => [...stranger.troubles.values()].join();
  await expect.poll(troubles, { timeout: 20_000 }).toContain('set [certificates.external-account]');
  expect(troubles()).toContain('A self-signed one is shown meanwhile');
});

it('stands for a wildcard and its parent, proved by signed updates of a zone (dns-01)', async () => {
  const port = await lastingPort({ datagrams: true });
  const key: Key = {
    name: 'lares',
    algorithm: 'hmac-sha256',
    secret: crypto.getRandomValues(new Uint8Array(32)),
  };
  await using _zone = await startBind({ folder: scratch.path, host: '127.0.0.1', port, keys: [key] });
  await using authority = await startPebble({ ...ports, nameServer: `127.0.0.1:${port}` });
  await using site = await newSite(
    [`*.${ZONE}`, ZONE],
    {
      configuration: {
        challenges: ['dns-01'],
        dns: {
          server: '127.0.0.1',
          port,
          'key-name': key.name,
          'key-algorithm': key.algorithm,
          'key-secret': 'zone',
        },
      },
      secret: async name => (name === 'zone' ? Buffer.from(key.secret).toString('base64') : undefined),
    },
    authority,
  );
  await site.valid();
  const certificate = shownBy(site, `any.${ZONE}`);
  expect(certificate.checkHost(`any.${ZONE}`)).toBeDefined();
  expect(certificate.checkHost(ZONE)).toBe(ZONE);
});

it('is one order in a hundred restarts, at whatever moment they come', async () => {
  // A restart just when the authority looks at a proof loses the order; that is no fault of what is tested here.
  await using authority = await startPebble({ ...ports, alwaysValid: true });
  const dataFolder = `${scratch.path}/restarted`;
  const names = ['restarted.lares.test', 'www.restarted.lares.test'];
  for (const lifetimeMs of crypto.getRandomValues(new Uint8Array(100))) {
    await using site = await newSite(names, { dataFolder }, authority);
    // Most stop before the order is over (it takes two seconds); the later ones find it done.
    await Promise.race([site.valid(), sleep(lifetimeMs / 4)]);
  }
  await using site = await newSite(names, { dataFolder }, authority);
  await site.valid();
  expect({ orders: authority.orders(), issued: authority.issued() }).toEqual({ orders: 1, issued: 1 });
});
