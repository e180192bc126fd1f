import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { createHousehold, type Household } from './harness.ts';

let household: Household;
let server: Server;
const posts: Record<string, unknown>[] = [];
/** The hook is out of order this many times. */
let refusals = 1;

beforeAll(async () => {
  household = createHousehold();
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.once('end', () => {
      if (refusals-- > 0) return void response.writeHead(503).end();
      posts.push({
        ...(JSON.parse(text) as object),
        path: request.url,
        type: request.headers['content-type'],
      });
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => void server.once('listening', resolve));
});
afterAll(async () => {
  server.close();
  await household[Symbol.asyncDispose]();
});

describe('alerts', () => {
  it('reach a web hook that fails at first, once the trouble has lasted', async () => {
    const { port } = server.address() as AddressInfo;
    const started = await household.start(
      `[appliance]\nhostname = "hearth"\n[admin]\nport = 0\n[demo-service]\ndegraded-because = "The well is dry"
[[alerts]]\nurl = "http://127.0.0.1:${port}/hook?token=hunter2"\n`,
    );
    await eventually('a post', () => posts[0]);
    expect(posts).toEqual([
      {
        text: 'hearth (demo-service) needs you: The well is dry',
        appliance: 'hearth',
        service: 'demo-service',
        event: 'degraded',
        condition: 'demo',
        reason: 'The well is dry',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        path: '/hook?token=hunter2',
        type: 'application/json',
      },
    ]);
    expect(started.output()).toContain('alert refused by web hook');
    expect(started.output()).not.toContain('hunter2');
  });
});
