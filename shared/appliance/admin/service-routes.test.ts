import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { OperationalError } from '../../base/operational-error.ts';
import { err, ok } from '../../base/result.ts';
import type { Log } from '../../devices/log.ts';
import type { Administration } from '../administration.ts';
import type { Visitor } from './access.ts';
import { html } from './html.ts';
import { addServiceRoutes } from './service-routes.ts';

const administration: Administration = {
  actions: {
    echo: async (input, operatorName) => ok({ input, operatorName }),
    refuse: async () => err('a value is missing; right is: A 192.0.2.1'),
    fail: async () => {
      throw new OperationalError('the volume is full');
    },
    break: async () => {
      throw new TypeError('secret detail');
    },
  },
  pages: {
    records: ({ zone }) =>
      zone === undefined ? undefined : { title: 'Records', body: html`<p id="content">${zone}</p>` },
  },
};

function setUp(
  visitor: Visitor = { operatorName: 'anna', by: 'certificate' },
  offer: () => Administration | undefined = () => administration,
) {
  const app = fastify();
  const logged: unknown[] = [];
  const note = (fields: unknown): void => void logged.push(fields);
  addServiceRoutes(app, {
    administration: offer,
    operatorsOnly: handler => (request: FastifyRequest, reply: FastifyReply) =>
      handler(request, reply, visitor),
    page: (reply, content) => reply.type('text/html').send(content.body.html),
    log: { error: note } as unknown as Log,
  });
  const post = (name: string, payload: object = {}, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: `/service/${name}`, payload, headers });
  return { app, post, logged };
}

describe('the routes of a service', () => {
  it('hand an action what was sent, and by whom', async () => {
    const answer = await setUp().post('echo', { zone: 'example.org' });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { input: { zone: 'example.org' }, operatorName: 'anna' },
    ]);
  });

  it('answer what is not to be done by its sentence', async () => {
    const answer = await setUp().post('refuse');
    expect([answer.statusCode, answer.json()]).toEqual([
      422,
      { error: 'a value is missing; right is: A 192.0.2.1' },
    ]);
  });

  it('tell operators what is wrong outside the program, and nobody what is wrong inside', async () => {
    const { post, logged } = setUp();
    const [full, bug] = [await post('fail'), await post('break')];
    expect([full.statusCode, full.json()]).toEqual([500, { error: 'the volume is full' }]);
    expect([bug.statusCode, bug.json()]).toEqual([
      500,
      { error: 'that could not be done; the log tells why' },
    ]);
    expect(logged).toMatchObject([{ error: 'the volume is full' }, { error: { message: 'secret detail' } }]);
  });

  it('know no action and no page that is not offered, and none while the service does not run', async () => {
    const { post, app } = setUp();
    const codes = ['other', 'constructor', 'toString'].map(async name => (await post(name)).statusCode);
    expect(await Promise.all(codes)).toEqual([404, 404, 404]);
    for (const url of ['/service/other', '/service/records', '/service/constructor'])
      expect((await app.inject({ url })).statusCode).toBe(404);
    const stopped = setUp({ operatorName: 'anna', by: 'certificate' }, () => undefined);
    expect((await stopped.post('echo')).statusCode).toBe(404);
  });

  it('show a page for its query, with what it is told escaped', async () => {
    const answer = await setUp().app.inject({ url: '/service/records?zone=%3Cb%3E' });
    expect([answer.statusCode, answer.body]).toEqual([200, '<p id="content">&lt;b&gt;</p>']);
  });

  it('take what is to be done from a browser only where a page of ours asks, and not without end', async () => {
    const { post } = setUp({ operatorName: 'anna', by: 'session' });
    const from = async (site?: string): Promise<number> =>
      (await post('echo', {}, site === undefined ? {} : { 'sec-fetch-site': site })).statusCode;
    expect([await from('same-origin'), await from('same-site'), await from('none'), await from()]).toEqual([
      200, 403, 403, 403,
    ]);
    expect((await setUp().post('echo', { text: 'x'.repeat(70_000) })).statusCode).toBe(413);
  });
});
