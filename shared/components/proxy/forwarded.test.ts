import { describe, expect, it } from 'vitest';
import type { ProxyRequest } from './exchange.ts';
import { forwardedFields, isLoop } from './forwarded.ts';

const request: ProxyRequest = {
  method: 'GET',
  target: '/',
  authority: 'example.org',
  version: '2.0',
  fields: [],
  secure: true,
  client: '192.0.2.1',
};

describe('Forwarded (RFC 7239)', () => {
  it.each([
    ['192.0.2.1', 'for=192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', 'for=192.0.2.1', '192.0.2.1'],
    // RFC 7239 §6: an IPv6 address stands in brackets and in quotes.
    ['2001:db8::17', 'for="[2001:db8::17]"', '2001:db8::17'],
    ['fe80::1%eth0', 'for="[fe80::1]"', 'fe80::1'],
  ])('names %s as %s', (client, expected, plain) => {
    const fields = forwardedFields({ ...request, client }, 'lares');
    expect(fields[1]).toBe(`${expected};host=example.org;proto=https`);
    expect(fields[fields.indexOf('x-forwarded-for') + 1]).toBe(plain);
  });

  it('says so where the client is not known, and quotes what is no token', () => {
    const fields = forwardedFields({ ...request, client: undefined, authority: 'a"b\\:1' }, 'lares');
    expect(fields[1]).toBe('for=unknown;host="a\\"b\\\\:1";proto=https');
    expect(fields).not.toContain('x-forwarded-for');
  });
});

describe('a circle', () => {
  it('is seen by our own name, five times', () => {
    const via = (times: number): string[] => ['via', Array(times).fill('1.1 lares-1').join(', ')];
    expect(isLoop(via(4), 'lares-1')).toBe(false);
    expect(isLoop(via(5), 'lares-1')).toBe(true);
    expect(isLoop(via(5), 'lares-2')).toBe(false);
  });
});
