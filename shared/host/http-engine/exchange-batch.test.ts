import { describe, expect, it } from 'vitest';
import { ExchangeWriter, readExchanges, type Finished } from './exchange-batch.ts';

const finished: Finished = {
  protocol: 'http',
  request: { method: 'GET', target: `/${'x'.repeat(300)}`, fields: { host: 'a', 'user-agent': 'curl' } },
  response: { status: 200, fields: [], body: [], site: 2 },
  startMs: 990,
  sentBytes: 7,
  client: '192.0.2.1',
};

const common = { durationMs: 10, endMs: 5_000, client: '192.0.2.1' };
const first = {
  ...common,
  protocol: 'http',
  site: 2,
  method: 'GET',
  target: `/${'x'.repeat(255)}`,
  status: 200,
  sentBytes: 7,
};

describe('records on their way to another thread', () => {
  it('come as they were made, and each once', () => {
    const writer = new ExchangeWriter(10);
    const other: Finished = {
      ...finished,
      protocol: 'h2',
      request: { method: 'HEAD', target: '/', fields: { referer: 'https://b/' } },
      response: { status: 404, fields: [], body: [] },
    };
    for (const each of [finished, finished, other]) writer.add(each, 1_000, 5_000);
    const second = {
      ...common,
      protocol: 'h2',
      site: -1,
      method: 'HEAD',
      target: '/',
      status: 404,
      sentBytes: 7,
    };
    expect(readExchanges(structuredClone(writer.take()))).toEqual([
      { ...first, agent: 'curl' },
      { ...first, agent: 'curl' },
      { ...second, referrer: 'https://b/' },
    ]);
    expect(writer.count).toBe(0);
    writer.add(finished, 1_000, 5_000);
    expect(readExchanges(writer.take())).toEqual([{ ...first, agent: 'curl' }]);
  });
});
