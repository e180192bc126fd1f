import type { Devices } from '../../devices/devices.ts';
import { decodeUtf8, formatHex } from '../../base/bytes.ts';
import { DeviceError } from '../../devices/device-error.ts';
import type { Proofs } from './proofs.ts';

/** Whoever does not answer by then would try the patience of an authority, too. */
const TIMEOUT_MS = 5_000;
const ANSWER_MAX_BYTES = 65_536;

/** Knocks at port 80 of a name as an authority does; undefined where this machine opens, else a sentence. */
export type Reachability = (name: string) => Promise<string | undefined>;

/** Only ever a doubt: many routers do not let their own network in by the public address. */
export function createReachability(
  { http, random }: Pick<Devices, 'http' | 'random'>,
  proofs: Proofs,
  signal: AbortSignal,
): Reachability {
  return async name => {
    const token = formatHex(random.bytes(16));
    using _recognised = proofs.putToken(token, token);
    const url = new URL(`http://${name}/.well-known/acme-challenge/${token}`);
    try {
      const answer = await http.request({
        method: 'GET',
        url,
        timeoutMs: TIMEOUT_MS,
        bodyMaxBytes: ANSWER_MAX_BYTES,
        signal,
      });
      return decodeUtf8(answer.body) === token
        ? undefined
        : `port 80 of ${name} is answered, with HTTP status ${answer.status}, but not by this machine`;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DeviceError)) throw error;
      return `port 80 of ${name} cannot be reached from here (${error.message}); behind some routers that is so although it can be from outside`;
    }
  };
}
