import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Visitor } from './access.ts';

/** Answers a request of an operator. */
export type Handler = (request: FastifyRequest, reply: FastifyReply, visitor: Visitor) => unknown;

/** Lets operators alone through to a handler. */
export type Guard = (handler: Handler) => (request: FastifyRequest, reply: FastifyReply) => unknown;
