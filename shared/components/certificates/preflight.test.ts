import { describe, expect, it } from 'vitest';
import { DeviceError } from '../../devices/device-error.ts';
import type { Answer, RecordType, Resolver } from '../../devices/resolver.ts';
import { createPreflight, type PreflightQuestion } from './preflight.ts';

const question: PreflightQuestion = {
  names: ['nas.example.org'],
  challengeTypes: ['http-01'],
  directory: {
    newNonce: '',
    newAccount: '',
    newOrder: '',
    profiles: [],
    externalAccountRequired: false,
    caaIdentities: ['ca.example.net'],
  },
  accountUrl: undefined,
  isPrivate: false,
};

/** Nothing exists in this DNS. */
const empty: Resolver = {
  resolve: async <T extends RecordType>(): Promise<Answer<T>> => ({
    exists: false,
    records: [],
    secure: false,
    ttlSeconds: 0,
  }),
};

describe('preflight', () => {
  const preflight = createPreflight({
    resolver: empty,
    addresses: async () => [],
    reachability: async () => undefined,
    signal: new AbortController().signal,
  });
  const sentence =
    'nas.example.org does not exist in the DNS; let it point to the public address of this machine';

  it('refuses a name that does not exist, since a public authority looks where this machine looks', async () => {
    expect(await preflight(question)).toEqual({ refusals: [sentence], doubts: [] });
  });

  it('only doubts it towards an authority of the owner’s own, which may see another DNS', async () => {
    expect(await preflight({ ...question, isPrivate: true })).toEqual({ refusals: [], doubts: [sentence] });
  });
});

/** Records by type and name; a name without any does not exist, unless it is `broken`. */
function preflightIn(zone: Readonly<Record<string, readonly unknown[]>>, own: readonly string[] = []) {
  const resolver: Resolver = {
    async resolve<T extends RecordType>(name: string, type: T): Promise<Answer<T>> {
      if (zone[`${type} ${name}`]?.[0] === 'broken') throw new DeviceError('name-server-failed', 'SERVFAIL');
      const exists = Object.keys(zone).some(key => key.endsWith(` ${name}`));
      return { exists, records: (zone[`${type} ${name}`] ?? []) as never[], secure: false, ttlSeconds: 1 };
    },
  };
  const { signal } = new AbortController();
  return createPreflight({
    resolver,
    addresses: async () => own,
    reachability: async () => undefined,
    signal,
  });
}
const here = { 'A nas.example.org': ['8.8.8.8'] };
const caa = (value: string, tag = 'issue') => [{ flags: 0, tag, value }];

describe('what preflight finds', () => {
  it('is nothing where the name leads here', async () => {
    expect(await preflightIn(here, ['192.168.1.2', '8.8.8.8'])(question)).toEqual({
      refusals: [],
      doubts: [],
    });
  });

  it.each([
    [
      'leads elsewhere',
      here,
      ['9.9.9.9'],
      'nas.example.org points to 8.8.8.8, while this machine has 9.9.9.9',
    ],
    [
      'leads elsewhere by IPv6',
      { ...here, 'AAAA nas.example.org': ['2606:4700::1'] },
      ['8.8.8.8'],
      'nas.example.org points to 2606:4700::1, while this machine has 8.8.8.8',
    ],
    [
      'has an address of this network',
      { 'A nas.example.org': ['192.168.1.2'] },
      [],
      'nas.example.org points to 192.168.1.2, which is no public address',
    ],
    [
      'cannot be looked up',
      { 'A nas.example.org': ['broken'] },
      [],
      'whether nas.example.org leads here cannot be told: SERVFAIL',
    ],
    [
      'has CAA records that cannot be read',
      { ...here, 'CAA nas.example.org': ['broken'] },
      [],
      'the CAA records of nas.example.org cannot be read: SERVFAIL',
    ],
  ])('is a doubt where it %s', async (_what, zone, own, sentence) => {
    expect(await preflightIn(zone, own)(question)).toEqual({ refusals: [], doubts: [sentence] });
  });

  it('is a refusal where the nearest CAA records forbid it', async () => {
    const zone = { ...here, 'CAA example.org': caa('other.example'), 'CAA org': caa('ca.example.net') };
    const { refusals } = await preflightIn(zone)(question);
    expect(refusals).toEqual([
      'the CAA record at example.org does not allow a certificate for nas.example.org: it allows other.example, not ca.example.net',
    ]);
    const nearer = { ...zone, 'CAA nas.example.org': caa('ca.example.net') };
    expect((await preflightIn(nearer)(question)).refusals).toEqual([]);
  });

  it('is a doubt where a name has no address, but another configured way may prove it', async () => {
    const findings = await preflightIn({})({ ...question, challengeTypes: ['tls-alpn-01', 'dns-01'] });
    expect(findings).toEqual({
      refusals: [],
      doubts: [
        'nas.example.org does not exist in the DNS; let it point to the public address of this machine',
      ],
    });
  });

  it('is nothing for a wildcard, which has no address and is proved by the DNS alone', async () => {
    const names = ['nas.example.org', '*.nas.example.org'];
    const findings = await preflightIn(here)({
      ...question,
      names,
      challengeTypes: ['tls-alpn-01', 'dns-01'],
    });
    expect(findings).toEqual({ refusals: [], doubts: [] });
  });

  it('does not ask where a name leads that is proved by DNS', async () => {
    const findings = await preflightIn({})({ ...question, challengeTypes: ['dns-01'] });
    expect(findings).toEqual({ refusals: [], doubts: [] });
  });
});
