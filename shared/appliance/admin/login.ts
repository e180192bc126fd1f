import { err, ok, type Result } from '../../base/result.ts';
import { verifyLoginToken, type LoginRefusal } from '../../components/operator-keys/login-token.ts';
import { createReplayGuard } from '../../components/operator-keys/replay-guard.ts';
import type { Clock } from '../../devices/clock.ts';
import type { Log } from '../../devices/log.ts';
import type { Access } from './access.ts';

/** Takes a log-in token; the value is the new session's secret and whose it is. */
export type LogIn = (
  token: string,
  client: string,
) => Result<{ readonly secret: string; readonly operatorName: string }, LoginRefusal>;

export function createLogIn(
  devices: { readonly clock: Clock; readonly log: Log },
  access: Access & { readonly fingerprint: string },
): LogIn {
  const guard = createReplayGuard();
  return (token, client) => {
    const nowMs = devices.clock.now();
    const { fingerprint, operators } = access;
    const verified = verifyLoginToken(token, { fingerprint, operators, nowMs });
    const refusal = verified.ok ? replay(guard, verified.value, nowMs) : verified.error;
    if (!verified.ok || refusal !== undefined) {
      devices.log.warn({ client, reason: refusal }, 'log-in refused');
      return err(refusal ?? 'malformed');
    }
    const operatorName = verified.value.operator.name;
    devices.log.info({ client, operator: operatorName }, 'operator logged in');
    return ok({ secret: access.sessions.begin(operatorName), operatorName });
  };
}

function replay(
  guard: ReturnType<typeof createReplayGuard>,
  token: { readonly nonce: string; readonly expiresMs: number },
  nowMs: number,
): LoginRefusal | undefined {
  const taken = guard.take(token.nonce, token.expiresMs, nowMs);
  return taken === 'fresh' ? undefined : taken;
}

/** For the person whose link was refused. */
export const REFUSAL_TEXTS: Readonly<Record<LoginRefusal, string>> = {
  malformed: 'That is not a log-in link',
  expired: 'That link has expired',
  'too-long-lived': 'That link is dated in the future',
  'unknown-operator': 'That link is not for this appliance, or its operator is not known here',
  used: 'That link was used already',
  busy: 'Too many log-ins at once; try again in a minute',
};
