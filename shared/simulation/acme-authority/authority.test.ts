import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../base/bytes.ts';
import { Prng } from '../prng.ts';
import { AcmeAuthority } from './authority.ts';
import type { AuthorityOptions } from './options.ts';
import { seededKey } from './seeded-key.ts';
import { encodeSigningRequest } from './signing-request.ts';
import { base64Url, BASE, START_MS, TestClient, type Answered } from './test-client.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function authorityWith(options: Partial<AuthorityOptions> = {}): AcmeAuthority {
  const random = new Prng('authority');
  const key = seededKey(random.bytes(32));
  return new AcmeAuthority(
    { baseUrl: BASE, name: 'Mock CA', key, random, keyTypes: ['ed25519'], ...options },
    START_MS,
  );
}

function problemOf({ reply, json }: Answered): string {
  expect(reply.headers['content-type']).toBe('application/problem+json');
  return `${reply.status} ${String(json.type).replace('urn:ietf:params:acme:error:', '')}`;
}

let client: TestClient;
beforeEach(() => {
  client = new TestClient(authorityWith());
  client.register();
});

describe('an ACME authority issues', () => {
  it('a certificate that its root verifies, for exactly the names, as long as the profile says', () => {
    const certificate = client.issue(['example.org', 'www.example.org']);
    const root = new X509Certificate(client.authority.rootPem);
    expect(certificate.verify(root.publicKey)).toBe(true);
    expect(certificate.checkIssued(root)).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:example.org, DNS:www.example.org');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.ca).toBe(false);
    expect(root.ca).toBe(true);
    expect(certificate.validToDate.getTime() - START_MS).toBe(90 * DAY_MS - HOUR_MS - 1000);
  });

  it.each([
    ['classic', START_MS, 90],
    ['classic', Date.UTC(2027, 1, 10), 64],
    ['classic', Date.UTC(2028, 1, 16), 45],
    ['tlsserver', START_MS, 45],
    ['shortlived', START_MS, 160 / 24],
  ])('%s certificates of their day (%d)', (profile, nowMs, days) => {
    client.nowMs = nowMs;
    const { validFromDate, validToDate } = client.issue(['example.org'], { profile });
    expect(validToDate.getTime() - validFromDate.getTime() + 1000).toBe(days * DAY_MS);
  });

  it('certificates for addresses with the profile that takes them (RFC 8738)', () => {
    expect(
      client.issue(['192.0.2.7', '2001:db8::7'], { profile: 'shortlived' }).checkIP('2001:db8::7'),
    ).toBeDefined();
    expect(problemOf(client.order(['192.0.2.7']))).toBe('400 rejectedIdentifier');
    const { json } = client.order(['192.0.2.8'], { profile: 'shortlived' });
    const authorization = client.post(json.authorizations![0]!.slice(BASE.length));
    expect(authorization.json.challenges?.map(each => each.type)).toEqual(['http-01', 'tls-alpn-01']);
  });

  it('wildcards after a proof by DNS alone', () => {
    const { json } = client.order(['*.example.org']);
    const { json: shown } = client.post(json.authorizations![0]!.slice(BASE.length));
    expect(shown).toMatchObject({ wildcard: true, identifier: { value: 'example.org' } });
    expect(shown.challenges?.map(each => each.type)).toEqual(['dns-01', 'dns-persist-01']);
  });

  it('again without another validation while the first one is good', () => {
    client.issue(['example.org']);
    client.nowMs += 29 * DAY_MS;
    expect(client.order(['example.org']).json.status).toBe('ready');
    client.nowMs += 2 * DAY_MS;
    expect(client.order(['example.org']).json.status).toBe('pending');
  });
});

