import { expect, it } from 'vitest';
import { createVerifier } from '../../../shared/protocols/dns/dnssec/verifier.ts';
import { createPrivateKeyPem, signingKeyOf } from './signing-key.ts';

it.each([13, 15] as const)('a key of algorithm %i signs what its public half verifies', algorithm => {
  const key = signingKeyOf(createPrivateKeyPem(algorithm), { algorithm, role: 'csk' });
  const data = Uint8Array.of(1, 2, 3);
  const verify = createVerifier(key.dnskey);
  expect(verify?.(data, key.sign(data))).toBe(true);
  expect(verify?.(Uint8Array.of(1, 2, 4), key.sign(data))).toBe(false);
  expect(key.dnskey).toMatchObject({ flags: 257, algorithm });
});
