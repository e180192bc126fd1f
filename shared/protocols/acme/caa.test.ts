import { describe, expect, it } from 'vitest';
import { caaNames, judgeCaa, type CaaRequest } from './caa.ts';

const request: CaaRequest = {
  identities: ['letsencrypt.org'],
  accountUrl: 'https://acme.example/acct/1',
  methods: ['http-01', 'tls-alpn-01'],
  wildcard: false,
};
const judge = (values: readonly string[], more: Partial<CaaRequest> = {}, flags = 0): string =>
  judgeCaa(
    values.map(text => {
      const [tag = '', ...value] = text.split(' ');
      return { flags, tag, value: value.join(' ') };
    }),
    { ...request, ...more },
  ).kind;

it('climbs the tree of names up to the top-level domain (RFC 8659 §3)', () => {
  expect(caaNames('*.a.lares.test')).toEqual(['a.lares.test', 'lares.test', 'test']);
});

describe('CAA records', () => {
  it.each([
    ['no issue property', ['iodef mailto:owner@lares.test'], 'allowed'],
    ['the authority', ['issue letsencrypt.org'], 'allowed'],
    [
      'the authority in capitals, beside another',
      ['issue other.example', 'issue LetsEncrypt.org'],
      'allowed',
    ],
    ['another authority', ['issue other.example'], 'forbidden'],
    ['nobody', ['issue ;'], 'forbidden'],
    ['nobody, for wildcards alone', ['issue letsencrypt.org', 'issuewild ;'], 'allowed'],
  ])('that name %s: %s', (_what, records, verdict) => expect(judge(records)).toBe(verdict));

  it('for wildcards take precedence where the name is one (RFC 8659 §4.3)', () => {
    const wildcard = { wildcard: true };
    expect(judge(['issue letsencrypt.org', 'issuewild ;'], wildcard)).toBe('forbidden');
    expect(judge(['issue ;', 'issuewild letsencrypt.org'], wildcard)).toBe('allowed');
    expect(judge(['issue letsencrypt.org'], wildcard)).toBe('allowed');
  });

  it.each([
    ['accounturi=https://acme.example/acct/1', 'allowed'],
    ['accounturi=https://acme.example/acct/2', 'forbidden'],
    ['validationmethods=dns-01', 'forbidden'],
    ['validationmethods=dns-01,http-01', 'allowed'],
    ['validationmethods=http-01; accounturi=https://acme.example/acct/1', 'allowed'],
  ])('with %s (RFC 8657): %s', (parameters, verdict) =>
    expect(judge([`issue letsencrypt.org; ${parameters}`])).toBe(verdict),
  );

  it('are no obstacle where only the authority can tell', () => {
    const bound = ['issue letsencrypt.org; accounturi=https://acme.example/acct/2'];
    expect(judge(bound, { accountUrl: undefined })).toBe('unsure');
    expect(judge(['issue other.example'], { identities: [] })).toBe('unsure');
  });

  it('forbid by a critical property that nobody knows (RFC 8659 §4.1)', () => {
    expect(judge(['unknown x', 'issue letsencrypt.org'], {}, 128)).toBe('forbidden');
    expect(judge(['unknown x', 'issue letsencrypt.org'])).toBe('allowed');
    expect(judge(['issue letsencrypt.org'], {}, 128)).toBe('allowed');
  });
});
