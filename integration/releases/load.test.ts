import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tarOf } from '../../shared/components/releases/testing/archives.ts';
import { startSiteAppliance, type SiteAppliance } from './site-appliance.ts';
import { http1Visitor, http2Visitor, releaseOf, visit, type Seen } from './visitors.ts';

const RELEASES = 100;
const ROLLBACKS = 5;

let appliance: SiteAppliance;

beforeAll(async () => {
  appliance = await startSiteAppliance();
  await put(1);
});
afterAll(() => appliance[Symbol.asyncDispose]());

async function put(number: number): Promise<void> {
  const answer = await appliance.admin('PUT', '/releases/site', { content: await tarOf(releaseOf(number)) });
  expect([number, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([number, 200, '']);
}

/** Runs `work` while eight visitors read, two of them slowly. */
async function underLoad(work: () => Promise<void>): Promise<Seen> {
  const seen: Seen = { answers: 0, failed: [], mixed: [], numbers: new Set() };
  const ended = new AbortController();
  const port = appliance.sitePort;
  const visitors = [
    ...[0, 0, 0, 5, 5].map(pauseMs => http1Visitor(port, pauseMs)),
    ...[1, 2, 3].map(() => http2Visitor(port)),
  ];
  const visits = visitors.map(visitor => visit(visitor, seen, ended.signal));
  await work();
  ended.abort();
  await Promise.all(visits);
  for (const visitor of visitors) visitor.close();
  return seen;
}

describe('100 releases under load', () => {
  it('fail no request and mix no two releases', async () => {
    const seen = await underLoad(async () => {
      for (let number = 2; number <= RELEASES; number++) await put(number);
    });
    expect({ failed: seen.failed.slice(0, 5), mixed: seen.mixed.slice(0, 5) }).toEqual({
      failed: [],
      mixed: [],
    });
    expect(seen.answers).toBeGreaterThan(1_000);
    expect(seen.numbers.size).toBeGreaterThan(RELEASES / 2);
  });

  it('and can be gone back from under load', async () => {
    const seen = await underLoad(async () => {
      for (let step = 1; step <= ROLLBACKS; step++) {
        expect((await appliance.admin('POST', '/releases/site/rollback')).status).toBe(200);
        const page = await appliance.page('/');
        expect(page.text).toBe(releaseOf(RELEASES - step)['index.html']);
      }
    });
    // Older ones follow newer ones here, on purpose; each answer is whole all the same.
    const mixed = seen.mixed.filter(each => !each.includes(' after something of '));
    expect({ failed: seen.failed.slice(0, 5), mixed: mixed.slice(0, 5) }).toEqual({ failed: [], mixed: [] });
    expect((await appliance.admin('GET', '/releases')).text).toContain(
      `"current":{"id":${RELEASES - ROLLBACKS},`,
    );
  });
});
