import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../ip/address.ts';
import { isReport, readReport } from './read-report.ts';

const CLIENT = '192.0.2.9';

function read(query: string): unknown {
  const report = readReport({ method: 'GET', target: `/nic/update?${query}`, fields: {} }, CLIENT);
  if (!report.ok) return report.error;
  const { names, told } = report.value;
  const texts = Object.entries(told).map(([family, each]) => [
    family,
    each === 'none' ? each : `${each.isNetwork ? 'net ' : ''}${formatAddress(each.address)}`,
  ]);
  return { names, ...Object.fromEntries(texts) };
}

describe('a report of a router', () => {
  const names = ['home.example.org'];

  it.each([
    // ddclient and inadyn.
    ['system=dyndns&hostname=home.example.org&myip=192.0.2.1', { names, ipv4: '192.0.2.1' }],
    ['hostname=home.example.org&myip=2001:db8::1', { names, ipv6: '2001:db8::1' }],
    // FRITZ!Box, with <ipaddr>, <ip6addr> and <ip6lanprefix>; without IPv6 the place of it is empty.
    [
      'hostname=home.example.org&myip=192.0.2.1&myipv6=2001:db8::1',
      { names, ipv4: '192.0.2.1', ipv6: '2001:db8::1' },
    ],
    [
      'hostname=home.example.org&myip=192.0.2.1&myipv6=2001:db8:1:2::/64',
      { names, ipv4: '192.0.2.1', ipv6: 'net 2001:db8:1:2::' },
    ],
    ['hostname=home.example.org&myip=192.0.2.1&myipv6=', { names, ipv4: '192.0.2.1', ipv6: 'none' }],
    // Both at once, escaped or not.
    [
      'hostname=home.example.org&myip=192.0.2.1,2001%3Adb8%3A%3A1',
      { names, ipv4: '192.0.2.1', ipv6: '2001:db8::1' },
    ],
    [
      'hostname=Home.Example.ORG.&myip=192.0.2.1%2c2001:db8::1',
      { names, ipv4: '192.0.2.1', ipv6: '2001:db8::1' },
    ],
    // Nothing is said of an address: it is that of who asks.
    ['hostname=home.example.org', { names, ipv4: CLIENT }],
    ['hostname=home.example.org&myip=', { names, ipv4: CLIENT }],
    [
      'hostname=a.example,b.example&myipv4=192.0.2.1',
      { names: ['a.example', 'b.example'], ipv4: '192.0.2.1' },
    ],
    // What is wrong.
    ['myip=192.0.2.1', 'notfqdn'],
    ['hostname=home&myip=192.0.2.1', 'notfqdn'],
    ['hostname=home..example&myip=192.0.2.1', 'notfqdn'],
    [`hostname=${Array(21).fill('a.example').join(',')}&myip=192.0.2.1`, 'numhost'],
    ['hostname=home.example.org&myip=192.0.2.256', '911'],
    ['hostname=home.example.org&myip=192.0.2.1,%zz', '911'],
  ])('%s says %j', (query, expected) => expect(read(query)).toEqual(expected));

  it.each([
    ['/nic/update?hostname=a.b', true],
    ['/v3/update', true],
    ['https://ns.example/nic/update?x', true],
    ['/nic/updates', false],
    ['/dns-query?/nic/update', false],
    ['*', false],
  ])('%s is one: %s', (target, expected) => {
    expect(isReport({ method: 'GET', target, fields: {} })).toBe(expected);
  });

  it('never throws', () => {
    const part = fc.constantFrom(
      'hostname=',
      'myip=',
      'myipv6=',
      '&',
      ',',
      '%',
      '%2',
      'a.b',
      '1.2.3.4',
      '::',
      '/',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string())), parts => {
        read(parts.join(''));
      }),
    );
  });
});
