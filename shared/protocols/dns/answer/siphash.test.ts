import { expect, it } from 'vitest';
import { SipHash } from './siphash.ts';

/** The keys 00 01 … 0f and the data 00 01 … of the reference implementation's vectors. */
const KEY = Uint8Array.from({ length: 16 }, (_, index) => index);

it.each([
  [0, '310e0edd47db6f72'],
  [1, 'fd67dc93c539f874'],
  [7, '37d1018bf50002ab'],
  [8, '6224939a79f5f593'],
  [15, 'e545be4961ca29a1'],
  [63, '724506eb4c328a95'],
])('hashes %i bytes as the reference implementation does', (length, expected) => {
  const hasher = new SipHash();
  hasher.update(
    Uint8Array.from({ length: 64 }, (_, index) => index),
    length,
    KEY,
    0,
  );
  expect(hasher.hash.toHex()).toBe(expected);
});
