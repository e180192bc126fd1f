import { readFile } from 'node:fs/promises';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { dnsServiceConfiguration } from './config.ts';

describe('the [dns-service] table', () => {
  it('of the example states the defaults, and those of a zone', async () => {
    const text = await readFile(new URL('../../configs/dns-service.toml', import.meta.url), 'utf8');
    const { zones, ...written } = dnsServiceConfiguration.parse(parse(text)['dns-service']);
    expect({ zones: [], ...written }).toEqual(dnsServiceConfiguration.parse(undefined));
    const [zone] = dnsServiceConfiguration.parse({ zones: [{ name: 'lares.example' }] }).zones;
    expect(zones).toEqual([zone]);
  });

  it.each([['a', 'b.a', '_tcp.a', '0/26.2.0.192.in-addr.arpa', 'xn--bcher-kva.example']])(
    'takes zones called %s, %s, %s, %s, %s',
    (...names) => {
      const zones = names.map(name => ({ name }));
      expect(dnsServiceConfiguration.safeParse({ zones }).success).toBe(true);
    },
  );

  it.each([
    [{ zones: [{ name: 'example.org.' }] }],
    [{ zones: [{ name: 'Example.org' }] }],
    [{ zones: [{ name: 'a..b' }] }],
    [{ zones: [{ name: 'a' }, { name: 'a' }] }],
    [{ zones: [{ name: 'a', file: '../a.zone' }] }],
    [{ zones: [{ name: 'a', file: '/etc/a.zone' }] }],
    [{ zones: [{ name: 'a', algorithm: 8 }] }],
    [{ zones: [{ name: 'a', denial: 'compact', 'transfer-to': [{ address: '192.0.2.1' }] }] }],
    [{ zones: [{ name: 'a', denial: 'compact', notify: [{ address: '192.0.2.1' }] }] }],
    [{ 'zone-folder': 'a/../../b' }],
    [{ address: 'localhost' }],
    [{ port: 65_536 }],
    [{ 'signature-days': 0 }],
  ])('refuses %j', table => {
    expect(dnsServiceConfiguration.safeParse(table).success).toBe(false);
  });
});
