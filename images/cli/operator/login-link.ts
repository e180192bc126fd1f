import { randomBytes } from 'node:crypto';
import {
  createLoginToken,
  LOGIN_TOKEN_LIFETIME_MS,
} from '../../../shared/components/operator-keys/login-token.ts';
import type { OperatorKeys } from '../../../shared/components/operator-keys/operator-file.ts';
import { contact, get, type AdminAddress } from './admin-client.ts';

/**
 * A link that lets its bearer in once, within a minute of the appliance's own clock: one whose clock is wrong can still be
 * entered by its owner.
 */
export async function createLoginLink(
  keys: OperatorKeys,
  address: AdminAddress,
  options: { readonly forget: boolean },
): Promise<string> {
  const reached = await contact(address, options);
  const answer = await get(reached, address, '/health');
  answer.resume();
  const applianceTimeMs = Date.parse(answer.headers.date ?? '');
  reached.socket.destroy();
  if (Number.isNaN(applianceTimeMs))
    throw new Error(`${address.endpoint} does not answer as a Lares appliance does`);
  const token = createLoginToken(keys.signingKeyPem, {
    fingerprint: reached.fingerprint,
    expiresMs: applianceTimeMs + LOGIN_TOKEN_LIFETIME_MS,
    nonce: randomBytes(16),
  });
  return `https://${address.endpoint}/login?token=${token}`;
}
