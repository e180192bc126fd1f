import type { Timer } from '../../shared/devices/clock.ts';
import type { Devices } from '../../shared/devices/devices.ts';
import type { UdpServer, UdpServerCounters } from '../../shared/devices/udp.ts';
import { COUNT_INTERVAL_MS } from './limits.ts';
import type { StreamCounts, StreamServer } from './passed-on/stream-server.ts';
import type { QueryStatistics } from './query-statistics.ts';

interface Counting {
  readonly udp: UdpServer;
  readonly streams: StreamServer;
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
  const answers = metrics.counter('lares_dns_stream_answers_total', 'Messages answered over TCP.');
  const open = metrics.gauge('lares_dns_streams', 'Connections by TCP that are open.');
  let before: { readonly datagrams: UdpServerCounters; readonly streams: StreamCounts } | undefined;
  let timer: Timer;
  const count = (): void => {
    const now = { datagrams: udp.counters(), streams: streams.counts() };
    for (const outcome of ['answered', 'passedOn', 'dropped'] as const)
      datagrams.add(now.datagrams[outcome] - (before?.datagrams[outcome] ?? 0), { outcome: LABELS[outcome] });
    answers.add(now.streams.answered - (before?.streams.answered ?? 0));
    open.set(now.streams.open);
    queries.update();
    before = now;
    timer = clock.timer(COUNT_INTERVAL_MS, count);
  };
  count();
  return { [Symbol.dispose]: () => timer.cancel() };
}

const LABELS = { answered: 'answered', passedOn: 'passed_on', dropped: 'dropped' } as const;
