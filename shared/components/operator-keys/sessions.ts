import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../devices/clock.ts';
import type { SecureRandom } from '../../devices/random.ts';

/** A working day: `lares open` is at hand when it is over. */
export const SESSION_LIFETIME_MS = 12 * 3_600_000;
/** A few people with a few devices each; the oldest gives way. */
export const SESSIONS_MAX = 64;
const SESSION_ID_BYTES = 32;

export interface Sessions {
  /** Begins a session of that operator and returns its secret, base64url. */
  begin(operatorName: string): string;
  /** The operator whose session it is, or undefined. */
  find(secret: string): string | undefined;
  /** How many sessions are open. */
  count(): number;
}

interface Session {
  readonly digest: Uint8Array;
  readonly operatorName: string;
  readonly endsMs: number;
}

/** Sessions live in memory alone: a restart ends them. Only hashes of the secrets are kept. Ages are monotonic. */
export function createSessions(devices: {
  readonly clock: Clock;
  readonly secureRandom: SecureRandom;
}): Sessions {
  let sessions: Session[] = [];
  const dropEnded = (): void => {
    const now = devices.clock.monotonic();
    sessions = sessions.filter(session => session.endsMs > now);
  };
  return {
    begin(operatorName) {
      dropEnded();
      const secret = Buffer.from(devices.secureRandom.bytes(SESSION_ID_BYTES)).toString('base64url');
      const endsMs = devices.clock.monotonic() + SESSION_LIFETIME_MS;
      sessions = [...sessions.slice(1 - SESSIONS_MAX), { digest: digestOf(secret), operatorName, endsMs }];
      return secret;
    },
    find(secret) {
      dropEnded();
      const digest = digestOf(secret);
      // Every session is compared, so that the time taken does not tell which one was nearest.
      return sessions.filter(session => timingSafeEqual(session.digest, digest))[0]?.operatorName;
    },
    count() {
      dropEnded();
      return sessions.length;
    },
  };
}

function digestOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}
