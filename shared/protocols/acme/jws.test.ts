import { createHmac, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bindExternalAccount, encodeBase64Url, signJws, thumbprintOf, type AcmeSigner } from './jws.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
const signer: AcmeSigner = {
  alg: 'ES256',
  jwk: {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  },
  sign: data => data.slice(0, 3),
};

describe('a JSON web key', () => {
  it('has the thumbprint of RFC 7638 §3.1, also where members stand in another order or are not required', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    expect(thumbprintOf({ n, kty: 'RSA', e: 'AQAB' })).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });
});

describe('a signed request', () => {
  it('shows the key for newAccount, and the account for all else (RFC 8555 §6.2)', () => {
    const about = { url: 'https://ca.test/a', nonce: 'n1' };
    expect(decode(signJws(about, {}, signer).protected)).toEqual({ alg: 'ES256', ...about, jwk: signer.jwk });
    const accountUrl = 'https://ca.test/account/1';
    expect(decode(signJws({ ...about, accountUrl }, {}, signer).protected)).toEqual({
      alg: 'ES256',
      ...about,
      kid: accountUrl,
    });
  });

  it('signs what it sends, and nothing for a POST-as-GET', () => {
    const jws = signJws({ url: 'https://ca.test/a', nonce: 'n1' }, undefined, signer);
    expect(jws.payload).toBe('');
    expect(jws.signature).toBe(encodeBase64Url(bytes(`${jws.protected}.`).slice(0, 3)));
    expect(decode(signJws({ url: 'https://ca.test/a', nonce: 'n1' }, { a: 1 }, signer).payload)).toEqual({
      a: 1,
    });
  });
});

it('takes the signature of RFC 7515 §A.3 for what it is', () => {
  const signed =
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
  const signature = 'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
  const key = createPublicKey({ key: { ...signer.jwk }, format: 'jwk' });
  const raw = Buffer.from(signature, 'base64url');
  expect(verify('sha256', bytes(signed), { key, dsaEncoding: 'ieee-p1363' }, raw)).toBe(true);
});

it('binds an account by a MAC over its own key (RFC 8555 §7.3.4)', () => {
  const hmacKey = bytes('secret of the customer');
  const jws = bindExternalAccount({ keyId: 'customer', hmacKey }, 'https://ca.test/new', signer);
  expect(decode(jws.protected)).toEqual({ alg: 'HS256', kid: 'customer', url: 'https://ca.test/new' });
  expect(decode(jws.payload)).toEqual(signer.jwk);
  const mac = createHmac('sha256', hmacKey).update(`${jws.protected}.${jws.payload}`).digest('base64url');
  expect(jws.signature).toBe(mac);
});
