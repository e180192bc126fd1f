import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8, parseHex } from '../../../base/bytes.ts';
import { Prng } from '../../../simulation/prng.ts';
import { seededSigningKey } from '../../../simulation/signing-key.ts';
import { formatBase32hex } from '../base32hex.ts';
import { TYPE } from '../message.ts';
import { equalNames, formatName, nameBytes, type Name } from '../name.ts';
import { formatData } from '../record-types/presentation.ts';
import { compareCanonical } from '../rrset.ts';
import { denyName, denyTypes, signOnline, type OnlineSigner } from './compact-denial.ts';
import { ALGORITHM, encodeDnskey } from './dnskey.ts';
import { nameSuccessor } from './name-successor.ts';
import { hashName } from './nsec3.ts';
import { verifyRRset } from './verify-rrset.ts';

const name = (text: string): Name => text.split('.').map(encodeUtf8);

describe('hashName()', () => {
  // RFC 5155 appendix A.
  it.each([
    ['example', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
    ['a.example', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
    ['NS1.example', '2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
    ['*.w.example', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
    ['xx.example', 't644ebqk9bibcna874givr6joj62mlhv'],
  ])('of %s is %s with 12 iterations and salt aabbccdd', (text, hash) => {
    const salt = parseHex('aabbccdd') as Uint8Array;
    expect(formatBase32hex(hashName(name(text), 12, salt)).toLowerCase()).toBe(hash);
  });
});

describe('nameSuccessor()', () => {
  const apex = name('example');
  const byte = fc.constantFrom(0x00, 0x01, 0x40, 0x5a, 0x5b, 0x61, 0x7a, 0xfe, 0xff);
  const label = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 3 }),
    // The longest labels there can be.
    fc.array(byte, { minLength: 60, maxLength: 63 }).map(bytes => Uint8Array.from(bytes)),
  );
  const below = fc
    .array(label, { minLength: 0, maxLength: 5 })
    .map(labels => [...labels, ...apex])
    .filter(labels => nameBytes(labels) <= 255);

  it('comes behind the name, and nothing comes between', () => {
    fc.assert(
      fc.property(below, below, (one, other) => {
        const next = nameSuccessor(one, apex);
        expect(nameBytes(next)).toBeLessThanOrEqual(255);
        const isLast = equalNames(next, apex);
        if (!isLast) expect(compareCanonical(one, next)).toBeLessThan(0);
        const isBetween = compareCanonical(one, other) < 0 && (isLast || compareCanonical(other, next) < 0);
        expect(isBetween).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  const long = (...lengths: number[]): Name => [
    ...lengths.map(length => new Uint8Array(length).fill(0xff)),
    ...apex,
  ];

  it.each<[string, Name, Name]>([
    ['a zero byte below it', name('a.example'), [Uint8Array.of(0), ...name('a.example')]],
    [
      'a longer label where there is no room below',
      long(52, 63, 63, 63),
      [Uint8Array.of(...new Uint8Array(52).fill(0xff), 0), ...long(63, 63, 63)],
    ],
    [
      'a raised byte where there is no room at all',
      [new Uint8Array(53).fill(0x40), ...long(63, 63, 63)],
      [Uint8Array.of(...new Uint8Array(52).fill(0x40), 0x5b), ...long(63, 63, 63)],
    ],
    [
      'a byte behind `z` where the last is an upper-case Z',
      [new Uint8Array(53).fill(0x5a), ...long(63, 63, 63)],
      [Uint8Array.of(...new Uint8Array(52).fill(0x5a), 0x7b), ...long(63, 63, 63)],
    ],
    ['the apex behind the last', long(53, 63, 63, 63), apex],
  ])('is %s', (_, one, next) => {
    expect(nameSuccessor(one, apex)).toEqual(next);
  });
});

describe('compact denial', () => {
  const zsk = seededSigningKey(new Prng('online'), { algorithm: ALGORITHM.ED25519, ksk: false });
  const validity = { inceptionSeconds: 1000, expirationSeconds: 3000 };
  const signer: OnlineSigner = { apex: name('example'), zsk: [zsk], validity };
  const place = { apex: signer.apex, ttlSeconds: 300 };
  const trusted = { apex: signer.apex, dnskeys: [encodeDnskey(zsk.dnskey)] };

  it('denies a name by an NSEC of its own with NXNAME (RFC 9824 §3.1)', () => {
    const nsec = denyName(name('nothing.example'), place);
    expect(formatName(nsec.owner)).toBe('nothing.example');
    expect(formatData(TYPE.NSEC, nsec.data[0] as Uint8Array)).toBe(
      '\\000.nothing.example. RRSIG NSEC NXNAME',
    );
    const [signature = new Uint8Array()] = signOnline(nsec, signer);
    expect(verifyRRset(nsec, signature, trusted, 2000)).toMatchObject({
      ok: true,
      value: { fromWildcard: false },
    });
  });

  it('shows the types of a wildcard at the name that it makes (RFC 9824 §3.3)', () => {
    const nsec = denyTypes(name('any.example'), [TYPE.TXT, TYPE.NSEC], place);
    expect(formatData(TYPE.NSEC, nsec.data[0] as Uint8Array)).toBe('\\000.any.example. TXT RRSIG NSEC');
  });
});
