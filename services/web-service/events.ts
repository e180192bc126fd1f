import type { Devices } from '../../shared/devices/devices.ts';
import type { Endpoint } from '../../shared/devices/tcp.ts';

/** What happens in this service, each once: a line in the log, a count, or both. */
export interface Events {
  listening(http: Endpoint, https: Endpoint): void;
  malformed(protocol: Protocol): void;
  /** Nobody got a connection to the port of HTTPS; see the front's reasons. */
  connectionRefused(reason: string): void;
  /** A fault of ours that cost a connection. */
  connectionFailed(owner: string, error: unknown): void;
  answerFailed(error: unknown): void;
}

export type Protocol = 'http' | 'http/1.1' | 'h2';

export function createEvents({ log, metrics }: Pick<Devices, 'log' | 'metrics'>): Events {
  const malformed = metrics.counter(
    'lares_web_malformed_total',
    'Requests or frames that broke the protocol.',
    ['protocol'],
  );
  const refusals = metrics.counter(
    'lares_web_connections_refused_total',
    'Connections to the HTTPS port that ended before a request, by reason: a failed handshake, an unknown name, no TLS.',
    ['reason'],
  );
  return {
    listening: (http, https) => log.info({ http, https }, 'the web service is listening'),
    malformed: protocol => malformed.add(1, { protocol }),
    connectionRefused: reason => refusals.add(1, { reason }),
    connectionFailed: (owner, error) =>
      log.error({ owner, reason: messageOf(error) }, 'a connection could not be served'),
    answerFailed: error => log.error({ reason: messageOf(error) }, 'a request could not be answered'),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
