import { expect, it } from 'vitest';
import { chooseChallenge, dnsChallengeValue, persistentRecord } from './challenge.ts';
import type { Authorization, Challenge } from './objects.ts';

const challenge = (type: string, more: Partial<Challenge> = {}): Challenge => ({
  type,
  url: `https://ca.test/${type}`,
  status: 'pending',
  token: 't',
  issuerDomainNames: [],
  ...more,
});
const offering = (...challenges: Challenge[]): Authorization => ({
  status: 'pending',
  identifier: { type: 'dns', value: 'lares.test' },
  wildcard: false,
  challenges,
});

it('takes the preferred challenge of those that are offered', () => {
  const offered = offering(challenge('http-01'), challenge('dns-01'), challenge('tls-alpn-01'));
  expect(chooseChallenge(offered, ['tls-alpn-01', 'http-01'])?.type).toBe('tls-alpn-01');
  expect(chooseChallenge(offered, ['dns-persist-01', 'dns-01'])?.type).toBe('dns-01');
  expect(chooseChallenge(offered, ['dns-persist-01'])).toBeUndefined();
});

it('goes on with the one that is under way', () => {
  const offered = offering(challenge('tls-alpn-01'), challenge('http-01', { status: 'processing' }));
  expect(chooseChallenge(offered, ['tls-alpn-01', 'http-01'])?.type).toBe('http-01');
});

it('takes none that cannot be answered: without a token, or without the name of the authority', () => {
  const { token: _token, ...bare } = challenge('http-01');
  expect(
    chooseChallenge(offering(bare, challenge('dns-persist-01')), ['http-01', 'dns-persist-01']),
  ).toBeUndefined();
  const persistent = { ...bare, type: 'dns-persist-01', issuerDomainNames: ['ca.test'] };
  expect(chooseChallenge(offering(persistent), ['dns-persist-01'])).toBeDefined();
});

it('makes the texts of the records', () => {
  // RFC 8555 §8.4: base64url of SHA-256, 43 characters.
  expect(dnsChallengeValue('token.thumbprint')).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(persistentRecord('ca.test', 'https://ca.test/a/1', true)).toBe(
    'ca.test; accounturi=https://ca.test/a/1; policy=wildcard',
  );
});
