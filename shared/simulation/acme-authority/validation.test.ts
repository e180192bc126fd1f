import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeCertificate, extension, publicKeyDerOf } from './certificate.ts';
import { octetString } from './der.ts';
import { BASE, START_MS } from './test-client.ts';
import {
  ACME_IDENTIFIER,
  judgeDns,
  judgeHttp,
  judgePersistentDns,
  judgeTls,
  type Finding,
} from './validation.ts';

describe('proofs', () => {
  const keyAuthorization = 'token.thumbprint';
  const action = {
    challengeId: '1',
    type: 'http-01',
    identifier: { type: 'dns', value: 'example.org' },
    token: 'token',
    keyAuthorization,
    isWildcard: false,
    accountUrl: `${BASE}/account/1`,
  } as const;
  const digest = createHash('sha256').update(keyAuthorization).digest();

  it('by HTTP are the body of a 200, white space after it ignored', () => {
    expect(judgeHttp(action, 200, `${keyAuthorization}\n`)).toBeUndefined();
    expect(judgeHttp(action, 404, keyAuthorization)).toBeDefined();
    expect(judgeHttp(action, 200, 'token.other')).toBeDefined();
  });

  it('by DNS are one TXT record among others', () => {
    expect(judgeDns(action, ['x', digest.toString('base64url')])).toBeUndefined();
    expect(judgeDns(action, [digest.toString('base64')])).toBeDefined();
  });

  it('by a standing record name authority and account, and allow wildcards only when they say so', () => {
    const text = `CA.test ; accounturi=${action.accountUrl}`;
    const judge = (record: string, isWildcard = false): Finding =>
      judgePersistentDns({ ...action, isWildcard }, [record], 'ca.test', START_MS);
    expect(judge(text)).toBeUndefined();
    expect(judge(text, true)).toBeDefined();
    expect(judge(`${text}; policy=wildcard`, true)).toBeUndefined();
    expect(judge(`${text}; persistUntil=${START_MS / 1000 - 1}`)).toBeDefined();
    expect(judge(text.replace('/1', '/2'))).toBeDefined();
    expect(judge(text.replace('CA', 'other'))).toBeDefined();
  });

  const right = { protocol: 'acme-tls/1', name: 'example.org', value: digest, isCritical: true };
  it.each([
    ['the right one', {}, true],
    ['another protocol', { protocol: 'h2' }, false],
    ['another name', { name: 'example.net' }, false],
    ['another digest', { value: digest.subarray(1) }, false],
    ['an extension that is not critical', { isCritical: false }, false],
  ])('by TLS are a certificate: %s', (_what, change, isRight) => {
    const { protocol, name, value, isCritical } = { ...right, ...change };
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const der = encodeCertificate(
      {
        serial: Uint8Array.of(1),
        subject: 'x',
        publicKeyDer: publicKeyDerOf(privateKey),
        notBeforeMs: START_MS,
        notAfterMs: START_MS + 86_400_000,
        names: [name],
        extensions: [extension(ACME_IDENTIFIER, octetString(value), isCritical)],
      },
      { name: 'x', key: privateKey },
    );
    expect(judgeTls(action, protocol, der) === undefined).toBe(isRight);
  });
});
