import { describe, expect, it } from 'vitest';
import { isNameless, orderFor, orderForAddresses } from './authorities.ts';
import { certificatesConfiguration } from './configuration.ts';
import { coversName, nameSetId } from './names.ts';
import { isPublicName } from './public-names.ts';

const configured = (table: object = {}) => certificatesConfiguration.parse(table);

describe('a name', () => {
  it.each(['lares.dev', 'a.b.co.uk', '*.lares.dev', '8.8.8.8', '2606:4700::1111'])('%s is public', name =>
    expect(isPublicName(name)).toBe(true),
  );
  it.each([
    'localhost',
    'nas',
    'nas.local',
    'nas.home.arpa',
    'nas.internal',
    'example.org',
    'www.example.com',
    '*.example.net',
    'a.test',
    'x.onion',
    '192.168.1.2',
    '10.0.0.1',
    '100.64.0.1',
    '172.31.0.1',
    '127.0.0.1',
    '203.0.113.9',
    '::1',
    'fd00::1',
    'fe80::1',
    '2001:db8::1',
  ])('%s is not', name => expect(isPublicName(name)).toBe(false));

  it('is covered by itself and by a wildcard of one label (RFC 6125 §6.4.3)', () => {
    const names = ['lares.dev', '*.lares.dev'];
    expect(['lares.dev', 'www.lares.dev'].every(name => coversName(names, name))).toBe(true);
    expect(['a.b.lares.dev', 'xlares.dev', '.lares.dev', 'lares'].some(name => coversName(names, name))).toBe(
      false,
    );
  });

  it('belongs to the same set in whatever order', () => {
    expect(nameSetId(['a', 'b'])).toBe(nameSetId(['b', 'a']));
    expect(nameSetId(['a', 'b'])).not.toBe(nameSetId(['a b']) + 'x');
  });
});

describe('what is asked for', () => {
  it('is public names alone where the owner chose no authority', () => {
    expect(orderFor(['lares.dev', 'nas.local'], configured())?.names).toEqual(['lares.dev']);
    expect(orderFor(['example.org'], configured())).toBeUndefined();
  });

  it('is every name where he chose one, and nothing where he chose none', () => {
    expect(orderFor(['nas.local'], configured({ ca: 'https://ca.lan/dir' }))?.names).toEqual(['nas.local']);
    expect(orderFor(['lares.dev'], configured({ ca: 'none' }))).toBeUndefined();
  });

  it('is a six-day certificate for an address, unless he says otherwise', () => {
    expect(orderFor(['8.8.8.8'], configured())).toEqual({ names: ['8.8.8.8'], profile: 'shortlived' });
    expect(orderFor(['lares.dev'], configured())?.profile).toBeUndefined();
    expect(orderFor(['8.8.8.8'], configured({ profile: 'mine' }))?.profile).toBe('mine');
  });

  it('is the addresses of a machine whose site has no name', () => {
    expect(isNameless(['localhost', '127.0.0.1', '::1'])).toBe(true);
    expect(isNameless(['127.0.0.1'])).toBe(false);
    const addresses = ['127.0.0.1', '192.168.1.2', '8.8.8.8', 'fe80::1', '2606:4700::1'];
    expect(orderForAddresses(addresses, configured())?.names).toEqual(['8.8.8.8', '2606:4700::1']);
    const own = configured({ ca: 'https://ca.lan/dir' });
    expect(orderForAddresses(addresses, own)?.names).toEqual(['192.168.1.2', '8.8.8.8', '2606:4700::1']);
    expect(orderForAddresses(['192.168.1.2'], configured())).toBeUndefined();
  });
});
