import { expect, it } from 'vitest';
import { concatBytes, decodeUtf8 } from '../../shared/base/bytes.ts';
import { plainAnswer } from './plain-answer.ts';

const certificates = {
  keyAuthorizationFor: (token: string) => (token === 'abc-_1' ? 'abc-_1.thumbprint' : undefined),
};
const place = { names: ['example.org'], port: 443 };

function ask(method: string, target: string): [number, string] {
  const { status, fields, body } = plainAnswer(
    { method, target, fields: { host: 'example.org' } },
    certificates,
    place,
  );
  const location = fields[fields.indexOf('location') + 1] ?? '';
  return [status, status === 200 ? decodeUtf8(concatBytes(body)) : location];
}

it.each([
  ['a token that an authority asks for', 'GET abc-_1', [200, 'abc-_1.thumbprint']],
  ['the same without content', 'HEAD abc-_1', [200, '']],
  ['a token of nobody', 'GET other', [308, 'https://example.org/.well-known/acme-challenge/other']],
  ['another method', 'POST abc-_1', [308, 'https://example.org/.well-known/acme-challenge/abc-_1']],
  ['what is below', 'GET abc-_1/x', [308, 'https://example.org/.well-known/acme-challenge/abc-_1/x']],
])('%s', (_what, asked, said) => {
  const [method = '', token = ''] = asked.split(' ');
  expect(ask(method, `/.well-known/acme-challenge/${token}`)).toEqual(said);
});

it('sends all else to HTTPS', () => {
  expect(ask('GET', '/a?b')).toEqual([308, 'https://example.org/a?b']);
});
