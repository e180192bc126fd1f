import { describe, expect, it } from 'vitest';
import { dnsServiceConfiguration } from '../config.ts';

/** What is wrong with a table; nothing: it is taken. */
function faults(table: object): string[] {
  const zones = [
    { name: 'example.org' },
    { name: 'theirs.example.org', sign: false, primaries: [{ address: '192.0.2.1' }] },
  ];
  const parsed = dnsServiceConfiguration.safeParse({ zones, ...table });
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => message);
}

const update = { name: 'home.example.org', sources: ['interface', 'update'], secret: 'router' };
const question = { name: 'home.example.org', sources: ['question'] };

describe('names that follow a line', () => {
  it.each([
    [{ follow: [{ name: 'home.example.org' }, { name: 'example.org', 'ipv6-host': '::1' }] }],
    [{ follow: [update], 'server-names': ['ns.example.org'] }],
    [{ follow: [update], 'update-http-port': 8080 }],
    [{ follow: [question], 'address-question': { name: 'myip.opendns.com', servers: ['208.67.222.222'] } }],
  ])('may be %j', table => expect(faults(table)).toEqual([]));

  it.each([
    [{ follow: [{ name: 'example.net' }] }, 'example.net is in none of the zones, or in one with primaries'],
    [
      { follow: [{ name: 'a.theirs.example.org' }] },
      'a.theirs.example.org is in none of the zones, or in one with primaries',
    ],
    [{ follow: [{ name: 'a.example.org' }, { name: 'a.example.org' }] }, 'a name follows once'],
    [
      { follow: [update] },
      'the source "update" needs server-names (then routers come by HTTPS), or update-http-port',
    ],
    [{ follow: [question] }, 'the source "question" needs [dns-service.address-question]'],
    [
      { follow: [{ ...update, secret: undefined }], 'update-http-port': 1 },
      'the source "update" needs a secret',
    ],
    [
      { follow: [{ name: 'a.example.org', 'ipv6-host': '192.0.2.1' }] },
      'an IPv6 address, such as ::211:32ff:fe12:3456',
    ],
  ])('are not %j', (table, message) => expect(faults(table)).toEqual([message]));
});
