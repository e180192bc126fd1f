import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFields, listOf, requestFields, valueOf } from './fields.ts';

describe('the fields of a request', () => {
  it('lose what is about the connection, what it names, and what only we may say', () => {
    const fields = [
      ...[
        ':method',
        'GET',
        'Host',
        'a',
        'Connection',
        'keep-alive, X-Hop',
        'X-Hop',
        '1',
        'Keep-Alive',
        'timeout=5',
      ],
      ...['TE', 'trailers', 'Transfer-Encoding', 'chunked', 'Content-Length', '5', 'Upgrade', 'h2c'],
      ...[
        'X-Forwarded-For',
        '6.6.6.6',
        'X_FORWARDED_PROTO',
        'https',
        'X-Forwarded-Anything',
        'x',
        'Proxy',
        'x',
      ],
      ...['Accept', '*/*', 'X-Custom_Field', 'kept'],
    ];
    expect(requestFields(fields)).toEqual(['accept', '*/*', 'x-custom_field', 'kept']);
  });

  it('have one cookie, though HTTP/2 splits it', () => {
    expect(requestFields(['cookie', 'a=1', 'accept', 'x', 'cookie', 'b=2'])).toEqual([
      ...['accept', 'x', 'cookie', 'a=1; b=2'],
    ]);
  });
});

describe('fields of any kind', () => {
  const name = fc.constantFrom(
    ...['connection', 'Connection', 'CONNECTION', 'x-a', 'X-B', 'te', 'Transfer-Encoding', 'Content-Length'],
    ...[
      'forwarded',
      'x-forwarded-for',
      'X_Forwarded_For',
      'set-cookie',
      'cookie',
      'upgrade',
      ':path',
      'Host',
    ],
  );
  const fields = fc
    .array(fc.tuple(name, fc.constantFrom('x-a', 'close, X-b', ',', '', 'v', 'te,te')), { maxLength: 12 })
    .map(pairs => pairs.flat());

  it('never bring a framing, a hop or a claim to the backend', () => {
    fc.assert(
      fc.property(fields, list => {
        const kept = requestFields(list);
        const names = kept.filter((_, index) => index % 2 === 0);
        const options = listOf(list, 'connection').map(option => option.toLowerCase());
        for (const each of names) {
          expect(each).not.toMatch(
            /^(?::|connection$|te$|transfer-encoding$|content-length$|upgrade$|host$|x.forwarded|forwarded)/,
          );
          if (each !== 'cookie') expect(options).not.toContain(each);
        }
      }),
    );
  });

  it('keep their order and their number on the way back', () => {
    fc.assert(
      fc.property(fields, list => {
        const kept = answerFields(list);
        expect(kept.length % 2).toBe(0);
        const options = listOf(list, 'connection').map(option => option.toLowerCase());
        const expected = list.filter(
          (each, index) =>
            index % 2 === 1 && list[index - 1]?.toLowerCase() === 'set-cookie' && each !== undefined,
        );
        if (!options.includes('set-cookie'))
          expect(kept.filter((_, index) => index % 2 === 1 && kept[index - 1] === 'set-cookie')).toEqual(
            expected,
          );
      }),
    );
  });
});

describe('looking for a field', () => {
  it('finds the first value, and all members of a list', () => {
    const fields = ['Via', '1.1 a, 1.0 b', 'via', '2.0 c,', 'X', ''];
    expect(valueOf(fields, 'via')).toBe('1.1 a, 1.0 b');
    expect(valueOf(fields, 'y')).toBeUndefined();
    expect(listOf(fields, 'via')).toEqual(['1.1 a', '1.0 b', '2.0 c']);
  });
});
