import { describe, expect, it } from 'vitest';
import { createDnsPlane } from '../answer/plane.ts';
import { createStreamResponder } from '../answer/stream-responder.ts';
import { encodeAsked, name, send, SOURCE } from '../answer/testing/ask.ts';
import { compileExample } from '../answer/testing/example-zone.ts';
import { TYPE } from '../message.ts';
import { compileDirectory } from './compile-directory.ts';
import { createQueryCounts, QueryCounts, QueryTotals, TRANSPORT } from './query-counts.ts';

const UNKNOWN_TYPE = 65_280;

function setUp(rateLimit?: { responsesPerSecond: number; slip: number }) {
  const counts = createQueryCounts();
  const [, , ...zones] = compileExample();
  const shared = compileDirectory(zones, { counts, ...(rateLimit !== undefined && { rateLimit }) });
  const totals = new QueryTotals(counts);
  const take = (): string[] =>
    totals.take().map(({ transport, what, name, count }) => `${transport} ${what} ${name} ${count}`);
  return { shared, take, counts };
}

describe('queries', () => {
  it('are counted by type and rcode', () => {
    const { shared, take } = setUp();
    const plane = createDnsPlane();
    for (const owner of ['www.example', 'nothing.example', 'www.example'])
      send(shared, encodeAsked({ name: name(owner), type: TYPE.A }), { plane });
    send(shared, encodeAsked({ name: name('www.example'), type: UNKNOWN_TYPE }), { plane });
    expect(take()).toEqual([
      'udp type A 3',
      'udp type other 1',
      'udp rcode NOERROR 3',
      'udp rcode NXDOMAIN 1',
    ]);
    expect(take()).toEqual([]);
  });

  it('are counted by how they came, also where others answer', () => {
    const { shared, take } = setUp();
    const respond = createStreamResponder();
    const ask = (type: number, transport: 'tcp' | 'https'): void => {
      const message = encodeAsked({ name: name('www.example'), type });
      respond(shared, { message, source: SOURCE, transport }, 0);
    };
    ask(TYPE.AAAA, 'tcp');
    ask(TYPE.AXFR, 'tcp');
    ask(TYPE.AAAA, 'https');
    expect(take()).toEqual([
      'tcp type AAAA 1',
      'tcp type AXFR 1',
      'tcp rcode NOERROR 1',
      'https type AAAA 1',
      'https rcode NOERROR 1',
    ]);
  });

  it('are counted where they are held back, and where they are malformed', () => {
    const { shared, take } = setUp({ responsesPerSecond: 1, slip: 0 });
    const plane = createDnsPlane();
    const query = encodeAsked({ name: name('www.example'), type: TYPE.A });
    send(shared, query, { plane });
    send(shared, query, { plane });
    send(shared, query.subarray(0, 14), { plane });
    expect(take()).toEqual([
      'udp type A 2',
      'udp rcode NOERROR 1',
      'udp rcode FORMERR 1',
      'udp rcode limited 1',
    ]);
  });

  it('are counted on when the numbers begin again', () => {
    const { counts, take } = setUp();
    new Uint32Array(counts)[TYPE.A] = 0xffff_ffff;
    take();
    new QueryCounts(counts).countType(TRANSPORT.udp, TYPE.A);
    expect(take()).toEqual(['udp type A 1']);
  });
});
