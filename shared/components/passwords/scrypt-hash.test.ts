import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveKey, formatScryptHash, hashPassword, parseScryptHash } from './scrypt-hash.ts';

describe('scrypt (RFC 7914)', () => {
  // RFC 7914 §12, the third vector.
  it('derives the key of the standard', async () => {
    const numbers = { logCost: 14, blockSize: 8, parallelization: 1, salt: Buffer.from('SodiumChloride') };
    expect((await deriveKey('pleaseletmein', numbers, 64)).toString('hex')).toBe(
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    );
  });

  it('takes a password however its letters are composed', async () => {
    const salted = { logCost: 4, blockSize: 8, parallelization: 1, salt: new Uint8Array(16) };
    expect(await deriveKey('cafe\u0301', salted)).toEqual(await deriveKey('caf\u00e9', salted));
  });
});

describe('the line of a hash', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 16 }),
        fc.uint8Array({ minLength: 9, maxLength: 32 }),
        fc.uint8Array({ minLength: 17, maxLength: 64 }),
        (...[logCost, blockSize, parallelization, salt, key]) => {
          const hash = { logCost, blockSize, parallelization, salt, key };
          expect(parseScryptHash(formatScryptHash(hash))).toEqual({ ok: true, value: hash });
        },
      ),
    );
  });

  it('is made with a fresh salt', async () => {
    const [one, two] = [formatScryptHash(await hashPassword('a')), formatScryptHash(await hashPassword('a'))];
    expect(one).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
  });

  it.each([
    ['', 'not a hash'],
    ['hunter2', 'not a hash'],
    ['$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA', 'not a hash'],
    ['$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAA', 'not a hash'],
    ['$scrypt$ln=0,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'not a hash'],
    ['$scrypt$ln=17,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'too hard'],
    ['$scrypt$ln=14,r=8,p=99$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'too hard'],
  ])('%j is refused', (text, error) => {
    expect(parseScryptHash(text)).toEqual({ ok: false, error });
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        parseScryptHash(left);
        parseScryptHash(`$scrypt$ln=4,r=8,p=1$${left}$${right}`);
      }),
    );
  });
});
