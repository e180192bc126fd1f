import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBech32, encodeBech32 } from './bech32.ts';

describe('Bech32 (BIP 173)', () => {
  it.each([
    'A12UEL5L',
    'a12uel5l',
    'an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs',
  ])('takes the valid vector %s', text => expect(decodeBech32(text)).toMatchObject({ ok: true }));

  it.each(['pzry9x0s0muk', '1pzry9x0s0muk', 'x1b4n0q5v', 'li1dgmt3', 'A1G7SGD8', 'a12UEL5L'])(
    'refuses the invalid vector %s',
    text => expect(decodeBech32(text).ok).toBe(false),
  );

  it('reads the recipient that stands in the age specification', () => {
    const decoded = decodeBech32('age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj');
    expect(decoded.ok && [decoded.value.prefix, decoded.value.bytes.length]).toEqual(['age', 32]);
  });

  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        expect(decodeBech32(encodeBech32('age', bytes))).toEqual({
          ok: true,
          value: { prefix: 'age', bytes },
        });
      }),
    );
  });

  it('never throws on text', () => {
    fc.assert(fc.property(fc.string(), text => void decodeBech32(text)));
  });
});
