import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../base/bytes.ts';
import { encodeClientHello } from '../tls/encode-client-hello.ts';
import { alertFor } from './alerts.ts';
import { ANY, claimTable, NONE, type Claim, type ClaimTable } from './claims.ts';
import { ACME_TLS_1, route, type Route } from './route.ts';

const claims: readonly Claim[] = [
  { owner: 'site', names: ['example.org', NONE], alpnProtocols: ['h2', 'http/1.1', NONE] },
  { owner: 'photos', names: ['photos.example.org'], alpnProtocols: [ANY] },
  { owner: 'guests', names: ['*.example.org'], alpnProtocols: ['h2', 'http/1.1', NONE] },
  { owner: 'tunnel', names: [ANY], alpnProtocols: ['lares-tunnel'] },
  { owner: 'certificates', names: [ANY], alpnProtocols: [ACME_TLS_1] },
  { owner: 'redirects', opening: 'http' },
  { owner: 'vpn', opening: 'openvpn' },
];

function tableOf(claimed: readonly Claim[]): ClaimTable {
  const table = claimTable(claimed);
  if (!table.ok) throw new Error(table.error.claimed);
  return table.value;
}

const table = tableOf(claims);

function helloOf(serverName: string | undefined, alpnProtocols?: readonly string[]): Uint8Array {
  return encodeClientHello({ serverName, alpnProtocols });
}

function outcome(found: Route): string {
  if (found === 'more') return found;
  return 'claim' in found ? (claims[found.claim]?.owner ?? 'no claim') : found.refusal;
}

describe('a TLS connection goes to', () => {
  it.each([
    ['the exact name', 'example.org', ['h2', 'http/1.1'], 'site'],
    ['a client without ALPN', 'example.org', undefined, 'site'],
    ['a client without a name', undefined, ['http/1.1'], 'site'],
    ['an exact name before the wildcard, with any protocol', 'photos.example.org', ['imap'], 'photos'],
    ['any protocol takes clients without one', 'photos.example.org', undefined, 'photos'],
    ['a wildcard', 'anna.example.org', ['h2'], 'guests'],
    ['a wildcard of one label only', 'a.b.example.org', ['h2'], 'no_application_protocol'],
    [
      'a protocol of any name, though the name is claimed for others',
      'example.org',
      ['lares-tunnel'],
      'tunnel',
    ],
    ["the client's first choice that is claimed for the name", 'example.org', ['lares-tunnel', 'h2'], 'site'],
    ['a validation before any site (RFC 8737 §4)', 'photos.example.org', [ACME_TLS_1], 'certificates'],
    ['acme-tls/1 beside others is no validation', 'example.org', [ACME_TLS_1, 'h2'], 'site'],
    ['acme-tls/1 twice is no validation', 'example.org', [ACME_TLS_1, ACME_TLS_1], 'no_application_protocol'],
    [
      'nobody: a name that is there for another protocol',
      'elsewhere.test',
      ['h2'],
      'no_application_protocol',
    ],
    ['nobody: an unknown protocol of a known name', 'example.org', ['imap'], 'no_application_protocol'],
  ])('%s', (_why, name, protocols, expected) => {
    expect(outcome(route(table, helloOf(name, protocols)))).toBe(expected);
  });

  it('nobody with unrecognized_name where no site takes any name', () => {
    const sites = tableOf(claims.filter(({ owner }) => owner !== 'tunnel'));
    expect(route(sites, helloOf('elsewhere.test', ['h2']))).toEqual({ refusal: 'unrecognized_name' });
    expect(route(sites, helloOf('a.b.example.org', ['h2']))).toEqual({ refusal: 'unrecognized_name' });
  });

  it('no site with acme-tls/1 alone where nobody validates', () => {
    const site = tableOf([{ owner: 'site', names: [ANY], alpnProtocols: [ANY] }]);
    expect(route(site, helloOf('example.org', [ACME_TLS_1]))).toEqual({ refusal: 'no_application_protocol' });
  });
});

