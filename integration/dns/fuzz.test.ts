import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hostileRequests } from '../../shared/protocols/dns/answer/testing/hostile-requests.ts';
import { besiege } from './besiege.ts';

const REQUESTS = 1_000;

it('the whole service takes hostile requests by UDP and TCP, and answers afterwards', async () => {
  const requests = fc.sample(hostileRequests, { seed: 1, numRuns: REQUESTS });
  // Most are answered, by both.
  expect(await besiege('hostile 1', requests)).toBeGreaterThan(REQUESTS);
}, 60_000);
