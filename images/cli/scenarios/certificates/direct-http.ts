import type { Clock } from '../../../../shared/devices/clock.ts';
import { DeviceError } from '../../../../shared/devices/device-error.ts';
import {
  HTTP_TIMEOUT_DEFAULT_MS,
  type Http,
  type HttpRequest,
  type HttpResponse,
} from '../../../../shared/devices/http.ts';
import type { Prng } from '../../../../shared/simulation/prng.ts';
import type { AuthorityHost } from './authority-host.ts';

export interface DirectHttpOptions {
  readonly hosts: readonly AuthorityHost[];
  /** Waits that end with the host's life. */
  readonly clock: Clock;
  readonly prng: Prng;
  /** How many answers are lost although the request was taken: the worst that can happen to a protocol of orders. */
  readonly lostAnswers: number;
  /** What any other name answers: the appliance knocks at its own door. */
  readonly elsewhere: (request: HttpRequest) => HttpResponse;
  /** Sees each request when it is on its way, before it is taken. */
  readonly onRequest: (host: AuthorityHost, request: HttpRequest) => void;
  /** Sees each answer that came all the way. */
  readonly onAnswer: (host: AuthorityHost, request: HttpRequest, answer: HttpResponse) => void;
}

const SLOW_MS = 20_000;
const LATENCY_MS = [5, 120] as const;

/**
 * Http straight to the authorities, one event for each way: three years of polling by the world's TCP and TLS would take minutes of
 * computing and show nothing about certificates.
 */
export function createDirectHttp(options: DirectHttpOptions): Http {
  const { hosts, clock, prng, lostAnswers, elsewhere, onRequest, onAnswer } = options;
  return {
    async request(request) {
      const { url, signal } = request;
      await clock.sleep(prng.between(...LATENCY_MS), signal);
      const host = hosts.find(({ hostname }) => hostname === url.hostname);
      if (host === undefined) return elsewhere(request);
      await suffer(host, request, clock);
      onRequest(host, request);
      const { status, headers, body } = host.receive(request);
      await clock.sleep(prng.between(...LATENCY_MS), signal);
      if (prng.chance(lostAnswers)) throw new DeviceError('reset', `${url.host} closed without a response`);
      const answer = { status, headers, body: Uint8Array.from(body) };
      onAnswer(host, request, answer);
      return answer;
    },
  };
}

async function suffer(host: AuthorityHost, request: HttpRequest, clock: Clock): Promise<void> {
  const { url, timeoutMs = HTTP_TIMEOUT_DEFAULT_MS, signal } = request;
  if (host.weather === 'refused') throw new DeviceError('refused', `${url.host} refuses connections`);
  if (host.weather === 'slow and unavailable') await clock.sleep(SLOW_MS, signal);
  if (host.weather !== 'hangs') return;
  await clock.sleep(timeoutMs, signal);
  throw new DeviceError('timed-out', `no answer from ${url.host} within ${timeoutMs} ms`);
}
