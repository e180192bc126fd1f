import { describe, expect, it } from 'vitest';
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
