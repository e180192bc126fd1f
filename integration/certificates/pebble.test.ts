import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createScratch, type Scratch } from '../images/scratch.ts';
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
  configuration: SiteOptions['configuration'],
  authority: Pebble = pebble,
): Promise<Site> {
  const dataFolder = `${scratch.path}/site-${sites++}`;
  return openSite(authority, { ports, dataFolder, names, configuration });
}

function shownBy(site: Site, name: string): X509Certificate {
  return new X509Certificate(site.certificates.credentialsFor(name)?.certificateChainPem ?? '');
}

/** Opens a site, waits for its certificate, and gives what is shown for the first name. */
async function issue(
  names: readonly string[],
  configuration: SiteOptions['configuration'] = {},
): Promise<X509Certificate> {
  await using site = await newSite(names, configuration);
  await site.valid();
  return shownBy(site, names[0] ?? '');
}

describe('a certificate from pebble', () => {
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
