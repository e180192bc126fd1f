import type { Clock } from '../../../shared/devices/clock.ts';
import { EXCHANGE_TARGET_MAX, type Exchange } from '../../../shared/devices/http-exchange.ts';
import { fieldOf, type Request } from '../../../shared/protocols/http/message.ts';

/** An exchange as its engine tells of it. */
export interface RunningExchange {
  /** `site` as in {@link Exchange}. */
  answered(status: number, site: number): void;
  sent(bytes: number): void;
  /** The answer has gone out, or the client has left. */
  end(): void;
}

/** The longest registered one, UPDATEREDIRECTREF, fits. */
const METHOD_MAX_CHARS = 20;

/** No RFC has a number for a client that left before its answer; this is nginx's. */
const CLIENT_LEFT = 499;

/** Notes each exchange of one protocol, and gives it to `add` when it has ended. */
export function noteExchanges(
  protocol: Exchange['protocol'],
  clock: Clock,
  add: (exchange: Exchange) => void,
): (request: Request, client: string | undefined) => RunningExchange {
  return (request, client) => {
    const begunMs = clock.monotonic();
    let status = CLIENT_LEFT;
    let site = -1;
    let sentBytes = 0;
    return {
      answered(given, from) {
        status = given;
        site = from;
      },
      sent: bytes => void (sentBytes += bytes),
      end() {
        const referrer = fieldOf(request, 'referer');
        const agent = fieldOf(request, 'user-agent');
        add({
          site,
          protocol,
          // Over HTTP/2 a method is any token, of any length.
          method: request.method.slice(0, METHOD_MAX_CHARS),
          target: request.target.slice(0, EXCHANGE_TARGET_MAX),
          status,
          sentBytes,
          durationMs: clock.monotonic() - begunMs,
          endMs: clock.now(),
          client,
          ...(referrer === undefined ? {} : { referrer }),
          ...(agent === undefined ? {} : { agent }),
        });
      },
    };
  };
}
