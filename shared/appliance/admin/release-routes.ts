import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Result } from '../../base/result.ts';
import { readArchive } from '../../components/releases/archive/archive.ts';
import type { Refusal, RefusalKind } from '../../components/releases/release.ts';
import type { Releases } from '../../components/releases/releases.ts';
import type { Clock, Timer } from '../../devices/clock.ts';
import { isMeant, type Visitor } from './access.ts';
import type { Guard } from './guard.ts';

/**
 * Content releases for operators: `GET /releases`, `PUT /releases/NAME` with an archive as its content, and
 * `POST /releases/NAME/rollback` or `/activate/ID`. Answers are JSON; a refusal tells every fault that was found.
 */
export function addReleaseRoutes(
  app: FastifyInstance,
  releases: () => readonly Releases[],
  operatorsOnly: Guard,
  clock: Clock,
): void {
  const change = (
    run: (found: Releases, request: FastifyRequest, visitor: Visitor) => Promise<Result<unknown, Refusal>>,
  ): ReturnType<Guard> =>
    operatorsOnly(async (request, reply, visitor) => {
      if (!isMeant(request.raw, visitor)) return reply.code(403).send({ error: 'not from one of our pages' });
      const { name } = request.params as { name: string };
      const found = releases().find(each => each.name === name);
      const outcome =
        found === undefined ? unknownName(name, releases()) : await run(found, request, visitor);
      // The rest of an archive that was refused is read and thrown away: cut off, the sender might not read why.
      request.raw.resume();
      return outcome.ok
        ? reply.send(outcome.value)
        : reply.code(STATUS[outcome.error.kind]).send({ faults: outcome.error.faults });
    });
  void app.register(async scope => {
    // Archives are known by their first bytes, whatever they are called, and are taken in as they come.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_, payload, done) => done(null, payload));
    scope.get(
      '/releases',
      operatorsOnly((_, reply) => reply.send({ sites: releases().map(describe) })),
    );
    scope.put(
      '/releases/:name',
      change((found, { raw }, { operatorName }) =>
        found.put(readArchive(contentOf(raw, clock), found.sizeMaxBytes), `pushed by ${operatorName}`),
      ),
    );
    scope.post(
      '/releases/:name/rollback',
      change(found => found.rollback()),
    );
    scope.post(
      '/releases/:name/activate/:id',
      change((found, { params }) => found.activate(Number((params as { id: string }).id))),
    );
  });
}

function describe(releases: Releases): object {
  return { name: releases.name, current: releases.current(), releases: releases.list() };
}

/** An upload that moves no byte for so long is over: the next one must not wait for it. */
const STALL_MAX_MS = 30_000;

/** The request stays open when nobody wants the rest of its content: the answer goes over the same connection. */
async function* contentOf(request: IncomingMessage, clock: Clock): AsyncGenerator<Uint8Array> {
  const wait = (): Timer => clock.timer(STALL_MAX_MS, () => request.destroy(new Error('the upload stalled')));
  let waiting = wait();
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      waiting.cancel();
      yield chunk as Uint8Array;
      waiting = wait();
    }
  } finally {
    waiting.cancel();
  }
}

function unknownName(name: string, known: readonly Releases[]): Result<never, Refusal> {
  const names = known.map(each => each.name).join(', ') || 'none';
  const reason = `nothing here is called ${JSON.stringify(name)}; what takes releases: ${names}`;
  return { ok: false, error: { kind: 'not-found', faults: [{ reason }] } };
}

/** RFC 9110 §15.5 and RFC 4918 §11.5 (507). */
const STATUS: Readonly<Record<RefusalKind, number>> = {
  faulty: 422,
  'too-large': 413,
  'no-space': 507,
  busy: 409,
  'not-found': 404,
  damaged: 500,
};
