import type { Timer } from '../../shared/devices/clock.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { UdpServer, UdpServerCounters } from '../../shared/devices/udp.ts';
import type { StreamTransport } from '../../shared/protocols/dns/answer/stream-responder.ts';
import { COUNT_INTERVAL_MS } from './limits.ts';
import type { StreamServer } from './passed-on/stream-server.ts';
import type { QueryStatistics } from './query-statistics.ts';

interface Counting {
  readonly udp: UdpServer;
  /** undefined: the transport is not served. */
  readonly streams: Readonly<Record<StreamTransport, StreamServer | undefined>>;
  readonly queries: QueryStatistics;
}

/** Takes what servers and planes counted over into the metrics, now and then. */
export function countInMetrics(
  { udp, streams, queries }: Counting,
  { clock, metrics }: Pick<Devices, 'clock' | 'metrics'>,
): Disposable {
  const datagrams = metrics.counter('lares_dns_datagrams_total', 'Datagrams by what became of them.', [
    'outcome',
  ]);
  const byTransport = ['transport'] as const;
  const answers = metrics.counter(
    'lares_dns_stream_answers_total',
    'Messages sent in answer over streams.',
    byTransport,
  );
  const open = metrics.gauge('lares_dns_streams', 'Connections that are open.', byTransport);
  const served = STREAM_TRANSPORTS.flatMap(transport => {
    const server = streams[transport];
    return server === undefined ? [] : [{ server, labels: { transport }, counted: 0 }];
  });
  let before: UdpServerCounters | undefined;
  let timer: Timer;
  const count = (): void => {
    const now = udp.counters();
    for (const outcome of ['answered', 'passedOn', 'dropped'] as const)
      datagrams.add(now[outcome] - (before?.[outcome] ?? 0), { outcome: LABELS[outcome] });
    for (const each of served) {
      const counts = each.server.counts();
      answers.add(counts.answered - each.counted, each.labels);
      open.set(counts.open, each.labels);
      each.counted = counts.answered;
    }
    queries.update();
    before = now;
    timer = clock.timer(COUNT_INTERVAL_MS, count);
  };
  count();
  return { [Symbol.dispose]: () => timer.cancel() };
}

const STREAM_TRANSPORTS = ['tcp', 'tls', 'https'] as const;

const LABELS = { answered: 'answered', passedOn: 'passed_on', dropped: 'dropped' } as const;