describe('an ACME authority is strict about', () => {
  it('where a plain GET is allowed (RFC 8555 §6.3)', () => {
    const { path } = client.order(['example.org']);
    expect(problemOf(client.get(path))).toBe('405 malformed');
    expect(client.get('/directory').json.newOrder).toBe(`${BASE}/new-order`);
  });

  it.each([
    ['another URL', { url: `${BASE}/elsewhere` }, '401 unauthorized'],
    ['a nonce it did not give', { nonce: 'AAAA' }, '400 badNonce'],
    ['an algorithm that does not fit', { alg: 'ES256' }, '400 badSignatureAlgorithm'],
    ['an unknown account', { kid: `${BASE}/account/99` }, '400 accountDoesNotExist'],
    ['both key and account', { jwk: {} }, '400 malformed'],
  ])('%s in the header', (_what, change, problem) => {
    expect(problemOf(client.post('/new-order', { identifiers: [] }, change))).toBe(problem);
  });

  it('nonces being used once (RFC 8555 §6.5), and gives a fresh one with the refusal', () => {
    const body = client.jws('/new-order', { identifiers: [] });
    const type = { 'content-type': 'application/jose+json' };
    client.send('POST', '/new-order', type, body);
    const again = client.send('POST', '/new-order', type, body);
    expect(decodeUtf8(again.body)).toContain('badNonce');
    expect(again.headers['replay-nonce']).toMatch(/^[\w-]+$/);
  });

  it('media type and User-Agent', () => {
    expect(client.send('POST', '/new-order', {}, client.jws('/new-order', {})).status).toBe(415);
    expect(client.send('GET', '/directory', { 'user-agent': '' }).status).toBe(400);
  });

  it('whose things are asked for', () => {
    const { path } = client.order(['example.org']);
    const other = new TestClient(client.authority, seededKey(new Uint8Array(32).fill(2)));
    other.register();
    expect(problemOf(other.post(path))).toBe('403 unauthorized');
  });

  it('the request fitting the order', () => {
    const { json, path } = client.order(['example.org']);
    expect(problemOf(client.finalize(path, ['example.org']))).toBe('403 orderNotReady');
    client.validate(json);
    expect(problemOf(client.finalize(path, ['other.org']))).toBe('400 badCSR');
    expect(problemOf(client.finalize(path, ['example.org', 'www.example.org']))).toBe('400 badCSR');
    expect(problemOf(client.finalize(path, ['example.org'], client.key))).toBe('400 badCSR');
    const request = encodeSigningRequest(['example.org'], seededKey(new Uint8Array(32).fill(9)));
    request[request.length - 1]! ^= 1;
    expect(problemOf(client.post(`${path}/finalize`, { csr: base64Url(request) }))).toBe('400 badCSR');
    expect(client.finalize(path, ['example.org']).json.status).toBe('valid');
  });

  it('the kinds of keys that it certifies', () => {
    const usual = new TestClient(authorityWith({ keyTypes: ['ec', 'rsa'] }));
    usual.register();
    const { json, path } = usual.order(['example.org']);
    usual.validate(json);
    expect(problemOf(usual.finalize(path, ['example.org']))).toBe('400 badCSR');
  });

  it('agreement to the terms, and contacts', () => {
    const other = new TestClient(client.authority, seededKey(new Uint8Array(32).fill(3)));
    expect(problemOf(other.post('/new-account', {}))).toBe('403 userActionRequired');
    const wrong = { termsOfServiceAgreed: true, contact: ['tel:1'] };
    expect(problemOf(other.post('/new-account', wrong))).toBe('400 invalidContact');
    expect(problemOf(other.post('/new-account', { onlyReturnExisting: true }))).toBe(
      '400 accountDoesNotExist',
    );
    expect(other.register().status).toBe(201);
    other.kid = undefined;
    expect(other.register().status).toBe(200);
  });

  it('profiles and identifiers', () => {
    expect(problemOf(client.order(['example.org'], { profile: 'eternal' }))).toBe('400 invalidProfile');
    expect(problemOf(client.order(['Example.org']))).toBe('400 rejectedIdentifier');
    expect(problemOf(client.order(['example.org', 'example.org']))).toBe('400 malformed');
  });

  it('a failed validation ending the order', () => {
    const { json, path } = client.order(['example.org']);
    client.validate(json, 'http-01', { type: 'connection', detail: 'refused' });
    const { json: shown } = client.post(path);
    expect(shown).toMatchObject({ status: 'invalid', error: { detail: 'refused' } });
  });

  it('external accounts, where it wants them (RFC 8555 §7.3.4)', () => {
    const hmacKey = new Uint8Array(32).fill(5);
    const wanting = new TestClient(authorityWith({ externalAccounts: [{ keyId: 'customer', hmacKey }] }));
    expect(wanting.get('/directory').json.meta?.externalAccountRequired).toBe(true);
    expect(wanting.register().status).toBe(403);
  });
});

