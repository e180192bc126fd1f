import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OperationalError } from '../../base/operational-error.ts';
import type { Log } from '../../devices/log.ts';
import type { Administration } from '../administration.ts';
import { isMeant } from './access.ts';
import type { Page } from './frame.ts';
import type { Guard } from './guard.ts';
import { servicePage } from './service-page.ts';

/** A hundred records of some hundred bytes; more is no form that a person has filled in. */
const INPUT_MAX_BYTES = 65_536;

export interface ServiceRouteParts {
  readonly administration: () => Administration | undefined;
  readonly operatorsOnly: Guard;
  readonly page: (reply: FastifyReply, content: Page) => FastifyReply;
  readonly log: Log;
}

/** What the service itself offers to operators: `GET /service/PAGE`, and `POST /service/ACTION` with JSON, answered by JSON. */
export function addServiceRoutes(app: FastifyInstance, parts: ServiceRouteParts): void {
  app.get(
    '/service/:name',
    parts.operatorsOnly((request, reply) => {
      const shown = named(parts.administration()?.pages, request)?.(request.query as Record<string, string>);
      return shown === undefined
        ? reply.code(404).send({ error: 'there is no such page' })
        : parts.page(reply, servicePage(shown));
    }),
  );
  app.post(
    '/service/:name',
    { bodyLimit: INPUT_MAX_BYTES },
    parts.operatorsOnly(async (request, reply, visitor) => {
      if (!isMeant(request.raw, visitor)) return reply.code(403).send({ error: 'not from one of our pages' });
      const action = named(parts.administration()?.actions, request);
      if (action === undefined) return reply.code(404).send({ error: 'this service has no such action' });
      try {
        const outcome = await action(request.body, visitor.operatorName);
        // RFC 9110 §15.5.21: understood, but not to be done.
        return outcome.ok ? reply.send(outcome.value) : reply.code(422).send({ error: outcome.error });
      } catch (error) {
        const operator = visitor.operatorName;
        // What is wrong outside the program has its sentence; a bug's is for the log alone.
        const sentence = error instanceof OperationalError ? error.message : undefined;
        parts.log.error({ error: sentence ?? error, operator }, 'what an operator wished was not done');
        return reply.code(500).send({ error: sentence ?? 'that could not be done; the log tells why' });
      }
    }),
  );
}

function named<T>(
  offered: Readonly<Record<string, T>> | undefined,
  { params }: FastifyRequest,
): T | undefined {
  const { name } = params as { name: string };
  return offered !== undefined && Object.hasOwn(offered, name) ? offered[name] : undefined;
}