/** A length and an opcode, as OpenVPN's first packet over TCP has them. */
function openVpn(length: number, opcode: number): Uint8Array {
  return Uint8Array.of(length >> 8, length & 255, opcode << 3, 1, 2, 3);
}

describe('other connections go by their first bytes', () => {
  it.each([
    ['HTTP', encodeUtf8('GET / HTTP/1.1\r\n'), 'redirects'],
    ['HTTP/2 without TLS', encodeUtf8('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'redirects'],
    ['the beginning of a method', encodeUtf8('GE'), 'more'],
    ['no method', encodeUtf8('hello\r\n'), 'not-tls'],
    ['capitals without end', encodeUtf8('A'.repeat(18)), 'not-tls'],
    ['OpenVPN', openVpn(42, 7), 'vpn'],
    ['OpenVPN with tls-crypt-v2', openVpn(400, 10), 'vpn'],
    ['OpenVPN, half of a length', Uint8Array.of(0), 'more'],
    ['OpenVPN of an impossible length', openVpn(400, 7), 'not-tls'],
    ['OpenVPN from a server', openVpn(42, 8), 'not-tls'],
    ['SSH', encodeUtf8('SSH-2.0-x\r\n'), 'not-tls'],
    ['nothing yet', new Uint8Array(0), 'more'],
    ['a broken ClientHello', Uint8Array.of(22, 3, 1, 0, 0), 'decode_error'],
  ])('%s', (_what, bytes, expected) => {
    expect(outcome(route(table, bytes))).toBe(expected);
  });

  it('and nobody gets what nobody claims', () => {
    const none = tableOf([]);
    for (const bytes of [encodeUtf8('GET / HTTP/1.1\r\n'), openVpn(42, 7), Uint8Array.of(0)])
      expect(route(none, bytes)).toEqual({ refusal: 'not-tls' });
  });
});

describe('two claims to the same connections are a fault', () => {
  it.each<[string, Claim, string]>([
    [
      'a name and a protocol',
      { owner: 'matrix', names: ['matrix.test', 'example.org'], alpnProtocols: ['imap', 'h2'] },
      'example.org with h2',
    ],
    ['no name', { owner: 'matrix', names: [NONE], alpnProtocols: [NONE] }, 'no name with no protocol'],
    [
      'any protocol',
      { owner: 'matrix', names: ['photos.example.org'], alpnProtocols: [ANY] },
      'photos.example.org with any protocol',
    ],
    [
      'any name',
      { owner: 'matrix', names: [ANY], alpnProtocols: ['lares-tunnel'] },
      'any name with lares-tunnel',
    ],
    ['first bytes', { owner: 'matrix', opening: 'http' }, 'connections that begin as http'],
  ])('%s', (_what, claim, claimed) => {
    const found = claimTable([...claims, claim]);
    expect(found).toMatchObject({ ok: false, error: { claimed } });
    expect(!found.ok && found.error.owners[1]).toBe('matrix');
  });
});

it('the table can be posted to a worker', () => {
  const clone = structuredClone(table);
  expect(clone).toEqual(table);
  expect(route(clone, helloOf('example.org', ['h2']))).toMatchObject({ claim: 0 });
});

it('no bytes make the routing throw, and what is decided stays so', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, length) => {
      const part = route(table, bytes.subarray(0, length));
      if (part !== 'more') expect(route(table, bytes)).toEqual(part);
    }),
    { numRuns: 3_000 },
  );
});

it.each([
  ['unrecognized_name', 112],
  ['no_application_protocol', 120],
  ['decode_error', 50],
] as const)('%s is said as a fatal alert', (refusal, description) => {
  expect(alertFor(refusal)).toEqual(Uint8Array.of(21, 3, 3, 0, 2, 2, description));
});

it('who speaks no TLS is told nothing', () => {
  expect(alertFor('not-tls')).toBeUndefined();
});
