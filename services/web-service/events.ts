import type { Devices } from '../../shared/devices/devices.ts';
import type { Endpoint } from '../../shared/devices/tcp.ts';

/** What happens in this service, each once: a line in the log, a count, or both. */
export interface Events {
  listening(http: Endpoint, https: Endpoint): void;
  certificateMade(validUntilMs: number): void;
  certificateFailed(error: unknown): void;
  answered(protocol: Protocol, status: number): void;
  malformed(protocol: Protocol): void;
  handshakeFailed(): void;
  answerFailed(error: unknown): void;
}

export type Protocol = 'http' | 'http/1.1' | 'h2';

export function createEvents({ log, metrics }: Pick<Devices, 'log' | 'metrics'>): Events {
  const answers = metrics.counter('lares_web_responses_total', 'Responses by protocol and class of status.', [
    'protocol',
    'class',
  ]);
  const malformed = metrics.counter(
    'lares_web_malformed_total',
    'Requests or frames that broke the protocol.',
    ['protocol'],
  );
  const handshakes = metrics.counter(
    'lares_web_handshakes_failed_total',
    'TLS handshakes that did not end well.',
  );
  const expiry = metrics.gauge(
    'lares_web_certificate_expiry_seconds',
    'When the certificate expires, Unix time.',
  );
  return {
    listening: (http, https) => log.info({ http, https }, 'the web service is listening'),
    certificateMade(validUntilMs) {
      expiry.set(validUntilMs / 1000);
      log.info({ validUntil: new Date(validUntilMs).toISOString() }, 'the self-signed certificate is ready');
    },
    certificateFailed: error => log.error({ reason: messageOf(error) }, 'no new certificate could be made'),
    answered: (protocol, status) => answers.add(1, { protocol, class: `${Math.floor(status / 100)}xx` }),
    malformed: protocol => malformed.add(1, { protocol }),
    handshakeFailed: () => handshakes.add(1),
    answerFailed: error => log.error({ reason: messageOf(error) }, 'a request could not be answered'),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
