import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../devices/clock.ts';
import type { Log } from '../../devices/log.ts';
import { networkOf } from '../../protocols/ip/network-of.ts';
import { sessionCookie, visitorOf, type Access } from './access.ts';
import { preferredType } from './accepts.ts';
import { renderPage, type Page } from './frame.ts';
import type { Guard } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { LOG_STREAMS_MAX, type LogStreams } from './log-stream.ts';
import { REFUSAL_TEXTS, type LogIn } from './login.ts';
import { logsPage, strangerPage, welcomePage } from './other-pages.ts';
import { createRateLimit } from './rate-limit.ts';
import { addReleaseRoutes } from './release-routes.ts';
import { addServiceRoutes } from './service-routes.ts';
import { statusPage } from './status-page.ts';
import type { AdminSources } from './admin.ts';

/** Strangers: a monitor that asks for /health every second, and a person who reloads. */
const STRANGER_LIMIT = { burst: 60, perMinute: 120 };
/** A person clicks a link now and then; a verification costs a signature check per operator. */
const LOGIN_LIMIT = { burst: 10, perMinute: 10 };
/** Records on the log page before it goes on live. */
const TAIL_RECORDS = 500;

export interface RouteParts {
  readonly sources: AdminSources;
  readonly access: Access;
  readonly logIn: LogIn;
  readonly streams: LogStreams;
  readonly nonce: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** The flow of this request belongs to an operator. */
  readonly keepFlow: (request: FastifyRequest) => void;
}

export function addRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { sources, access, logIn } = parts;
  const strangers = createRateLimit(STRANGER_LIMIT);
  const logins = createRateLimit(LOGIN_LIMIT);

  const page = (reply: FastifyReply, content: Page, status = 200): FastifyReply => {
    const nonce = parts.nonce();
    return reply
      .code(status)
      .headers(securityHeaders(nonce))
      .type('text/html; charset=utf-8')
      .send(renderPage(content, nonce));
  };
  const turnAway = (request: FastifyRequest, reply: FastifyReply, hint?: string): FastifyReply => {
    if (preferredType(request.headers.accept, ['text/html', 'application/json']) === 'application/json')
      return reply.code(403).send({ error: hint ?? 'operators only' });
    const options = { hasOperators: access.operators.length > 0, ...(hint === undefined ? {} : { hint }) };
    return page(reply, strangerPage(shownHost(request), options), 403);
  };
  const operatorsOnly: Guard = handler => (request, reply) => {
    const visitor = visitorOf(request.raw, access);
    if (visitor === undefined) return turnAway(request, reply);
    parts.keepFlow(request);
    return handler(request, reply, visitor);
  };

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders(parts.nonce()));
    if (visitorOf(request.raw, access) !== undefined) return;
    if (!strangers.take(networkOf(request.raw.socket.remoteAddress), parts.clock.monotonic()))
      return reply.code(429).header('retry-after', '30').send({ error: 'too many requests' });
    // Nothing that a stranger may ask has content; who sends some would hold a place with it.
    if (hasContent(request)) return turnAway(request, reply.header('connection', 'close'));
    return undefined;
  });
  app.get('/', (_, reply) => reply.redirect('/status', 303));
  app.get('/health', async (_, reply) => {
    // 200 while the service answers: a trouble beside it (a full disk, no time server) is no reason to send visitors elsewhere.
    const { state, isServing } = sources.health();
    return reply.code(isServing ? 200 : 503).send({ state });
  });
  app.get('/login', { exposeHeadRoute: false }, (request, reply) => {
    const client = request.raw.socket.remoteAddress ?? 'unknown';
    if (!logins.take(networkOf(client), parts.clock.monotonic()))
      return turnAway(request, reply, REFUSAL_TEXTS.busy);
    const entered = logIn(tokenOf(request.query), client);
    if (!entered.ok) return turnAway(request, reply, REFUSAL_TEXTS[entered.error]);
    reply.header('set-cookie', sessionCookie(entered.value.secret));
    return page(reply, welcomePage(entered.value.operatorName));
  });
  addReportRoutes(app, sources, { page, operatorsOnly });
  addLogRoutes(app, parts, { page, operatorsOnly });
  addReleaseRoutes(app, sources.releases, operatorsOnly, parts.clock);
  addServiceRoutes(app, { administration: sources.administration, operatorsOnly, page, log: parts.log });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `there is no ${request.method} here` }),
  );
}

interface Answering {
  readonly page: (reply: FastifyReply, content: Page) => FastifyReply;
  readonly operatorsOnly: Guard;
}

function addReportRoutes(
  app: FastifyInstance,
  sources: Pick<AdminSources, 'report' | 'metrics'>,
  { page, operatorsOnly }: Answering,
): void {
  app.get(
    '/status',
    operatorsOnly(async (request, reply) => {
      const report = await sources.report();
      reply.header('vary', 'accept');
      if (preferredType(request.headers.accept, ['text/html', 'application/json']) === 'application/json')
        return reply.send(report);
      return page(reply, statusPage(report));
    }),
  );
  app.get(
    '/metrics',
    operatorsOnly(async (_, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await sources.metrics()),
    ),
  );
}

function addLogRoutes(app: FastifyInstance, { sources, streams }: RouteParts, answer: Answering): void {
  app.get(
    '/logs',
    { exposeHeadRoute: false },
    answer.operatorsOnly((request, reply) => {
      const wanted = preferredType(request.headers.accept, ['text/html', 'text/event-stream']);
      if (wanted !== 'text/event-stream')
        return answer.page(reply, logsPage(sources.serviceName, sources.ring.tail(TAIL_RECORDS)));
      const tail = Number((request.query as { tail?: string }).tail ?? 0);
      reply.raw.writeHead(200, { ...reply.getHeaders(), 'content-type': 'text/event-stream' } as Record<
        string,
        string
      >);
      reply.hijack();
      if (!streams.begin(reply.raw, Number.isInteger(tail) && tail > 0 ? Math.min(tail, 5_000) : 0))
        reply.raw.end(`event: refused\ndata: ${LOG_STREAMS_MAX} readers are connected already\n\n`);
      return reply;
    }),
  );
  app.get(
    '/logs/kept',
    { exposeHeadRoute: false },
    answer.operatorsOnly((_, reply) =>
      reply.type('application/x-ndjson').send(Readable.from(sources.keptLog())),
    ),
  );
}

/** The host as the visitor called it, for the command on the page; only what a host can be. */
function shownHost(request: FastifyRequest): string {
  const host = request.headers.host ?? '';
  return /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? host : '<this host>';
}

function hasContent({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function tokenOf(query: unknown): string {
  const { token } = query as { token?: unknown };
  return typeof token === 'string' ? token : '';
}