describe('renewal (RFC 9773)', () => {
  function certificateId(): string {
    return client.authority.certificates[0]!.certificateId;
  }

  it('is suggested a third before the end, of short certificates at half time', () => {
    client.issue(['example.org']);
    const { reply, json } = client.get(`/renewal-info/${certificateId()}`);
    expect(reply.headers['retry-after']).toBe('21600');
    const { start, end } = json.suggestedWindow!;
    const middle = (Date.parse(start) + Date.parse(end)) / 2;
    expect(Math.abs(middle - (START_MS + 60 * DAY_MS))).toBeLessThanOrEqual(HOUR_MS + 1000);
  });

  it('has the identifier of §4.1: key identifier and serial number', () => {
    const { serialNumber } = client.issue(['example.org']);
    const [, serial = ''] = certificateId().split('.');
    expect(Buffer.from(serial, 'base64url').toString('hex').toUpperCase()).toBe(serialNumber);
    expect(client.get('/renewal-info/AAAA.AAAA').reply.status).toBe(404);
  });

  it('moves when the authority says so', () => {
    client.issue(['example.org']);
    client.authority.moveWindows({ startMs: START_MS, endMs: START_MS + HOUR_MS });
    const { json } = client.get(`/renewal-info/${certificateId()}`);
    expect(json.suggestedWindow).toEqual({ start: '2026-11-23T00:00:00Z', end: '2026-11-23T01:00:00Z' });
  });

  it('is told by `replaces`, once, by the owner, with a name in common', () => {
    client.issue(['example.org']);
    const replaces = certificateId();
    expect(problemOf(client.order(['other.org'], { replaces }))).toBe('400 malformed');
    expect(client.order(['example.org'], { replaces }).json.replaces).toBe(replaces);
    expect(problemOf(client.order(['example.org'], { replaces }))).toBe('409 alreadyReplaced');
  });
});

describe('rate limits', () => {
  it('refuse the sixth certificate for the same names within a week, but no renewal that ARI led', () => {
    for (let count = 0; count < 5; count++) client.issue(['example.org']);
    const refused = client.order(['example.org']);
    expect(problemOf(refused)).toBe('429 rateLimited');
    // One of five in seven days comes back every 33.6 hours.
    expect(refused.reply.headers['retry-after']).toBe(String(33.6 * 3600));
    expect(client.authority.limitHits).toHaveLength(1);
    const replaces = client.authority.certificates[0]!.certificateId;
    expect(client.order(['example.org'], { replaces }).reply.status).toBe(201);
    client.nowMs += 33.6 * HOUR_MS;
    expect(client.order(['example.org']).reply.status).toBe(201);
  });

  it('refuse after five failed validations of a name in an hour', () => {
    for (let count = 0; count < 5; count++) {
      const { json } = client.order(['example.org']);
      client.validate(json, 'http-01', { type: 'connection', detail: 'refused' });
    }
    expect(problemOf(client.order(['example.org']))).toBe('429 rateLimited');
    expect(client.order(['example.net']).reply.status).toBe(201);
  });

  it('refuse the eleventh account of an address in three hours', () => {
    const statuses = Array.from({ length: 10 }, (_, index) => {
      const other = new TestClient(client.authority, seededKey(new Uint8Array(32).fill(100 + index)));
      return other.register().status;
    });
    expect(statuses).toEqual([...Array<number>(9).fill(201), 429]);
  });
});
