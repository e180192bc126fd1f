import { describe, expect, it } from 'vitest';
import { identifierOf, sameIdentifiers, validationServerName } from './identifier.ts';

describe('an identifier', () => {
  it.each([
    ['lares.test', { type: 'dns', value: 'lares.test' }],
    ['*.lares.test', { type: 'dns', value: '*.lares.test' }],
    ['192.0.2.7', { type: 'ip', value: '192.0.2.7' }],
    ['2001:DB8:0:0::7', { type: 'ip', value: '2001:db8::7' }],
  ])('of %s is %j', (name, identifier) => expect(identifierOf(name)).toEqual(identifier));

  it('is validated by its name, an address by its reverse name (RFC 8738 §6)', () => {
    expect(validationServerName(identifierOf('lares.test'))).toBe('lares.test');
    expect(validationServerName(identifierOf('192.0.2.7'))).toBe('7.2.0.192.in-addr.arpa');
    expect(validationServerName(identifierOf('2001:db8::7'))).toBe(
      '7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    );
  });
});

it('compares lists in whatever order and case', () => {
  const [a, b, c] = ['a.test', 'B.test', 'b.test'].map(identifierOf) as [never, never, never];
  expect(sameIdentifiers([a, b], [c, a])).toBe(true);
  expect(sameIdentifiers([a], [a, b])).toBe(false);
  expect(sameIdentifiers([identifierOf('192.0.2.7')], [{ type: 'dns', value: '192.0.2.7' }])).toBe(false);
});
