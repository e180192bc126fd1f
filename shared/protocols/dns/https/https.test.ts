import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Request } from '../../../devices/http-exchange.ts';
import { compileExample } from '../answer/testing/example-zone.ts';
import { encodeAsked, name, SOURCE } from '../answer/testing/ask.ts';
import { createStreamResponder } from '../answer/stream-responder.ts';
import { TYPE } from '../message.ts';
import { refusalOf, responseOf } from './make-response.ts';
import { judgeRequest, messageInTarget } from './read-request.ts';

function request(method: string, target: string, contentType?: string): Request {
  return { method, target, fields: contentType === undefined ? {} : { 'content-type': contentType } };
}

describe('a request', () => {
  it.each([
    [request('GET', '/dns-query?dns=AAAB'), 'in-target'],
    [request('HEAD', '/dns-query?dns=AAAB'), 'in-target'],
    [request('GET', 'https://ns.example/dns-query?dns=AAAB'), 'in-target'],
    [request('POST', '/dns-query', 'application/dns-message'), 'in-content'],
    [request('POST', '/dns-query?ct', 'Application/DNS-message; x=y'), 'in-content'],
    [request('POST', '/dns-query', 'application/dns-json'), 415],
    [request('POST', '/dns-query'), 415],
    [request('PUT', '/dns-query', 'application/dns-message'), 405],
    [request('GET', '/'), 404],
    [request('GET', '/dns-queryy?dns=AAAB'), 404],
    [request('OPTIONS', '*'), 404],
  ] as const)('%j is taken, or refused by its fields', (asked, expected) => {
    const judged = judgeRequest(asked);
    expect(judged.ok ? judged.value : judged.error).toBe(expected);
  });

  it.each([
    // RFC 8484 §4.1.1: the example.
    [
      '/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB',
      '00000100000100000000000003777777076578616d706c6503636f6d0000010001',
    ],
    ['/dns-query?ct&dns=AAE', '0001'],
    ['/dns-query?dns=AAE=', 400],
    ['/dns-query?dns=A', 400],
    ['/dns-query?dns=AA+E', 400],
    ['/dns-query?dns=', 400],
    ['/dns-query?xdns=AAE', 400],
    ['/dns-query', 400],
    [`/dns-query?dns=${'A'.repeat(87_384)}`, 413],
  ])('%s has its message in the target', (target, expected) => {
    const read = messageInTarget(target);
    expect(read.ok ? read.value.toHex() : read.error).toBe(expected);
  });

  it('has any message in its target', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), bytes => {
        const text = bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
        expect(messageInTarget(`/dns-query?dns=${text}`)).toEqual({ ok: true, value: bytes });
      }),
    );
  });
});

describe('an answer', () => {
  const respond = createStreamResponder();
  const shared = compileExample();
  const reply = (asked: string, type: number): Uint8Array => {
    const message = encodeAsked({ name: name(asked), type });
    const answered = respond(shared, { message, source: SOURCE, transport: 'https' }, 0);
    if (!(answered instanceof Uint8Array)) throw new Error('there is an answer');
    return answered;
  };

  it.each([
    ['www.example', TYPE.A, 60],
    // The SOA of the example has a MINIMUM of 0.
    ['nothing.example', TYPE.A, 0],
    ['x.sub.example', TYPE.A, 60],
    ['other.test', TYPE.A, 0],
  ])('about %s is fresh as long as its records are', (asked, type, seconds) => {
    const message = reply(asked, type);
    const { status, fields, body } = responseOf(message);
    expect([status, body]).toEqual([200, [message]]);
    expect(fields).toEqual([
      ...['content-type', 'application/dns-message', 'content-length', String(message.length)],
      ...['cache-control', `max-age=${seconds}`],
    ]);
  });

  it('says what would have been right', () => {
    expect(refusalOf(405).fields).toContain('GET, HEAD, POST');
  });
});
