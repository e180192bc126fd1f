import { describe, expect, it } from 'vitest';
import { dnsServiceConfiguration } from '../config.ts';

/** What is wrong with a zone of these settings, where the key "pair" is known; nothing: it is taken. */
function faults(zone: object): string[] {
  const keys = [{ name: 'Pair.', secret: 'tsig-pair' }];
  const parsed = dnsServiceConfiguration.safeParse({ keys, zones: [{ name: 'example.org', ...zone }] });
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
}

describe('what a zone has to do with others', () => {
  it('is off without a word of it', () => {
    const { zones, keys } = dnsServiceConfiguration.parse({ zones: [{ name: 'example.org' }] });
    expect(keys).toEqual([]);
    expect(zones).toMatchObject([{ 'transfer-to': [], notify: [], primaries: [], update: [] }]);
  });

  it.each([
    {
      'transfer-to': [{ address: '192.0.2.0/24', key: 'pair' }, { address: '2001:db8::1' }, { key: 'PAIR' }],
    },
    { notify: [{ address: '192.0.2.1', port: 5300, key: 'pair' }] },
    { update: [{ key: 'pair' }, { key: 'pair', names: ['@', '*.dyn'], types: ['A', 'TYPE65400'] }] },
    { sign: false, primaries: [{ address: '192.0.2.1' }] },
    { sign: false, primaries: [{ address: '192.0.2.1', tls: { name: 'ns1.example.org' } }] },
  ])('may be %j', zone => expect(faults(zone)).toEqual([]));

  it.each([
    [{ 'transfer-to': [{}] }, 'an address, a key, or both, which then must both fit'],
    [
      { 'transfer-to': [{ address: 'example.org' }] },
      'an address or a network, such as 192.0.2.1 or 2001:db8::/32',
    ],
    [{ 'transfer-to': [{ key: 'other' }] }, 'the key "other" stands in [[dns-service.keys]]'],
    [{ notify: [{ address: '192.0.2.1', key: 'other' }] }, 'the key "other" stands in [[dns-service.keys]]'],
    [
      {
        sign: false,
        primaries: [
          { address: '::1', tls: { name: 'a', 'pin-sha256': 'a'.repeat(64), 'trust-anchors': [] } },
        ],
      },
      'a pinned certificate needs no trust-anchors',
    ],
    [{ update: [{ key: 'other' }] }, 'the key "other" stands in [[dns-service.keys]]'],
    [{ update: [{ key: 'pair', types: ['NONSENSE'] }] }, 'a record type, such as "TXT"'],
    [{ update: [{ key: 'pair', names: ['a..b'] }] }, 'a name below the zone, "@" or "*"'],
    [
      { primaries: [{ address: '192.0.2.1' }] },
      'a zone with primaries is as they have it: with sign = false, and without update',
    ],
  ])('is not %j', (zone, message) => expect(faults(zone)).toEqual([message]));
});
