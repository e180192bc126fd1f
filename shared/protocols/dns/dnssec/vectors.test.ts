import { createPrivateKey, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseHex } from '../../../base/bytes.ts';
import { TYPE } from '../message.ts';
import { parseName, type Name } from '../name.ts';
import type { RRset } from '../rrset.ts';
import { digestKey, DIGEST_TYPE } from './delegation-signer.ts';
import { decodeDnskey, encodeDnskey, keyTag, type Dnskey } from './dnskey.ts';
import { decodeRrsig, encodeRrsig, encodeUnsigned, signedData, type Rrsig } from './signature.ts';
import { verifyRRset } from './verify-rrset.ts';

function name(text: string): Name {
  const parsed = parseName(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function dnskey(flags: number, algorithm: number, base64: string): Dnskey {
  return { flags, protocol: 3, algorithm, publicKey: Uint8Array.fromBase64(base64) };
}

const seconds = (time: string): number =>
  Date.parse(time.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z')) / 1000;

interface Vector {
  readonly rfc: string;
  readonly dnskey: Dnskey;
  readonly tag: number;
  readonly ds?: string;
  readonly rrset: RRset;
  readonly expiration: string;
  readonly inception: string;
  readonly signature: string;
}

const address: RRset = {
  owner: name('www.example.net'),
  type: TYPE.A,
  ttlSeconds: 3600,
  data: [Uint8Array.of(192, 0, 2, 1)],
};
const mail: RRset = {
  owner: name('example.com'),
  type: TYPE.MX,
  ttlSeconds: 3600,
  // 10 mail.example.com.
  data: [parseHex('000a046d61696c076578616d706c6503636f6d00') as Uint8Array],
};

const vectors: Vector[] = [
  {
    rfc: 'RFC 5702 §6.1: RSA with SHA-256',
    dnskey: dnskey(
      256,
      8,
      'AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=',
    ),
    tag: 9033,
    rrset: { ...address, data: [Uint8Array.of(192, 0, 2, 91)] },
    expiration: '20300101000000',
    inception: '20000101000000',
    signature: 'kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==',
  },
  {
    rfc: 'RFC 5702 §6.2: RSA with SHA-512',
    dnskey: dnskey(
      256,
      10,
      'AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL',
    ),
    tag: 3740,
    rrset: { ...address, data: [Uint8Array.of(192, 0, 2, 91)] },
    expiration: '20300101000000',
    inception: '20000101000000',
    signature:
      'tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=',
  },
  {
    rfc: 'RFC 6605 §6.1: P-256',
    dnskey: dnskey(
      257,
      13,
      'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
    ),
    tag: 55648,
    ds: '2:b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17',
    rrset: address,
    expiration: '20100909100439',
    inception: '20100812100439',
    signature: 'qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==',
  },
  {
    rfc: 'RFC 6605 §6.2: P-384',
    dnskey: dnskey(
      257,
      14,
      'xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40',
    ),
    tag: 10771,
    ds: '4:72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6',
    rrset: address,
    expiration: '20100909102025',
    inception: '20100812102025',
    signature:
      '/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm',
  },
  {
    rfc: 'RFC 8080 §6.1: Ed25519, the signature of erratum 4935',
    dnskey: dnskey(257, 15, 'l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4='),
    tag: 3613,
    ds: '2:3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b',
    rrset: mail,
    expiration: '20150819220000',
    inception: '20150729220000',
    signature: 'oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==',
  },
];

function rrsigOf(vector: Vector): Rrsig {
  return {
    typeCovered: vector.rrset.type,
    algorithm: vector.dnskey.algorithm,
    labels: vector.rrset.owner.length,
    originalTtlSeconds: 3600,
    expirationSeconds: seconds(vector.expiration),
    inceptionSeconds: seconds(vector.inception),
    keyTag: vector.tag,
    signer: vector.rrset.owner.slice(-2),
    signature: Uint8Array.fromBase64(vector.signature),
  };
}

function verify(vector: Vector, nowSeconds = seconds(vector.inception), change: Partial<Rrsig> = {}) {
  const rrsig = encodeRrsig({ ...rrsigOf(vector), ...change });
  const zone = { apex: vector.rrset.owner.slice(-2), dnskeys: [encodeDnskey(vector.dnskey)] };
  return verifyRRset(vector.rrset, rrsig, zone, nowSeconds);
}

describe('keys', () => {
  it.each(vectors)('have the tag of $rfc', ({ dnskey, tag }) => {
    expect(keyTag(encodeDnskey(dnskey))).toBe(tag);
    expect(decodeDnskey(encodeDnskey(dnskey))).toEqual(dnskey);
  });

  it('have the tag and digest of RFC 4034 §5.4 and RFC 4509 §2.3', () => {
    const data = encodeDnskey(
      dnskey(
        256,
        5,
        'AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==',
      ),
    );
    expect(keyTag(data)).toBe(60485);
    expect(digestKey(name('DSKEY.example.com'), data, DIGEST_TYPE.SHA256)).toEqual(
      parseHex('ec450502d4b7d520e7bb5f0f67674a0cceb1e3e0614b93c4f9e99b8383f6a1e4469da50a'),
    );
  });

  it.each(vectors.filter(({ ds }) => ds !== undefined))('have the digest of $rfc', vector => {
    const { rrset, dnskey, ds = '' } = vector;
    const [type, digest] = ds.split(':') as ['2' | '4', string];
    const data = digestKey(rrset.owner.slice(-2), encodeDnskey(dnskey), Number(type) as 2 | 4);
    expect(data.subarray(4).toHex()).toBe(digest);
  });

  it('are not read where protocol or length are wrong', () => {
    expect(decodeDnskey(Uint8Array.of(1, 1, 2, 13, 1))).toBeUndefined();
    expect(decodeDnskey(Uint8Array.of(1, 1, 3, 13))).toBeUndefined();
  });
});

describe('verifyRRset()', () => {
  it.each(vectors)('accepts the signature of $rfc', vector => {
    expect(verify(vector).ok).toBe(true);
  });

  it.each(vectors)('refuses the signature of $rfc over other data', vector => {
    const data = vector.rrset.data.map(one => one.map((byte, at) => (at === 1 ? byte ^ 1 : byte)));
    const verified = verify({ ...vector, rrset: { ...vector.rrset, data } });
    expect(verified).toMatchObject({ ok: false, error: expect.stringContaining('no key') });
  });

  const p256 = vectors.find(({ tag }) => tag === 55648) as Vector;

  it('counts seconds around 2106 as serial numbers (RFC 4034 §3.1.5)', () => {
    expect(verify(p256, seconds(p256.expiration)).ok).toBe(true);
    expect(verify(p256, seconds(p256.expiration) + 1)).toMatchObject({ error: 'the signature has expired' });
    expect(verify(p256, seconds(p256.inception) - 1)).toMatchObject({
      error: 'the signature is not yet valid',
    });
    expect(verify(p256, seconds(p256.inception) + 2 ** 32).ok).toBe(true);
  });

  it.each<[string, Partial<Rrsig>]>([
    ['the signature covers another type', { typeCovered: TYPE.AAAA }],
    ['the signer is not the zone', { signer: name('net') }],
    ['the signature is for more labels than the owner has', { labels: 4 }],
    ['the signature is for a wildcard above the zone', { labels: 1 }],
  ])('says that %s', (error, change) => {
    expect(verify(p256, seconds(p256.inception), change)).toEqual({ ok: false, error });
  });

  it.each([
    ['without the zone bit (RFC 4034 §2.1.1)', 1],
    ['that is revoked (RFC 5011 §2.1)', 0x181],
  ])('takes no key %s', (_, flags) => {
    const changed = { ...p256.dnskey, flags };
    const vector = { ...p256, dnskey: changed, tag: keyTag(encodeDnskey(changed)) };
    expect(verify(vector).ok).toBe(false);
  });

  it('takes no key that is not on its curve', () => {
    const changed = { ...p256.dnskey, publicKey: new Uint8Array(64).fill(7) };
    const vector = { ...p256, dnskey: changed, tag: keyTag(encodeDnskey(changed)) };
    expect(verify(vector).ok).toBe(false);
  });
});

describe('signedData()', () => {
  it('is what RFC 8080 §6.1 signs: its private key gives its signature', () => {
    const vector = vectors.find(({ tag }) => tag === 3613) as Vector;
    const key = createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'OKP',
        crv: 'Ed25519',
        d: Buffer.from('ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=', 'base64').toString('base64url'),
        x: Buffer.from(vector.dnskey.publicKey).toString('base64url'),
      },
    });
    const data = signedData(vector.rrset, encodeUnsigned(rrsigOf(vector)));
    expect(sign(null, data, key).toString('base64')).toBe(vector.signature);
  });

  it('signs the wildcard where the owner was made from one (RFC 4035 §5.3.2)', () => {
    const unsigned = encodeUnsigned({ ...rrsigOf(vectors[2] as Vector), labels: 2 });
    const fromWildcard = signedData(address, unsigned);
    expect(fromWildcard).toEqual(signedData({ ...address, owner: name('*.example.net') }, unsigned));
    expect(fromWildcard).not.toEqual(signedData(address, encodeUnsigned(rrsigOf(vectors[2] as Vector))));
  });

  it('is the same in any case and order, and for records that are there twice (RFC 4034 §6)', () => {
    const unsigned = encodeUnsigned({ ...rrsigOf(vectors[4] as Vector), typeCovered: TYPE.NS });
    const one = parseHex('026e7303636f6d00') as Uint8Array;
    const oneAsWell = parseHex('024e7303436f4d00') as Uint8Array;
    const two = parseHex('026e7403636f6d00') as Uint8Array;
    const rrset = { ...mail, type: TYPE.NS };
    expect(signedData({ ...rrset, data: [two, oneAsWell, one] }, unsigned)).toEqual(
      signedData({ ...rrset, owner: name('EXAMPLE.com'), data: [one, two] }, unsigned),
    );
  });
});

describe('RRSIG data', () => {
  it('is read as it was written', () => {
    const rrsig = rrsigOf(vectors[0] as Vector);
    expect(decodeRrsig(encodeRrsig(rrsig))).toEqual(rrsig);
  });

  it('is refused where it is short or has a compressed name', () => {
    const data = encodeRrsig(rrsigOf(vectors[0] as Vector));
    expect(decodeRrsig(data.subarray(0, 25))).toBeUndefined();
    const pointing = Uint8Array.from([...data.subarray(0, 17), 0, 0xc0, 17, 1, 2, 3]);
    expect(decodeRrsig(pointing)).toBeUndefined();
  });
});
