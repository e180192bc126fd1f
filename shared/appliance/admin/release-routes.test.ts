import { PassThrough } from 'node:stream';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { err, ok } from '../../base/result.ts';
import type { RefusalKind, Release } from '../../components/releases/release.ts';
import type { Releases } from '../../components/releases/releases.ts';
import { tarOf } from '../../components/releases/testing/archives.ts';
import { createFakeClock, settle } from '../testing/fakes.ts';
import type { Visitor } from './access.ts';
import { addReleaseRoutes } from './release-routes.ts';

const release: Release = { id: 7, source: 'pushed by anna', timeMs: 0, files: 1, sizeBytes: 1 };

/** Takes everything in, or refuses everything. */
function fakeReleases(refusal?: RefusalKind): Releases & { readonly took: string[] } {
  const took: string[] = [];
  const outcome =
    refusal === undefined ? ok(release) : err({ kind: refusal, faults: [{ reason: 'because' }] });
  return {
    took,
    name: 'example.org',
    sizeMaxBytes: 1_000_000,
    current: () => release,
    list: () => [release],
    async put(incoming, source) {
      if (refusal === undefined) for await (const { path } of incoming) took.push(`${path} ${source}`);
      return refusal === undefined
        ? ok({ release, changes: { added: 0, changed: 1, removed: 0, names: ['~ index.html'] } })
        : err({ kind: refusal, faults: [{ file: 'a.html', line: 3, reason: 'because' }] });
    },
    activate: async id => (id === release.id ? outcome : err({ kind: 'not-found', faults: [] })),
    rollback: async () => outcome,
  };
}

const clock = createFakeClock(0);

function appWith(releases: Releases, visitor: Visitor = { operatorName: 'anna', by: 'certificate' }) {
  const app = fastify();
  addReleaseRoutes(
    app,
    () => [releases],
    handler => (request: FastifyRequest, reply: FastifyReply) => handler(request, reply, visitor),
    clock,
  );
  return app;
}

describe('the routes of releases', () => {
  it('list sites with their releases', async () => {
    const answer = await appWith(fakeReleases()).inject({ method: 'GET', url: '/releases' });
    expect(answer.json()).toEqual({
      sites: [{ name: 'example.org', current: release, releases: [release] }],
    });
  });

  it('take an archive under whatever content type, and say who sent it', async () => {
    for (const type of ['application/zip', 'application/json', undefined]) {
      const releases = fakeReleases();
      const answer = await appWith(releases).inject({
        method: 'PUT',
        url: '/releases/example.org',
        payload: await tarOf({ 'index.html': 'x' }),
        headers: type === undefined ? {} : { 'content-type': type },
      });
      expect(answer.json()).toMatchObject({ release: { id: 7 }, changes: { changed: 1 } });
      expect(releases.took).toEqual(['index.html pushed by anna']);
    }
  });

  it.each([
    ['faulty', 422],
    ['too-large', 413],
    ['no-space', 507],
    ['busy', 409],
    ['not-found', 404],
    ['damaged', 500],
  ] as const)('answer %s by %i, with every fault', async (kind, status) => {
    const answer = await appWith(fakeReleases(kind)).inject({
      method: 'PUT',
      url: '/releases/example.org',
      payload: 'x'.repeat(100_000),
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      status,
      { faults: [{ file: 'a.html', line: 3, reason: 'because' }] },
    ]);
  });

  it('give up an upload that stalls, so that the next one is taken', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const releases: Releases = {
      ...fakeReleases(),
      async put(incoming) {
        await Array.fromAsync(incoming).catch(resolve);
        return err({ kind: 'faulty', faults: [] });
      },
    };
    const payload = new PassThrough();
    payload.write((await tarOf({ 'index.html': 'x' })).subarray(0, 700));
    appWith(releases)
      .inject({ method: 'PUT', url: '/releases/example.org', payload })
      .catch(() => undefined);
    await settle();
    await clock.advance(31_000);
    expect(await promise).toMatchObject({ message: 'the upload stalled' });
  });

  it('go back, and to a release by its number', async () => {
    const app = appWith(fakeReleases());
    const post = async (url: string): Promise<number> =>
      (await app.inject({ method: 'POST', url })).statusCode;
    expect(await post('/releases/example.org/rollback')).toBe(200);
    expect(await post('/releases/example.org/activate/7')).toBe(200);
    for (const id of ['8', '-1', 'x', '1e9', ''])
      expect(await post(`/releases/example.org/activate/${id}`), id).toBe(404);
    expect(await post('/releases/other.example/rollback')).toBe(404);
  });

  it('take changes from a browser only where a page of ours asks', async () => {
    const app = appWith(fakeReleases(), { operatorName: 'anna', by: 'session' });
    const post = async (site?: string): Promise<number> => {
      const headers = site === undefined ? {} : { 'sec-fetch-site': site };
      return (await app.inject({ method: 'POST', url: '/releases/example.org/rollback', headers }))
        .statusCode;
    };
    expect([await post('same-origin'), await post('same-site'), await post('none'), await post()]).toEqual([
      200, 403, 403, 403,
    ]);
  });
});
